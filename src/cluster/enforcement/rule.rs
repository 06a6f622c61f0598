//! Admission policies and their bindings, as digests.

use crate::cluster::slim::{SlimMeta, canonical, slim_object};
use crate::policy::Digest;
use k8s_openapi::api::admissionregistration::v1;
use serde::Deserialize;
use serde_json::Value;

/// Chooses Modelgate's own among the policies of a cluster. One that loses the label counts as missing.
pub const LABEL: &str = "app.kubernetes.io/part-of=modelgate";

#[derive(Deserialize)]
struct Wire {
    metadata: SlimMeta,
    #[serde(default)]
    spec: Value,
}

macro_rules! rule {
    ($type:ident, $like:ty) => {
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(from = "Wire")]
        pub struct $type {
            pub meta: SlimMeta,
            /// Digest of its spec.
            pub spec: Digest,
        }

        impl From<Wire> for $type {
            fn from(wire: Wire) -> Self {
                Self { meta: wire.metadata, spec: canonical::digest(&wire.spec) }
            }
        }

        slim_object!($type, like $like);
    };
}

rule!(MutatingPolicy, v1::MutatingAdmissionPolicy);
rule!(MutatingBinding, v1::MutatingAdmissionPolicyBinding);
rule!(ValidatingPolicy, v1::ValidatingAdmissionPolicy);
rule!(ValidatingBinding, v1::ValidatingAdmissionPolicyBinding);
