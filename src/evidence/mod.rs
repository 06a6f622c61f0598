//! Bytes of known formats, read into values. Pure and bounded: no file, no clock, no recursion that the input steers.

pub mod attestation;
pub mod contract;
pub mod document;
mod error;
pub mod explanation;
mod garak;
pub mod json;
pub mod metrics;
mod node;
pub mod recognise;
pub mod scan;
pub mod test_report;

pub use attestation::Envelope;
pub use document::{Card, Document};
pub use error::EvidenceError;
pub use explanation::Explanation;
pub use metrics::Metrics;
pub use scan::Scan;
pub use test_report::TestReport;

/// A document that a gate reads whole holds at most this many bytes. ConfigMaps hold 1 MiB.
pub const MAX_DOCUMENT: usize = 4 << 20;

/// How files of rows begin, which are no documents.
const TABLES: [(&[u8], &str); 3] =
    [(b"PAR1", "Parquet"), (b"ARROW1", "Arrow IPC"), (&[0xff; 4], "Arrow IPC, as a stream")];

/// The document as text without a byte order mark.
///
/// # Errors
/// `TooLarge` above [`MAX_DOCUMENT`], `Table` for what begins as one, `NotUtf8`, and `Empty` when there is nothing but white space.
pub fn text(bytes: &[u8]) -> Result<&str, EvidenceError> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(EvidenceError::TooLarge { what: "bytes", limit: MAX_DOCUMENT });
    }
    if let Some((_, format)) = TABLES.into_iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(EvidenceError::Table { format });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| EvidenceError::NotUtf8 { at: e.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() { Err(EvidenceError::Empty) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_that_says_something() {
        let long = vec![b'a'; MAX_DOCUMENT + 1];
        assert_eq!(text(b""), Err(EvidenceError::Empty));
        assert_eq!(text(b" \r\n\t"), Err(EvidenceError::Empty));
        assert_eq!(text("\u{feff}".as_bytes()), Err(EvidenceError::Empty));
        assert_eq!(text(b"ok\xff"), Err(EvidenceError::NotUtf8 { at: 2 }));
        assert_eq!(text(b"PAR1\xff"), Err(EvidenceError::Table { format: "Parquet" }));
        assert_eq!(text(b"ARROW1\0\0"), Err(EvidenceError::Table { format: "Arrow IPC" }));
        assert_eq!(text(&long), Err(EvidenceError::TooLarge { what: "bytes", limit: MAX_DOCUMENT }));
        assert_eq!(text("\u{feff}{}".as_bytes()), Ok("{}"));
    }
}
