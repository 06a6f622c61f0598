//! The parts of Kubernetes' own objects that a pass reads, a fraction of their size.
//!
//! Content is hashed while it is decoded and not kept. What cannot be read stays in the object as
//! an error, so that a reader must look at it: an object that is left out would look like none.

pub mod canonical;
pub mod compact;
pub mod config_map;
pub mod deployment;
pub mod job;
pub mod meta;
pub mod namespace;
pub mod pod;
pub mod replica_set;
pub mod template;

pub use config_map::ConfigMap;
pub use deployment::Deployment;
pub use job::Job;
pub use meta::{Owner, SlimMeta};
pub use namespace::Namespace;
pub use pod::Pod;
pub use replica_set::ReplicaSet;
pub use template::TemplateFacts;

/// An object as its watch and its store know it, whatever its type.
pub trait Object: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The path that lists all objects of the kind.
    fn path() -> String;
    /// Empty for a kind that lives in no namespace.
    fn namespace(&self) -> &str;
    fn name(&self) -> &str;
    fn uid(&self) -> &str;
    fn resource_version(&self) -> &str;
    fn is_terminating(&self) -> bool;
}

/// An object whose metadata is in its field `meta`, kept by the API server where `$like` is.
macro_rules! slim_object {
    ($type:ty, like $like:ty) => {
        impl $crate::cluster::slim::Object for $type {
            fn path() -> String {
                <$like as kube::Resource>::url_path(&(), None)
            }
            fn namespace(&self) -> &str {
                self.meta.namespace()
            }
            fn name(&self) -> &str {
                self.meta.name()
            }
            fn uid(&self) -> &str {
                self.meta.uid()
            }
            fn resource_version(&self) -> &str {
                self.meta.resource_version()
            }
            fn is_terminating(&self) -> bool {
                self.meta.is_terminating()
            }
        }
    };
}
pub(crate) use slim_object;

/// At most `limit` bytes of a text that others wrote, cut between characters.
pub(crate) fn bounded(mut text: String, limit: usize) -> String {
    text.truncate(text.floor_char_boundary(limit));
    text.shrink_to_fit();
    text
}
