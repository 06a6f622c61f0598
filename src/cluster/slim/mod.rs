//! The parts of Kubernetes' own objects that a pass reads, a fraction of their size.
//!
//! Content is hashed while it is decoded and not kept. What cannot be read stays in the object as
//! an error, so that a reader must look at it: an object that is left out would look like none.

pub mod canonical;
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

/// Says where the API server keeps a type whose `meta` field is a [`SlimMeta`].
macro_rules! kept_in {
    ($type:ty, $scope:ty, $group:literal, $version:literal, $kind:literal, $plural:literal) => {
        impl kube::Resource for $type {
            type DynamicType = ();
            type Scope = $scope;
            fn kind(_: &()) -> std::borrow::Cow<'_, str> {
                $kind.into()
            }
            fn group(_: &()) -> std::borrow::Cow<'_, str> {
                $group.into()
            }
            fn version(_: &()) -> std::borrow::Cow<'_, str> {
                $version.into()
            }
            fn plural(_: &()) -> std::borrow::Cow<'_, str> {
                $plural.into()
            }
            fn meta(&self) -> &kube::core::ObjectMeta {
                self.meta.object_meta()
            }
            fn meta_mut(&mut self) -> &mut kube::core::ObjectMeta {
                self.meta.object_meta_mut()
            }
        }
    };
}
pub(crate) use kept_in;

/// At most `limit` bytes of a text that others wrote, cut between characters.
pub(crate) fn bounded(mut text: String, limit: usize) -> String {
    text.truncate(text.floor_char_boundary(limit));
    text.shrink_to_fit();
    text
}
