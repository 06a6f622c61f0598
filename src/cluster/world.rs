//! The cache: one store for each kind that a pass reads, and what the cache does not know yet.

use super::enforcement::rule;
use super::floors::{Floor, Floors};
use super::lenient::Lenient;
use super::slim;
use super::store::{Moved, Store, key};
use crate::api;
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
pub trait Kept: slim::Object {
    const KIND: Kind;
    /// Which objects of the kind are kept.
    const ONLY: Only;
    /// Older API servers do not know the kind: then there are none, which is no reason to wait.
    const OPTIONAL: bool;
    fn store(world: &World) -> &Store<Self>;
    fn change(moved: Moved<Self>) -> Change;
}

/// Selects objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    All,
    Labelled(&'static str),
    Fields(&'static str),
}

/// Something to do for each kind.
pub(super) trait ForEachKind {
    fn visit<K: Kept + serde::de::DeserializeOwned>(&mut self);
}

/// Writes down once for each kind: its store, its name, its type, and which objects are kept.
macro_rules! kinds {
    (@optional optional) => { true };
    (@optional) => { false };
    ($($store:ident: $kind:ident, $type:ty, $only:expr $(, $optional:ident)?;)*) => {
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
            /// The cache now shows every write that was remembered for this release.
            CaughtUp(ReleaseKey),
        }

        /// All that is known of the cluster. Read by passes, kept up to date by watches.
        pub struct World {
            $(pub $store: Store<$type>,)*
            floors: Floors,
            ready: watch::Sender<bool>,
            on_change: Box<dyn Fn(&World, Change) + Send + Sync>,
        }

        impl World {
            /// An empty cache. `on_change` is called after a store was brought up to date, by the
            /// task that watches: it must not block. It is called during the first lists as well.
            pub fn new(on_change: impl Fn(&World, Change) + Send + Sync + 'static) -> Self {
                Self {
                    $($store: Store::default(),)*
                    floors: Floors::default(),
                    ready: watch::Sender::new(false),
                    on_change: Box::new(on_change),
                }
            }

            /// Kinds whose first list is not in yet.
            pub fn awaited(&self) -> Vec<Kind> {
                let listed = [$((Kind::$kind, self.$store.is_listed())),*];
                listed.into_iter().filter(|(_, is_in)| !is_in).map(|(kind, _)| kind).collect()
            }

            pub(super) fn each_kind(visitor: &mut impl ForEachKind) {
                $(visitor.visit::<$type>();)*
            }
        }

        $(impl Kept for $type {
            const KIND: Kind = Kind::$kind;
            const ONLY: Only = $only;
            const OPTIONAL: bool = kinds!(@optional $($optional)?);
            fn store(world: &World) -> &Store<Self> { &world.$store }
            fn change(moved: Moved<Self>) -> Change { Change::$kind(moved) }
        })*
    };
}

kinds! {
    releases: Release, Lenient<api::ModelRelease>, Only::All;
    policies: Policy, Lenient<api::GovernancePolicy>, Only::All;
    gate_configs: GateConfig, Lenient<api::GateConfig>, Only::All;
    runs: Run, Lenient<api::GateRun>, Only::All;
    approvals: Approval, Lenient<api::ReleaseApproval>, Only::All;
    actions: Action, Lenient<api::ReleaseAction>, Only::All;
    admitted: Admitted, Lenient<api::AdmittedRevision>, Only::All;
    namespaces: Namespace, slim::Namespace, Only::All;
    deployments: Deployment, slim::Deployment, Only::All;
    replica_sets: ReplicaSet, slim::ReplicaSet, Only::All;
    // Every namespace has this one, and every pod mounts it.
    config_maps: ConfigMap, slim::ConfigMap, Only::Fields("metadata.name!=kube-root-ca.crt");
    jobs: Job, slim::Job, Only::Labelled(api::labels::RUN);
    pods: Pod, slim::Pod, Only::Labelled(api::labels::RUN);
    mutating_policies: MutatingPolicy, rule::MutatingPolicy, Only::Labelled(rule::LABEL), optional;
    mutating_bindings: MutatingBinding, rule::MutatingBinding, Only::Labelled(rule::LABEL), optional;
    validating_policies: ValidatingPolicy, rule::ValidatingPolicy, Only::Labelled(rule::LABEL), optional;
    validating_bindings: ValidatingBinding, rule::ValidatingBinding, Only::Labelled(rule::LABEL), optional;
}

impl World {
    /// Whether the first list of every kind is in.
    pub fn ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// Returns once the first list of every kind is in.
    pub async fn until_ready(&self) {
        // The sender lives in self, so waiting cannot fail.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    /// Takes in an object that no watch told of, such as one read from a file.
    pub fn show<K: Kept>(&self, object: K) {
        K::store(self).put(object);
    }

    /// Remembers an own write for this release. `resource_version` is that of the answer. Writes to
    /// objects that the stores leave out must not be remembered here.
    pub fn wrote(&self, release: &ReleaseKey, kind: Kind, resource_version: &str) {
        match resource_version.parse() {
            Ok(version) => {
                self.floors.add(release, Floor::Version { kind, version }, |floor| self.shows(floor));
            }
            Err(_) => {
                tracing::warn!(%release, kind = kind.name(), resource_version, "not a number")
            }
        }
    }

    /// Remembers an own deletion for this release.
    pub fn deleted(&self, release: &ReleaseKey, kind: Kind, namespace: &str, name: &str, uid: &str) {
        let floor = Floor::Gone { kind, namespace: namespace.into(), name: name.into(), uid: uid.into() };
        self.floors.add(release, floor, |floor| self.shows(floor));
    }

    /// Whether some own write for this release does not show in the stores yet. A pass that went on
    /// would decide from the past; [`Change::CaughtUp`] tells when it may.
    pub fn behind(&self, release: &ReleaseKey) -> bool {
        self.floors.has(release)
    }

    fn shows(&self, floor: &Floor) -> bool {
        struct Shows<'a> {
            world: &'a World,
            floor: &'a Floor,
            shown: bool,
        }
        impl ForEachKind for Shows<'_> {
            fn visit<K: Kept>(&mut self) {
                if K::KIND == self.floor.kind() {
                    self.shown = shown_in(K::store(self.world), self.floor);
                }
            }
        }
        let mut shows = Shows { world: self, floor, shown: false };
        Self::each_kind(&mut shows);
        shows.shown
    }

    /// The watch of a kind told of an object.
    pub(super) fn put<K: Kept>(&self, object: K) {
        self.tell(K::store(self).put(object));
    }

    /// The watch of a kind told that an object is gone.
    pub(super) fn remove<K: Kept>(&self, object: &K) {
        let (namespace, name) = key(object);
        self.tell(K::store(self).remove(&namespace, &name));
    }

    /// The API server does not know the kind.
    pub(super) fn unserved<K: Kept>(&self) {
        K::store(self).serve(false);
        self.complete::<K>(&HashSet::new());
    }

    /// The watch of a kind has told all objects there are.
    pub(super) fn listed<K: Kept>(&self, seen: &HashSet<(String, String)>) {
        K::store(self).serve(true);
        self.complete::<K>(seen);
    }

    fn complete<K: Kept>(&self, seen: &HashSet<(String, String)>) {
        for gone in K::store(self).keep_only(seen) {
            self.tell(Some(gone));
        }
        if self.awaited().is_empty() {
            self.ready.send_if_modified(|ready| !std::mem::replace(ready, true));
        }
    }

    /// The watch of a kind has told everything up to this version.
    pub(super) fn know<K: Kept>(&self, version: &str) {
        let store = K::store(self);
        if let Ok(version) = version.parse() {
            store.know(version);
        }
        for release in self.floors.caught_up(K::KIND, |floor| shown_in(store, floor)) {
            (self.on_change)(self, Change::CaughtUp(release));
        }
    }

    fn tell<K: Kept>(&self, moved: Option<Moved<K>>) {
        if let Some(moved) = moved {
            (self.on_change)(self, K::change(moved));
        }
    }
}

fn shown_in<K: Kept>(store: &Store<K>, floor: &Floor) -> bool {
    match floor {
        Floor::Version { version, .. } => store.known() >= *version,
        Floor::Gone { namespace, name, uid, .. } => {
            store.get(namespace, name).is_none_or(|object| object.uid() != uid || object.is_terminating())
        }
    }
}
