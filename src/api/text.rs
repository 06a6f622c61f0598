//! Bounded texts: each is a string with a pattern and a length that the API server checks.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, max $max:literal $(, pattern $pattern:literal)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "minLength": 1, "maxLength": $max $(, "pattern": $pattern)?})
            }
        }

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text!(
    /// A short name: lower case letters, digits and dashes.
    Name, max 63, pattern "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$");
text!(
    /// An SPDX license identifier, or one with an exception.
    LicenseId, max 100, pattern "^[A-Za-z0-9.:+-]+( WITH [A-Za-z0-9.:+-]+)?$");
text!(
    /// A Kubernetes object name, dots allowed.
    ObjectName, max 253, pattern "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$");
text!(
    /// `sha256:` and 64 lower-case hex digits.
    DigestText, max 71, pattern "^sha256:[0-9a-f]{64}$");
text!(
    /// A decimal number in quotes.
    DecimalText, max 32, pattern "^-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,15})?$");
text!(
    /// A Go duration without days: `90s`, `5m`, `120h`.
    DurationText, max 20, pattern "^([0-9]{1,6}(h|m|s))+$");
text!(
    /// A user name as the API server knows it.
    UserName, max 512);
text!(
    /// A word or a name of something outside Kubernetes.
    Word, max 253);
text!(
    /// One line for people.
    Line, max 256);
text!(
    /// A few sentences for people.
    Prose, max 1024);
text!(
    /// An image by its digest.
    ImageByDigest, max 512, pattern "^[a-z0-9][-._a-zA-Z0-9/:]*@sha256:[0-9a-f]{64}$");
text!(
    /// One word of a command line.
    Argument, max 1024);
text!(
    /// Name of an environment variable.
    VariableName, max 253, pattern "^[a-zA-Z_][a-zA-Z0-9_]*$");
text!(
    /// An amount of a resource: 500m, 2, 512Mi.
    QuantityText, max 20, pattern "^[0-9]{1,12}(\\.[0-9]{1,3})?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$");
text!(
    /// A query or an expression.
    Formula, max 4096);
text!(
    /// A key of a ConfigMap.
    ConfigKey, max 253, pattern "^[-._a-zA-Z0-9]+$");
text!(
    /// A path inside a volume: relative, without `..`.
    RelativePath, max 512, pattern "^[^/\\\\.][^\\\\]*$");
text!(
    /// An `https` address.
    HttpsUrl, max 1024, pattern "^https://[^\\s]+$");
text!(
    /// An `http` or `https` address.
    HttpUrl, max 1024, pattern "^https?://[^\\s]+$");
text!(
    /// A URI, or the start of some and `*`.
    Uri, max 512, pattern "^[^\\s]+$");
text!(
    /// A public key as PEM (`-----BEGIN PUBLIC KEY-----`).
    PublicKeyPem, max 2048, pattern "^\\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\\s]+-----END PUBLIC KEY-----\\s*$");
text!(
    /// Certificates as PEM (`-----BEGIN CERTIFICATE-----`), one after the other.
    CertificatesPem, max 16384, pattern "^\\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*)+$");
text!(
    /// Sigstore's `trusted_root.json` as it is.
    TrustedRootJson, max 16384, pattern "^\\s*[{]");
text!(
    /// An e-mail address, or `*@` and a domain.
    EmailAddress, max 254, pattern "^[^\\s@]+@[^\\s@*]+$");
text!(
    /// A host name.
    HostName, max 253, pattern "^[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?$");
text!(
    /// A time, RFC 3339.
    Instant, max 40, pattern "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$");
