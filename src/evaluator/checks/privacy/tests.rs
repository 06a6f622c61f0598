use super::*;
use crate::evaluator::checks::testing::{Bench, decimal, gate};
use crate::policy::Check;
use crate::policy::check::{ClearText, Consent, Declared, Detector, Retention, Storage, TokenForm};

fn nothing() -> Privacy {
    Privacy {
        evidence: Some("rows".into()),
        personal_data: None,
        redacted: vec![],
        allowed_columns: vec![],
        anonymity: None,
        declared: None,
    }
}

fn personal(columns: ColumnsAsked, most: MostCells) -> Privacy {
    let detectors = Detector::ALL.to_vec();
    Privacy { personal_data: Some(PersonalData { detectors, columns, most }), ..nothing() }
}

fn everywhere() -> Privacy {
    personal(ColumnsAsked::AllBut(vec![]), MostCells::Count(0))
}

fn tokens(column: &str, form: TokenForm) -> Redacted {
    Redacted { columns: vec![column.into()], form, prefix: None, length: None, min_entropy: None, clear_text: None }
}

fn redacted(rule: Redacted) -> Privacy {
    Privacy { redacted: vec![rule], ..nothing() }
}

fn hidden(quasi: &[&str], k: u32, sensitive: &[&str], l: u32) -> Privacy {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let anonymity = Anonymity { quasi_identifiers: owned(quasi), k, sensitive: owned(sensitive), l };
    Privacy { anonymity: Some(anonymity), ..nothing() }
}

fn answer(bytes: &[u8], check: &Privacy) -> Finding {
    let mut bench = Bench::new();
    bench.put("rows", bytes, None);
    find(&gate(Check::Privacy(check.clone())), check, &OrderFacts::default(), &mut bench.sources())
}

#[track_caller]
fn comes_to(bytes: &str, check: &Privacy, outcome: Outcome, reason: FindingReason, said: &str) {
    let finding = answer(bytes.as_bytes(), check);
    assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
    assert!(finding.message.contains(said), "{}", finding.message);
    assert_eq!(finding.value.is_some(), matches!(outcome, Outcome::Pass | Outcome::Fail), "{}", finding.message);
}

const PEOPLE: &str =
    "id,note,amount\n1,write to anna@example.com,10\n2,nothing here,20\n3,\"jo@example.org, +49 151 12345678\",30\n";

#[test]
fn personal_data_is_told_by_column_detector_and_number() {
    let finding = answer(PEOPLE.as_bytes(), &everywhere());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::PersonalData));
    assert_eq!(
        finding.message,
        "note has e-mail addresses in 2 of 3 cells, note has phone numbers in 1 of 3 cells; take it out or redact it, then release that"
    );
    assert_eq!((finding.value.as_deref(), finding.threshold.as_deref()), (Some("2.0"), Some("<= 0")));
    assert!(!finding.message.contains("anna") && !finding.message.contains("151"));
}

#[test]
fn limits_columns_and_detectors() {
    use FindingReason::{PersonalData as Found, WithinLimits};
    use Outcome::{Fail, Pass};
    let all = || ColumnsAsked::AllBut(vec![]);
    let share = |text: &str| MostCells::Share(decimal(text));
    comes_to(PEOPLE, &personal(all(), MostCells::Count(2)), Pass, WithinLimits, "in 3 cells of 3 columns");
    comes_to(PEOPLE, &personal(all(), MostCells::Count(1)), Fail, Found, "in 2 of 3 cells");
    comes_to(PEOPLE, &personal(all(), share("0.67")), Pass, WithinLimits, "within the limit");
    comes_to(PEOPLE, &personal(all(), share("0.66")), Fail, Found, "e-mail");
    comes_to(PEOPLE, &personal(ColumnsAsked::Only(vec!["id".into()]), share("0")), Pass, WithinLimits, "no personal");
    comes_to(PEOPLE, &personal(ColumnsAsked::AllBut(vec!["no*".into()]), share("0")), Pass, WithinLimits, "2 columns");
    let mut phones = everywhere();
    phones.personal_data.as_mut().unwrap().detectors = vec![Detector::Iban];
    comes_to(PEOPLE, &phones, Pass, WithinLimits, "no personal data");
}

#[test]
fn tokens_and_masks() {
    use FindingReason::{NotRedacted, WithinLimits};
    use Outcome::{Fail, Pass};
    let column = |cells: &[&str]| format!("c\n{}\n", cells.join("\n"));
    let hex = column(&["9f86d081884c7d65", "60303ae22b998861", "fd61a03af4f77d87"]);
    comes_to(&hex, &redacted(tokens("c", TokenForm::Hex)), Pass, WithinLimits, "c holds hex tokens");
    let long = Redacted { length: Some(32), ..tokens("c", TokenForm::Hex) };
    comes_to(&hex, &redacted(long), Fail, NotRedacted, "3 of 3 cells that are not hex tokens of 32 characters");
    let random = Redacted { min_entropy: Some(decimal("3.5")), ..tokens("c", TokenForm::Hex) };
    comes_to(&hex, &redacted(random.clone()), Pass, WithinLimits, "c holds");
    let counted = column(&["0000000000000001", "0000000000000002", "0000000000000003"]);
    comes_to(&counted, &redacted(random), Fail, NotRedacted, "bits a character, asked >= 3.5");
    let plain = column(&["9f86d081884c7d65", "Anna", "fd61a03af4f77d87"]);
    comes_to(&plain, &redacted(tokens("c", TokenForm::Hex)), Fail, NotRedacted, "1 of 3 cells");
    let uneven = column(&["9f86d081884c7d65", "60303ae2"]);
    comes_to(&uneven, &redacted(tokens("c", TokenForm::Hex)), Fail, NotRedacted, "of 8 to 16 characters");
    let prefixed = Redacted { prefix: Some("tok_".into()), ..tokens("c", TokenForm::Alphanumeric) };
    comes_to(&column(&["tok_a1b2", "tok_c3d4"]), &redacted(prefixed.clone()), Pass, WithinLimits, "");
    comes_to(&column(&["tok_a1b2", "a1b2c3d4"]), &redacted(prefixed), Fail, NotRedacted, "1 of 2");
    let uuids = column(&["550e8400-e29b-41d4-a716-446655440000"]);
    comes_to(&uuids, &redacted(tokens("c", TokenForm::Uuid)), Pass, WithinLimits, "");
    comes_to(&hex, &redacted(tokens("c", TokenForm::Uuid)), Fail, NotRedacted, "UUIDs");
    let base = column(&["n4bQgYhMfWWaL+qgxVrQFQ==", "YDA64iuZiGG847KPM+7Bvw=="]);
    comes_to(&base, &redacted(tokens("c", TokenForm::Base64)), Pass, WithinLimits, "");
    comes_to(&column(&["****", "##", "XXX-XX-XXXX"]), &redacted(tokens("c", TokenForm::Mask)), Pass, WithinLimits, "");
    comes_to(&column(&["****", "J***"]), &redacted(tokens("c", TokenForm::Mask)), Fail, NotRedacted, "1 of 2");
    // What is of the form and a card all the same.
    let cards = column(&["4111111111111111", "5500005555555559"]);
    comes_to(&cards, &redacted(tokens("c", TokenForm::Alphanumeric)), Fail, NotRedacted, "payment cards in 2 of 2");
}

#[test]
fn columns_beyond_the_list() {
    use FindingReason::{ColumnNotAllowed, WithinLimits};
    let allowed = |names: &[&str]| Privacy {
        allowed_columns: names.iter().map(|name| (*name).to_owned()).collect(),
        ..nothing()
    };
    comes_to(PEOPLE, &allowed(&["id", "note", "amount", "more"]), Outcome::Pass, WithinLimits, "3 columns, all");
    comes_to(PEOPLE, &allowed(&["i*", "a*"]), Outcome::Fail, ColumnNotAllowed, "column note is not allowed");
}

const PATIENTS: &str = "age,zip,illness\n30,1,flu\n30,1,cold\n30,1,flu\n40,2,flu\n40,2,flu\n40,2,\n";

#[test]
fn rows_that_stand_alone() {
    use FindingReason::{Identifiable, WithinLimits};
    use Outcome::{Fail, Pass};
    comes_to(PATIENTS, &hidden(&["age", "zip"], 3, &[], 0), Pass, WithinLimits, "2 groups of at least 3 rows");
    comes_to(
        PATIENTS,
        &hidden(&["age", "zip"], 4, &[], 0),
        Fail,
        Identifiable,
        "6 of 6 rows are in groups of fewer than 4, the smallest of 3",
    );
    comes_to(PATIENTS, &hidden(&["age", "illness"], 2, &[], 0), Fail, Identifiable, "2 of 6 rows");
    comes_to(
        PATIENTS,
        &hidden(&["age"], 2, &["illness"], 2),
        Fail,
        Identifiable,
        "1 of 2 groups have fewer than 2 values of illness, the least 1",
    );
    let diverse = PATIENTS.replace("40,2,\n", "40,2,cold\n");
    comes_to(&diverse, &hidden(&["age"], 2, &["illness"], 2), Pass, WithinLimits, "");
}

#[test]
fn everything_at_once() {
    let check = Privacy {
        personal_data: everywhere().personal_data,
        redacted: vec![tokens("id", TokenForm::Hex)],
        allowed_columns: vec!["id".into()],
        anonymity: hidden(&["amount"], 2, &[], 0).anonymity,
        ..nothing()
    };
    let finding = answer(PEOPLE.as_bytes(), &check);
    // Two detectors, two columns, one grouping.
    assert_eq!((finding.reason, finding.value.as_deref()), (FindingReason::PersonalData, Some("5.0")));
    assert!(finding.message.contains("and 2 more"), "{}", finding.message);
}

#[test]
fn what_cannot_be_told_is_no_pass() {
    use FindingReason::{ColumnMissing, EvidenceEmpty, EvidenceUnreadable, NothingAsked, TooFewRows};
    use Outcome::{Error, Inconclusive, Missing};
    let only = |name: &str| personal(ColumnsAsked::Only(vec![name.into()]), MostCells::Count(0));
    comes_to("", &everywhere(), Missing, EvidenceEmpty, "is empty");
    comes_to("id,note\n", &everywhere(), Missing, EvidenceEmpty, "has no rows");
    comes_to(PEOPLE, &only("email"), Missing, ColumnMissing, "has no column \"email\"");
    comes_to(PEOPLE, &redacted(tokens("x", TokenForm::Hex)), Missing, ColumnMissing, "has no column");
    comes_to(PEOPLE, &hidden(&["x"], 2, &[], 0), Missing, ColumnMissing, "has no column");
    comes_to(PEOPLE, &hidden(&["id"], 2, &["x"], 2), Missing, ColumnMissing, "has no column");
    comes_to("a,b\n1,2\n1,2,3\n", &everywhere(), Error, EvidenceUnreadable, "cannot be read as CSV");
    comes_to("PAR1 and no more", &everywhere(), Error, EvidenceUnreadable, "Parquet");
    let no_column = personal(ColumnsAsked::AllBut(vec!["*".into()]), MostCells::Count(0));
    comes_to(PEOPLE, &no_column, Inconclusive, NothingAsked, "no column left to look at; correct the policy");
    comes_to("a,b\n1,\n2,\n", &redacted(tokens("b", TokenForm::Hex)), Inconclusive, TooFewRows, "no value in column b");
    let finding = answer(b"a,b\n\xff,2\n", &everywhere());
    assert_eq!((finding.outcome, finding.reason), (Error, EvidenceUnreadable));
    let mut bench = Bench::new();
    bench.put("rows", PEOPLE.as_bytes(), None);
    bench.overwrite("rows", b"id\n1\n");
    let finding =
        find(&gate(Check::Privacy(everywhere())), &everywhere(), &OrderFacts::default(), &mut bench.sources());
    assert_eq!((finding.outcome, finding.reason), (Error, FindingReason::DigestMismatch));
    let finding =
        find(&gate(Check::Privacy(everywhere())), &everywhere(), &OrderFacts::default(), &mut Bench::new().sources());
    assert_eq!((finding.outcome, finding.reason), (Missing, FindingReason::EvidenceMissing));
}

const NAMES: &str = "name,visits\nAnna Kowalska,1\nJo Berger,2\n,3\n";

fn compared(form: TokenForm, column: &str, digests: Vec<crate::policy::Digest>) -> Privacy {
    let clear_text = Some(ClearText { evidence: "names".into(), column: column.into(), digests });
    redacted(Redacted { prefix: Some("t_".into()), clear_text, ..tokens("c", form) })
}

fn against(rows: &str, names: Option<&[u8]>, check: &Privacy) -> Finding {
    let mut bench = Bench::new();
    bench.put("rows", rows.as_bytes(), None);
    if let Some(names) = names {
        bench.put("names", names, None);
    }
    find(&gate(Check::Privacy(check.clone())), check, &OrderFacts::default(), &mut bench.sources())
}

#[test]
fn tokens_are_no_clear_text() {
    use Outcome::{Fail, Pass};
    let hex = compared(TokenForm::Hex, "name", vec![]);
    let cases = [
        // Random.
        ("t_9f86d081884c7d65\nt_60303ae22b998861", Pass, "c holds hex tokens, none of 2 values of name in names"),
        // printf 'anna kowalska' | md5sum; printf 'Jo Berger' | sha256sum | cut -c -32
        (
            "t_70f868cc720a5b751ae30fb6fe8eff2b\nt_7344d5d6c774b3705b058c4235173d6f",
            Fail,
            "c has 2 of 2 cells that are unsalted hashes of name in names",
        ),
        ("t_4a6f20426572676572\nt_4a6f20426572676573", Fail, "1 of 2 cells that are encoded values of name in names"),
        // In clear and no token either.
        ("t_Jo Berger\njo berger\nt_00", Fail, "c has 2 of 3 cells that are values of name in names"),
    ];
    for (cells, outcome, said) in cases {
        let finding = against(&format!("c\n{cells}\n"), Some(NAMES.as_bytes()), &hex);
        assert_eq!(finding.outcome, outcome, "{}", finding.message);
        assert!(finding.message.contains(said), "{}", finding.message);
        assert_eq!(finding.evidence.len(), 2);
        assert!(!finding.message.to_lowercase().contains("berger"), "{}", finding.message);
        if outcome == Fail {
            assert_eq!(finding.reason, FindingReason::NotRedacted);
        }
    }
    let chosen = compared(TokenForm::Hex, "name", vec![crate::policy::Digest::of(NAMES.as_bytes())]);
    assert_eq!(against("c\nt_9f86d081\n", Some(NAMES.as_bytes()), &chosen).outcome, Pass);
}

#[test]
fn clear_text_that_cannot_be_compared_with() {
    use FindingReason::{
        ColumnMissing, DigestMismatch, EvidenceEmpty, EvidenceMissing, EvidenceUnreadable, NotRedacted, TooFewRows,
    };
    use Outcome::{Error, Fail, Inconclusive, Missing};
    let (good, bad) = ("c\nt_9f86d081884c7d65\n", "c\nt_9f86\nAnna\n");
    let other = vec![crate::policy::Digest::of(b"another")];
    let cases: [(&str, Option<&[u8]>, &str, Vec<crate::policy::Digest>, Outcome, FindingReason); 9] = [
        (good, None, "name", vec![], Missing, EvidenceMissing),
        (good, Some(b""), "name", vec![], Missing, EvidenceEmpty),
        (good, Some(b"name\n"), "name", vec![], Missing, EvidenceEmpty),
        (good, Some(b"name,a\n,1\n \t,2\n"), "name", vec![], Inconclusive, TooFewRows),
        (good, Some(NAMES.as_bytes()), "surname", vec![], Missing, ColumnMissing),
        (good, Some(b"name,a\n\xff,1\n"), "name", vec![], Error, EvidenceUnreadable),
        (good, Some(b"PAR1 and nothing more"), "name", vec![], Error, EvidenceUnreadable),
        (good, Some(NAMES.as_bytes()), "name", other, Error, DigestMismatch),
        // What is known to be wrong is said, although nothing could be compared.
        (bad, Some(b"name,a\n,1\n"), "name", vec![], Fail, NotRedacted),
    ];
    for (rows, names, column, digests, outcome, reason) in cases {
        let finding = against(rows, names, &compared(TokenForm::Hex, column, digests));
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        if outcome != Fail {
            assert!(finding.message.contains("names"), "{}", finding.message);
        }
    }
}

/// A list could hold anything: it is not passed over.
#[test]
fn a_column_that_cannot_be_looked_at_is_refused() {
    use arrow_array::types::Int64Type;
    use arrow_array::{ArrayRef, Int64Array, ListArray, RecordBatch};
    use std::sync::Arc;
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>((0..3).map(|at| Some(vec![Some(at)])));
    let columns: [(&str, ArrayRef); 2] =
        [("visits", Arc::new(Int64Array::from(vec![1, 2, 3]))), ("codes", Arc::new(lists))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let finding = answer(&bytes, &everywhere());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::EvidenceUnreadable));
    assert!(
        finding.message.contains("codes") && finding.message.contains("leave the column out"),
        "{}",
        finding.message
    );
    let but_codes = personal(ColumnsAsked::AllBut(vec!["codes".into()]), MostCells::Count(0));
    assert_eq!(answer(&bytes, &but_codes).outcome, Outcome::Pass);
}

#[test]
fn a_table_whose_names_are_no_names_is_no_pass() {
    let error = (Outcome::Error, FindingReason::EvidenceUnreadable);
    comes_to("vorname;telefon\nAnna;15112345678\n", &everywhere(), error.0, error.1, "other separators than commas");
    let fail = (Outcome::Fail, FindingReason::PersonalData);
    comes_to("anna@example.org,12\n,13\n,14\n", &everywhere(), fail.0, fail.1, "is the header line missing");
    let finding = answer(b"anna@example.org,12\n,13\n", &everywhere());
    assert!(!finding.message.contains("anna"), "{}", finding.message);
}

#[test]
fn what_a_column_is_called_decides() {
    let found = (Outcome::Fail, FindingReason::PersonalData);
    for rows in [
        "customer_first_name,b\nAnna,1\n",
        "last_name_1,b\nBerger,1\n",
        "Handynummer,b\n15112345678,1\n",
        "build_server_ip,b\n84.12.3.4,1\n",
        "card,b\n4111111111111111.00,1\n",
    ] {
        comes_to(rows, &everywhere(), found.0, found.1, "in 1 of 1 cells");
    }
    let mut bsn = everywhere();
    bsn.personal_data.as_mut().unwrap().detectors = vec![Detector::NlBsn];
    comes_to("note,b\nBSN (Dutch SSN): 123456782,1\n", &bsn, found.0, found.1, "in 1 of 1 cells");
}

#[test]
fn decimals_are_looked_at() {
    use arrow_array::{ArrayRef, Decimal128Array, RecordBatch};
    for (value, scale) in [(4_111_111_111_111_111, 0), (411_111_111_111_111_100, 2)] {
        let cells = Decimal128Array::from(vec![Some(value), None]).with_precision_and_scale(38, scale).unwrap();
        let batch = RecordBatch::try_from_iter([("card", std::sync::Arc::new(cells) as ArrayRef)]).unwrap();
        let mut bytes = Vec::new();
        let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let finding = answer(&bytes, &everywhere());
        assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::PersonalData), "scale {scale}");
        assert!(finding.message.contains("in 1 of 1 cells"), "{}", finding.message);
    }
}

const CONTRACT: &str = "kind: DataContract\napiVersion: v3.1.0\nid: c\nversion: '1'\nschema: []\n";

fn declares(more: &str, check: &Privacy, purpose: Option<&str>) -> Finding {
    let mut bench = Bench::new();
    bench.put("rows", PEOPLE.as_bytes(), None);
    bench.put("contract", format!("{CONTRACT}{more}").as_bytes(), None);
    let facts = OrderFacts {
        at: Some("2026-12-01T00:00:00Z".parse().unwrap()),
        declared: purpose.map(|purpose| ("purpose".to_owned(), purpose.to_owned())).into_iter().collect(),
        ..OrderFacts::default()
    };
    find(&gate(Check::Privacy(check.clone())), check, &facts, &mut bench.sources())
}

fn declared() -> Privacy {
    let declared = Declared {
        evidence: "contract".into(),
        digests: vec![],
        consent: Some(Consent { property: "consentPurposes".into(), uses: vec![] }),
        retention: Some(Retention { property: "retentionUntil".into(), min_days: 0 }),
        storage: Some(Storage { property: "encryption".into(), encryption: vec![] }),
    };
    Privacy { evidence: None, declared: Some(declared), ..nothing() }
}

const PURPOSES: &str = "{property: consentPurposes, value: [triage]}";
const LAKE: &str = "servers: [{server: lake, customProperties: [{property: encryption, value: true}]}]\n";

#[test]
fn what_the_contract_declares() {
    use FindingReason::{
        DeclarationMissing, EvidenceUnreadable, NotEncrypted, PurposeNotCovered, RetentionPassed, WithinLimits,
    };
    let with = |until: &str, servers: &str| {
        format!("customProperties: [{PURPOSES}, {{property: retentionUntil, value: {until}}}]\n{servers}")
    };
    let good = with("2027-01-01", LAKE);
    let cases = [
        (good.clone(), Some("triage"), Outcome::Pass, WithinLimits, "may be kept until 2027-01-02T00:00:00Z"),
        (good.clone(), Some("marketing"), Outcome::Fail, PurposeNotCovered, "to triage and not to marketing"),
        (good.clone(), None, Outcome::Missing, DeclarationMissing, "the release declares no purpose"),
        (with("2026-11-30", LAKE), Some("triage"), Outcome::Fail, RetentionPassed, "deleted before 2026-12-01"),
        (with("2027-01-01", ""), Some("triage"), Outcome::Missing, DeclarationMissing, "no servers"),
        (
            with("2027-01-01", &LAKE.replace("true", "false")),
            Some("triage"),
            Outcome::Fail,
            NotEncrypted,
            "server lake is declared without",
        ),
        // What is wrong is said before what is not there.
        (with("2026-11-30", ""), None, Outcome::Fail, RetentionPassed, "deleted before"),
        (with("soon", LAKE), Some("triage"), Outcome::Error, EvidenceUnreadable, "/customProperties/1/value"),
        (String::new(), Some("triage"), Outcome::Missing, DeclarationMissing, "no consentPurposes"),
    ];
    for (more, purpose, outcome, reason, said) in cases {
        let finding = declares(&more, &declared(), purpose);
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{more}: {}", finding.message);
        assert!(finding.message.contains(said), "{more}: {}", finding.message);
        assert_eq!(finding.evidence.len(), 1);
    }
}

#[test]
fn rows_and_declarations_are_asked_together() {
    let contract = format!("customProperties: [{PURPOSES}]\n");
    let consent = Consent { property: "consentPurposes".into(), uses: vec!["triage".into()] };
    let only = Declared { consent: Some(consent), retention: None, storage: None, ..declared().declared.unwrap() };
    let both = Privacy { declared: Some(only.clone()), ..everywhere() };
    let finding = declares(&contract, &both, None);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::PersonalData));
    assert_eq!(finding.evidence.len(), 2);
    // A declaration that is missing does not hide what was found.
    assert_eq!(declares("", &both, None).reason, FindingReason::PersonalData);
    let columns = Privacy { allowed_columns: vec!["*".into()], declared: Some(only.clone()), ..nothing() };
    assert_eq!(declares(&contract, &columns, None).outcome, Outcome::Pass);
    assert_eq!(declares("", &columns, None).reason, FindingReason::DeclarationMissing);
    // The policy chooses the contract.
    let other = Declared { digests: vec![crate::policy::Digest::of(b"another")], ..only };
    let finding = declares(&contract, &Privacy { declared: Some(other), ..declared() }, None);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::DigestMismatch));
}

#[test]
fn a_contract_that_is_not_there() {
    let bench = Bench::new();
    let check = declared();
    let finding = find(&gate(Check::Privacy(check.clone())), &check, &OrderFacts::default(), &mut bench.sources());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Missing, FindingReason::EvidenceMissing));
    let good = format!("customProperties: [{PURPOSES}, {{property: retentionUntil, value: 2027-01-01}}]\n{LAKE}");
    let mut bench = Bench::new();
    bench.put("contract", format!("{CONTRACT}{good}").as_bytes(), None);
    // Nobody says when it is.
    let facts = OrderFacts { declared: [("purpose".to_owned(), "triage".to_owned())].into(), ..OrderFacts::default() };
    let finding = find(&gate(Check::Privacy(check.clone())), &check, &facts, &mut bench.sources());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::EvidenceStale));
}
