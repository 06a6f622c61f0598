//! The cache: one store for each kind that a pass reads, and what the cache does not know yet.

use super::floors::{Floor, Floors};
use super::lenient::Lenient;
use super::slim;
use super::store::{Moved, Store, key};
use kube::{Resource, ResourceExt};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// Namespace and name of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseKey {
    pub namespace: Arc<str>,
    pub name: Arc<str>,
}

impl ReleaseKey {
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for ReleaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// A kind that has a store.
pub trait Kept: Resource<DynamicType = ()> + Clone + fmt::Debug + Send + Sync + 'static {
    const KIND: Kind;
    /// Of all objects of the kind, those with this label are kept.
    const LABEL: Option<&'static str>;
    /// Of all objects of the kind, those with these fields are kept.
    const FIELDS: Option<&'static str>;
    fn store(world: &World) -> &Store<Self>;
    fn change(moved: Moved<Self>) -> Change;
}

/// Writes down once, for each kind: its store, the change it makes, its type, which objects.
macro_rules! kinds {
    ($($store:ident: $kind:ident($type:ty) $(where label $label:literal)? $(where fields $fields:literal)?;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The name of its store, for messages and metrics.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => stringify!($store)),* }
            }
        }

        /// What a watch has told, after the store was brought up to date.
        #[derive(Debug)]
        pub enum Change {
            $($kind(Moved<$type>),)*
            /// The cache now shows every own write for this release.
            CaughtUp(ReleaseKey),
        }

        #[derive(Default)]
        struct Stores { $($store: Store<$type>),* }

        impl World {
            $(pub fn $store(&self) -> &Store<$type> { &self.stores.$store })*

            /// Kinds whose first list is not in yet.
            pub fn awaited(&self) -> Vec<Kind> {
                let mut kinds = Vec::new();
                $(if !self.stores.$store.is_listed() { kinds.push(Kind::$kind) })*
                kinds
            }

            /// Starts a watch for each kind. They end with the returned set.
            pub(super) fn each_kind(visitor: &mut impl ForEachKind) {
                $(visitor.visit::<$type>();)*
            }
        }

        $(impl Kept for $type {
            const KIND: Kind = Kind::$kind;
            const LABEL: Option<&'static str> = None$(.or(Some($label)))?;
            const FIELDS: Option<&'static str> = None$(.or(Some($fields)))?;
            fn store(world: &World) -> &Store<Self> { &world.stores.$store }
            fn change(moved: Moved<Self>) -> Change { Change::$kind(moved) }
        })*
    };
}
pub(super) use kinds;
