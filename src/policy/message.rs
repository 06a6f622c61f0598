//! The result document as a termination message: always whole JSON, never more than [`RESULT_LIMIT`] bytes.
//!
//! What does not fit is left out in the order in which it is missed least: words about gates that
//! passed, digests (the order named them already), words about the others. When names alone are too
//! long, the gates are told by their place in the order:
//! `{"schema":…,"run":…,"reasons":["WithinLimits","AboveMaximum"],"counts":["testsRan"],"packed":"P0=0.81,F1=3.0;0=12,E0"}`,
//! one entry a gate: first letter of the outcome, place of the reason in `reasons`, and the value; then, after `;`, what
//! was counted by its place in `counts`.

use super::finding::{MESSAGE_LIMIT, clean};
use super::result::{RESULT_LIMIT, RESULT_SCHEMA, ResultDocument};
use super::{Count, Counts, Digest, Finding, FindingReason, GateKey, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Why a document cannot be written or a message cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("the termination message has {0} bytes; {RESULT_LIMIT} are allowed")]
    TooLong(usize),
    #[error("the termination message is empty")]
    Empty,
    #[error("the termination message is no result document: {0}")]
    NotADocument(String),
    #[error("the termination message has schema {0:?}, not {RESULT_SCHEMA:?}")]
    OtherSchema(String),
    #[error("the evaluator could not work: {0}")]
    Refused(String),
    #[error("the packed results do not fit the order: {0}")]
    BadPacking(String),
}

/// Writes the fullest form of the document that fits.
///
/// # Errors
/// `TooLong` when not even the packed form fits (a run's name far longer than a UID).
pub fn write(document: &ResultDocument) -> Result<Vec<u8>, MessageError> {
    let full = widest(|words| encode(document, true, words, MESSAGE_LIMIT));
    let without_digests = || widest(|words| encode(document, false, words, MESSAGE_LIMIT));
    let without_words_of_passed = || widest(|words| encode(document, false, 0, words));
    if let Some(bytes) = full.or_else(without_digests).or_else(without_words_of_passed) {
        return Ok(bytes);
    }
    let packed = encode_value(&Packed::new(document));
    if packed.len() <= RESULT_LIMIT { Ok(packed) } else { Err(MessageError::TooLong(packed.len())) }
}

/// Says why there are no results at all. [`read`] gives it back as `Refused`.
pub fn refusal(run: &str, why: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Refusal<'a> {
        schema: &'a str,
        run: String,
        error: String,
    }
    encode_value(&Refusal { schema: RESULT_SCHEMA, run: clean(run, 64), error: clean(why, MESSAGE_LIMIT) })
}

/// Reads a message. `order` are the gates that were asked, in the order's order; only the packed form needs them.
///
/// # Errors
/// Whatever is not exactly one document of this schema.
pub fn read(message: &[u8], order: &[GateKey]) -> Result<ResultDocument, MessageError> {
    if message.len() > RESULT_LIMIT {
        return Err(MessageError::TooLong(message.len()));
    }
    if message.iter().all(u8::is_ascii_whitespace) {
        return Err(MessageError::Empty);
    }
    let form: Form = serde_json::from_slice(message).map_err(|error| MessageError::NotADocument(error.to_string()))?;
    let document = match form {
        Form { error: Some(why), .. } => return Err(MessageError::Refused(clean(&why, MESSAGE_LIMIT))),
        Form {
            schema, run, order: asked, results: Some(results), reasons: None, counts: None, packed: None, ..
        } => ResultDocument { schema, run, order: asked, results },
        Form {
            schema, run, order: asked, results: None, reasons: Some(reasons), counts, packed: Some(packed), ..
        } => {
            let results = unpack(&packed, &reasons, &counts.unwrap_or_default(), order)?;
            ResultDocument { schema, run, order: asked, results }
        }
        Form { .. } => return Err(MessageError::NotADocument("neither results nor packed results".into())),
    };
    if document.schema != RESULT_SCHEMA {
        return Err(MessageError::OtherSchema(clean(&document.schema, 40)));
    }
    Ok(document)
}

/// Both forms at once, so that a document that mixes them is refused.
#[derive(Deserialize)]
struct Form {
    schema: String,
    run: String,
    order: Option<Digest>,
    results: Option<Vec<Finding>>,
    reasons: Option<Vec<FindingReason>>,
    counts: Option<Vec<Count>>,
    packed: Option<String>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Packed<'a> {
    schema: &'a str,
    run: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a Digest>,
    reasons: Vec<FindingReason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counts: Vec<Count>,
    packed: String,
}

impl<'a> Packed<'a> {
    fn new(document: &'a ResultDocument) -> Self {
        let mut reasons: Vec<FindingReason> = document.results.iter().map(|finding| finding.reason).collect();
        reasons.sort();
        reasons.dedup();
        let counts: BTreeSet<Count> =
            document.results.iter().flat_map(|finding| finding.counts.keys().copied()).collect();
        let counts: Vec<Count> = counts.into_iter().collect();
        let entries: Vec<String> = document
            .results
            .iter()
            .map(|finding| {
                let place = reasons.binary_search(&finding.reason).unwrap_or_else(|place| place);
                let value = finding.value.as_deref().map(|value| format!("={value}")).unwrap_or_default();
                let counted = finding.counts.iter().map(|(what, number)| {
                    let place = counts.binary_search(what).unwrap_or_else(|place| place);
                    format!(";{place}={number}")
                });
                format!("{}{place}{value}{}", letter(finding.outcome), counted.collect::<String>())
            })
            .collect();
        let ResultDocument { schema, run, order, results: _ } = document;
        Self { schema, run, order: order.as_ref(), reasons, counts, packed: entries.join(",") }
    }
}

fn unpack(
    packed: &str,
    reasons: &[FindingReason],
    counts: &[Count],
    order: &[GateKey],
) -> Result<Vec<Finding>, MessageError> {
    let entries: Vec<&str> = if packed.is_empty() { Vec::new() } else { packed.split(',').collect() };
    if entries.len() != order.len() {
        let counts = format!("{} entries for {} gates", entries.len(), order.len());
        return Err(MessageError::BadPacking(counts));
    }
    let finding = |entry: &str, gate: &GateKey| {
        let mut parts = entry.split(';');
        let measured = parts.next()?;
        let (head, value) = match measured.split_once('=') {
            Some((head, value)) => (head, Some(value)),
            None => (measured, None),
        };
        let outcome = Outcome::ALL.into_iter().find(|outcome| head.starts_with(letter(*outcome)))?;
        let reason = *reasons.get(head.get(1..)?.parse::<usize>().ok()?)?;
        let mut finding = Finding::new(gate.clone(), outcome, reason, "");
        finding.value = match value {
            Some(text) => Some(text.parse::<f64>().ok().map(|_| text.to_owned())?),
            None => None,
        };
        let counted = parts.map(|part| {
            let (place, number) = part.split_once('=')?;
            Some((*counts.get(place.parse::<usize>().ok()?)?, number.parse::<u64>().ok()?))
        });
        finding.counts = counted.collect::<Option<Counts>>()?;
        Some(finding)
    };
    let read = |(entry, gate): (&&str, &GateKey)| {
        finding(entry, gate).ok_or_else(|| MessageError::BadPacking(format!("{:?} for {gate}", clean(entry, 40))))
    };
    entries.iter().zip(order).map(read).collect()
}

fn letter(outcome: Outcome) -> char {
    match outcome {
        Outcome::Pass => 'P',
        Outcome::Skipped => 'S',
        Outcome::Warn => 'W',
        Outcome::Inconclusive => 'I',
        Outcome::Missing => 'M',
        Outcome::Error => 'E',
        Outcome::Fail => 'F',
    }
}

/// The encoding with the longest messages that fits, if any does.
fn widest(encode: impl Fn(usize) -> Vec<u8>) -> Option<Vec<u8>> {
    let (mut fits, mut best) = (0, Some(encode(0)).filter(|bytes| bytes.len() <= RESULT_LIMIT)?);
    let mut too_wide = MESSAGE_LIMIT + 1;
    while too_wide - fits > 1 {
        let words = fits.midpoint(too_wide);
        let bytes = encode(words);
        if bytes.len() <= RESULT_LIMIT {
            (fits, best) = (words, bytes);
        } else {
            too_wide = words;
        }
    }
    Some(best)
}

/// The document with messages of at most so many bytes.
fn encode(document: &ResultDocument, digests: bool, words_of_passed: usize, words_of_others: usize) -> Vec<u8> {
    let shortened = |finding: &Finding| {
        let words = match finding.outcome {
            Outcome::Pass | Outcome::Skipped => words_of_passed,
            Outcome::Warn | Outcome::Inconclusive | Outcome::Missing | Outcome::Error | Outcome::Fail => {
                words_of_others
            }
        };
        let message = if words < 8 { String::new() } else { clean(&finding.message, words) };
        let evidence = if digests { finding.evidence.clone() } else { Vec::new() };
        Finding { message, evidence, ..finding.clone() }
    };
    encode_value(&ResultDocument {
        schema: document.schema.clone(),
        run: document.run.clone(),
        order: document.order.clone(),
        results: document.results.iter().map(shortened).collect(),
    })
}

/// Strings, numbers and lists only: encoding them cannot fail, and an empty message would be refused by its reader.
fn encode_value(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(place: usize, name: usize, outcome: Outcome, reason: FindingReason, words: usize) -> Finding {
        let key = GateKey::new("p".repeat(name), format!("{}{place}", "g".repeat(name)));
        Finding::new(key, outcome, reason, "é".repeat(words)).with_evidence([Digest::of(b"x")])
    }

    fn document(results: Vec<Finding>) -> ResultDocument {
        ResultDocument {
            schema: RESULT_SCHEMA.into(),
            run: "0c9b2e0e-6ad1-4f2c-9d7c-3f0a5a3c2f11".into(),
            order: Some(Digest::of(b"order")),
            results,
        }
    }

    fn keys(document: &ResultDocument) -> Vec<GateKey> {
        document.results.iter().map(|finding| finding.gate.clone()).collect()
    }

    #[test]
    fn a_small_document_is_written_whole() {
        let whole = document(vec![finding(0, 8, Outcome::Fail, FindingReason::BelowMinimum, 60).with_value(0.6)]);
        assert_eq!(read(&write(&whole).unwrap(), &[]), Ok(whole));
    }

    #[test]
    fn words_about_what_passed_go_first_then_digests_then_the_other_words() {
        let mixed = |count: usize| {
            let one = |place| match place {
                0 => finding(place, 8, Outcome::Fail, FindingReason::BelowMinimum, 100),
                _ => finding(place, 8, Outcome::Pass, FindingReason::WithinLimits, 100),
            };
            document((0..count).map(one).collect())
        };
        let back = |count| {
            let bytes = write(&mixed(count)).unwrap();
            assert!(bytes.len() <= RESULT_LIMIT);
            let read = read(&bytes, &[]).unwrap();
            let of = |place: usize| (read.results[place].message.chars().count(), read.results[place].evidence.len());
            (of(0), of(1))
        };
        assert_eq!(back(10), ((100, 1), (100, 1)));
        let ((fail, digests), (pass, _)) = back(15);
        assert!(fail == 100 && digests == 1 && pass > 4 && pass < 100, "{pass}");
        let ((fail, digests), _) = back(24);
        assert_eq!((fail, digests), (100, 0));
        let ((fail, digests), (pass, _)) = back(45);
        assert!(fail < 100 && digests == 0 && pass == 0, "{fail}");
    }

    #[test]
    fn the_largest_order_with_the_longest_names_and_numbers_fits_packed() {
        let outcomes = [Outcome::Pass, Outcome::Fail, Outcome::Fail];
        let reasons = [FindingReason::WithinLimits, FindingReason::BelowMinimum, FindingReason::AboveMaximum];
        let one = |place: usize| {
            finding(place, 60, outcomes[place % 3], reasons[place % 3], 200).with_value(-2.2250738585072014e-308)
        };
        let whole = document((0..128).map(one).collect());
        let bytes = write(&whole).unwrap();
        assert!(bytes.len() <= RESULT_LIMIT, "{}", bytes.len());
        let read = read(&bytes, &keys(&whole)).unwrap();
        for (before, after) in whole.results.iter().zip(&read.results) {
            assert_eq!(
                (&before.gate, before.outcome, before.reason, &before.value),
                (&after.gate, after.outcome, after.reason, &after.value)
            );
        }
    }

    #[test]
    fn what_was_counted_is_kept_however_little_room_there_is() {
        let one = |place: usize| {
            let finding = finding(place, 60, Outcome::Pass, FindingReason::WithinLimits, 200).with_value(0.0);
            let finding = finding.with_count(Count::TestsRan, 200_000 + place as u64);
            if place.is_multiple_of(2) { finding.with_count(Count::TestsSkipped, place as u64) } else { finding }
        };
        for gates in [1, 12, 128] {
            let whole = document((0..gates).map(one).collect());
            let read = read(&write(&whole).unwrap(), &keys(&whole)).unwrap();
            let counts =
                |document: &ResultDocument| document.results.iter().map(|f| f.counts.clone()).collect::<Vec<_>>();
            assert_eq!(counts(&read), counts(&whole));
        }
        // What does not fit even so is no result, rather than one with something left out.
        let endless =
            |place| finding(place, 60, Outcome::Pass, FindingReason::WithinLimits, 9).with_value(f64::MIN_POSITIVE);
        let endless =
            |place| endless(place).with_count(Count::TestsRan, u64::MAX).with_count(Count::TestsSkipped, u64::MAX);
        assert!(matches!(write(&document((0..128).map(endless).collect())), Err(MessageError::TooLong(_))));
    }

    #[test]
    fn packed_results_must_fit_the_order_exactly() {
        let whole = document((0..128).map(|i| finding(i, 60, Outcome::Pass, FindingReason::WithinLimits, 9)).collect());
        let bytes = write(&whole).unwrap();
        assert!(matches!(read(&bytes, &keys(&whole)[1..]), Err(MessageError::BadPacking(_))));
        let order = [GateKey::new("p", "g")];
        let message = |packed: &str| {
            format!(r#"{{"schema":"{RESULT_SCHEMA}","run":"u","reasons":["WithinLimits"],"packed":"{packed}"}}"#)
        };
        assert!(read(message("P0=0.5").as_bytes(), &order).is_ok());
        for bad in ["", "P", "P1", "X0", "P0=", "P0=x", "é0", "P0,P0", "P-1", "p0", "P0=0.5;", "P0;0=1", "P0=0.5;0=x"]
        {
            let found = read(message(bad).as_bytes(), &order);
            assert!(matches!(found, Err(MessageError::BadPacking(_))), "{bad} {found:?}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let good = write(&document(vec![])).unwrap();
        let padded = [good.clone(), vec![b' '; RESULT_LIMIT - good.len()]].concat();
        assert!(read(&padded, &[]).is_ok());
        let text = String::from_utf8(good.clone()).unwrap();
        let cases = [
            (Vec::new(), "empty"),
            (b" \n".to_vec(), "empty"),
            ([padded, vec![b' ']].concat(), "4097 bytes"),
            (good[..good.len() - 1].to_vec(), "no result document"),
            ([good.clone(), good.clone()].concat(), "no result document"),
            (text.replace("result/v1", "result/v2").into_bytes(), "schema"),
            (text.replace("\"results\":[]", "\"results\":[],\"reasons\":[],\"packed\":\"\"").into_bytes(), "neither"),
            (text.replace(",\"results\":[]", "").into_bytes(), "neither"),
            (b"\xff\xfe".to_vec(), "no result document"),
            (refusal("u", "the order is empty"), "the order is empty"),
            (refusal(&"u".repeat(5000), &"\u{1}".repeat(5000)), "could not work"),
        ];
        for (bytes, said) in cases {
            let error = read(&bytes, &[]).unwrap_err().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    proptest::proptest! {
        /// Whatever was found, the message fits and says the same outcomes.
        #[test]
        fn any_findings(places in proptest::collection::vec((0..7usize, 0..200usize, proptest::bool::ANY), 0..=128), name in 1..60usize) {
            let reasons = [
                FindingReason::WithinLimits, FindingReason::EvidenceMissing, FindingReason::DigestMismatch,
                FindingReason::NotFinite, FindingReason::ExpressionInvalid, FindingReason::JobFailed, FindingReason::SectionEmpty,
            ];
            let one = |(place, (outcome, words, valued)): (usize, &(usize, usize, bool))| {
                let finding = finding(place, name, Outcome::ALL[*outcome], reasons[*outcome], *words);
                if *valued { finding.with_value(f64::MIN_POSITIVE) } else { finding }
            };
            let whole = document(places.iter().enumerate().map(one).collect());
            let bytes = write(&whole).unwrap();
            proptest::prop_assert!(bytes.len() <= RESULT_LIMIT);
            let read = read(&bytes, &keys(&whole)).unwrap();
            let told = |d: &ResultDocument| d.results.iter().map(|f| (f.gate.clone(), f.outcome, f.reason)).collect::<Vec<_>>();
            proptest::prop_assert_eq!(told(&read), told(&whole));
        }
    }
}
