use super::*;
use crate::evaluator::checks::testing::{Bench, gate};
use crate::policy::Check;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/contracts/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn check() -> DataContract {
    DataContract {
        contract: "contract".into(),
        contract_digests: vec![],
        version: Some("2.1.0".into()),
        data: "rows".into(),
        object: None,
        no_extra_columns: true,
        forbidden_classifications: vec![],
        tested_with: None,
        ignore: vec![],
        slice: None,
    }
}

fn answer(evidence: &[(&str, &[u8])], check: &DataContract) -> Finding {
    let mut bench = Bench::new();
    for (name, bytes) in evidence {
        bench.put(name, bytes, None);
    }
    let facts = OrderFacts { at: Some("2026-06-01T00:00:00Z".parse().unwrap()), ..OrderFacts::default() };
    find(&gate(Check::DataContract(check.clone())), check, &facts, &mut bench.sources())
}

/// Places of what is not evaluated in its only object.
fn places(contract: &[u8]) -> Vec<String> {
    let contract = contract::read(contract).unwrap();
    contract.objects[0].unevaluated.iter().map(|part| part.at.clone()).collect()
}

/// The contract with one text for another.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(fixture("applications.odcs.yaml")).unwrap();
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

#[test]
fn a_table_that_keeps_its_contract() {
    let (contract, rows) = (fixture("applications.odcs.yaml"), fixture("applications.csv"));
    let finding = answer(&[("contract", &contract), ("rows", &rows)], &check());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Pass, FindingReason::WithinLimits), "{}", finding.message);
    assert_eq!((finding.number(), finding.threshold.as_deref()), (Some(0.0), Some("<= 0")));
    assert_eq!(finding.evidence, [Digest::of(&contract), Digest::of(&rows)]);
    assert_eq!(
        finding.message,
        "applications 2.1.0: 52 rules hold in 4 rows; 2 classified columns: born restricted, iban restricted"
    );
}

#[test]
fn a_contract_that_a_tool_made_of_the_table() {
    let (contract, rows) = (fixture("applications-imported.odcs.yaml"), fixture("applications.csv"));
    let check = DataContract { version: Some("1.0.0".into()), ..check() };
    let finding = answer(&[("contract", &contract), ("rows", &rows)], &check);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Pass, FindingReason::WithinLimits), "{}", finding.message);
    // Another request of the same rows is no longer unique.
    let twice = String::from_utf8(rows).unwrap().replace("1c9b2e0e", "0c9b2e0e");
    let finding = answer(&[("contract", &contract), ("rows", twice.as_bytes())], &check);
    assert_eq!(finding.outcome, Outcome::Fail, "{}", finding.message);
}

#[test]
fn broken_rules_are_counted_and_the_worst_named() {
    let contract = fixture("applications.odcs.yaml");
    let rows = String::from_utf8(fixture("applications.csv")).unwrap();
    let cases = [
        ("120000.50", "120000.501", "amount 1 not DECIMAL(8,2) (\"120000.501\")"),
        ("MUC,2", "MUC,1", "branch, number 1 not unique as primary key"),
        (",open,", ",closed,", "status 2 not allowed (\"closed\")"),
        // Classified: its value is nobody's business.
        ("1971-03-04", "1871-03-04", "born 1 below the minimum"),
        ("T11:30:00Z", "T11:30:00", "created_at 1 with or without a zone"),
        ("DE1234", "nobody", "iban 2 invalidValues not < 2"),
        (",iban\n", ",iban_2\n", "iban is no column"),
        ("2026-05-3", "2026-05-1", "created_at is 72 h old, asked at most 48 h"),
    ];
    for (from, to, said) in cases {
        assert!(rows.contains(from), "{from}");
        let finding = answer(&[("contract", &contract), ("rows", rows.replace(from, to).as_bytes())], &check());
        assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::AboveMaximum), "{from}");
        assert!(finding.message.contains(said), "{said}: {}", finding.message);
        assert!(finding.number().unwrap() >= 1.0);
        assert!(!finding.message.contains("1871"), "{}", finding.message);
    }
    let nothing = rows.lines().next().unwrap().to_owned() + &"\n,,,,,,,,,,,".repeat(3) + "\n";
    let finding = answer(&[("contract", &contract), ("rows", nothing.as_bytes())], &check());
    assert!(finding.message.starts_with("applications 2.1.0: 8 of 52 rules broken in 3 rows: "), "{}", finding.message);
    assert!(finding.message.contains(" and 4 more; fix the data"), "{}", finding.message);
}

#[test]
fn forbidden_columns_fail() {
    let (contract, rows) = (fixture("applications.odcs.yaml"), fixture("applications.csv"));
    let forbidding = DataContract { forbidden_classifications: vec!["Restricted".into()], ..check() };
    let finding = answer(&[("contract", &contract), ("rows", &rows)], &forbidding);
    assert_eq!((finding.outcome, finding.number()), (Outcome::Fail, Some(2.0)));
    assert!(finding.message.contains("born is restricted, iban is restricted"), "{}", finding.message);
}

#[test]
fn what_is_not_evaluated_is_no_pass_unless_the_policy_says_so() {
    let more = "{ metric: rowCount, mustBeBetween: [3, 100] }\n      - { type: sql, query: SELECT 1, mustBe: 1 }\n      - { type: text, description: x }";
    let contract = changed("{ metric: rowCount, mustBeBetween: [3, 100] }", more);
    let [sql, text] = &places(&contract)[..] else { panic!() };
    let rows = fixture("applications.csv");
    let ask = |ignore: &[&str], rows: &[u8]| {
        let check = DataContract { ignore: ignore.iter().map(|i| (*i).to_owned()).collect(), ..check() };
        answer(&[("contract", &contract), ("rows", rows)], &check)
    };
    let finding = ask(&[], &rows);
    assert_eq!((finding.outcome, finding.reason), (Outcome::Inconclusive, FindingReason::RuleNotEvaluated));
    assert!(finding.message.contains(&format!("2 parts not evaluated: sql {sql}, text {text}")), "{}", finding.message);
    assert_eq!(ask(&["sql"], &rows).outcome, Outcome::Inconclusive);
    assert_eq!(ask(&["sql", "custom", sql], &rows).outcome, Outcome::Inconclusive);
    let passed = ask(&["sql", text], &rows);
    assert!(passed.outcome == Outcome::Pass && passed.message.contains("; 2 parts passed over"), "{}", passed.message);
    // A broken rule is broken whatever else is not known.
    let broken = String::from_utf8(rows).unwrap().replace("granted", "lost");
    let finding = ask(&[], broken.as_bytes());
    assert!(
        finding.outcome == Outcome::Fail && finding.message.contains("; 2 parts not evaluated"),
        "{}",
        finding.message
    );
}

#[test]
fn a_rule_that_the_gate_passes_over_gives_its_place_to_no_other() {
    let rows = fixture("applications.csv");
    let bound = "{ metric: rowCount, mustBeBetween: [3, 100] }";
    let with = |rules: &[&str]| changed(bound, &[&[bound][..], rules].concat().join("\n      - "));
    let agreed = "{ type: sql, query: SELECT 1, mustBe: 1 }";
    let check = DataContract { ignore: vec![places(&with(&[agreed])).remove(0)], ..check() };
    let outcome = |rules: &[&str]| answer(&[("contract", &with(rules)), ("rows", &rows)], &check).outcome;
    assert_eq!(outcome(&[agreed]), Outcome::Pass);
    assert_eq!(outcome(&["{ metric: rowCount, mustBeLessThan: 100 }", agreed]), Outcome::Pass);
    assert_eq!(outcome(&["{ type: sql, query: SELECT 2, mustBe: 1 }"]), Outcome::Inconclusive);
    assert_eq!(outcome(&["{ type: sql, query: SELECT 2, mustBe: 1 }", agreed]), Outcome::Inconclusive);
}

#[test]
fn what_the_gate_passes_over_is_compared_with_the_tested_contract() {
    let rows = fixture("applications.csv");
    let bound = "{ metric: rowCount, mustBeBetween: [3, 100] }";
    let asking = |query: &str| changed(bound, &format!("{bound}\n      - {{ type: sql, query: {query}, mustBe: 1 }}"));
    let tested = asking("SELECT 1");
    let tested_with = TestedWith { contract: "tested".into(), digests: vec![], changes: Changes::Compatible };
    let check = DataContract { ignore: vec!["sql".into()], tested_with: Some(tested_with), ..check() };
    let ask = |contract: &[u8]| answer(&[("contract", contract), ("tested", &tested), ("rows", &rows)], &check);
    assert_eq!(ask(&[&tested[..], b"# The same.\n"].concat()).outcome, Outcome::Pass);
    for contract in [asking("SELECT 2"), fixture("applications.odcs.yaml")] {
        let finding = ask(&contract);
        assert_eq!((finding.outcome, finding.reason), (Outcome::Fail, FindingReason::AboveMaximum));
        let said = format!("1 breaking ways: sql at {} was changed", places(&tested)[0]);
        assert!(finding.message.contains(&said), "{}", finding.message);
    }
}

#[test]
fn every_row_is_held_to_what_is_said_of_a_column() {
    let time = "logicalType: timestamp, logicalTypeOptions: { format: \"yyyy-MM-dd'T'HH:mm:ss\" }";
    for (said, rows, outcome) in [
        (time, "2026-01-31T12:00:00", Outcome::Pass),
        (time, "2026-01-31 12:00:00", Outcome::Fail),
        (time, "2026-01-31T12:00:00Z", Outcome::Fail),
        ("logicalType: time, logicalTypeOptions: { format: 'HH:mm' }", "08:30", Outcome::Pass),
        ("logicalType: time, logicalTypeOptions: { format: 'HH:mm' }", "08:30:00", Outcome::Fail),
        ("physicalType: TIMESTAMPTZ", "2026-01-31T12:00:00Z", Outcome::Pass),
        ("physicalType: TIMESTAMPTZ", "2026-01-31T12:00:00", Outcome::Fail),
        ("physicalType: 'TIMESTAMP(0)'", "2026-01-31T12:00:00", Outcome::Pass),
        ("physicalType: 'TIMESTAMP(0)'", "2026-01-31T12:00:00.5", Outcome::Fail),
        ("physicalType: 'DECIMAL(5,2)'", "999.99", Outcome::Pass),
        ("physicalType: 'DECIMAL(5,2)'", "100000", Outcome::Fail),
        ("physicalType: 'DECIMAL(5,2)'", "1.234", Outcome::Fail),
        ("physicalType: 'DECIMAL(2,5)'", "1", Outcome::Inconclusive),
        ("logicalType: string, required: true", "Nancy", Outcome::Pass),
        ("logicalType: string, required: true", "NaN", Outcome::Fail),
        ("logicalType: integer, required: true", "1\n2", Outcome::Pass),
        ("logicalType: integer, required: true", "1\n\n2", Outcome::Fail),
    ] {
        let contract = format!(
            "kind: DataContract\napiVersion: v3.1.0\nid: i\nversion: 2.1.0\nschema:\n- name: t\n  properties:\n  - {{ name: a, {said} }}\n"
        );
        let finding =
            answer(&[("contract", contract.as_bytes()), ("rows", format!("a\n{rows}\n").as_bytes())], &check());
        assert_eq!(finding.outcome, outcome, "{said}, {rows:?}: {}", finding.message);
    }
}

#[test]
fn only_the_contract_that_is_asked_for() {
    let (contract, rows) = (fixture("applications.odcs.yaml"), fixture("applications.csv"));
    let two = changed("schema:\n", "schema:\n  - { name: other, properties: [{ name: a }] }\n  - { name: nothing }\n");
    let named = |object: &str| DataContract { object: Some(object.into()), ..check() };
    let digests = |of: &[u8]| DataContract { contract_digests: vec![Digest::of(of)], ..check() };
    use FindingReason::{AboveMaximum, DigestMismatch, NothingAsked, OtherContract, WithinLimits};
    let cases: [(&[u8], DataContract, Outcome, FindingReason); 9] = [
        (&contract, digests(&contract), Outcome::Pass, WithinLimits),
        (&contract, digests(&rows), Outcome::Error, DigestMismatch),
        (&contract, DataContract { version: Some("2.1".into()), ..check() }, Outcome::Error, OtherContract),
        (&contract, named("loan_applications"), Outcome::Pass, WithinLimits),
        (&contract, named("loans"), Outcome::Error, OtherContract),
        (&two, check(), Outcome::Error, NothingAsked),
        (&two, named("nothing"), Outcome::Error, NothingAsked),
        (&two, named("applications"), Outcome::Pass, WithinLimits),
        (&two, named("other"), Outcome::Fail, AboveMaximum),
    ];
    for (contract, check, outcome, reason) in cases {
        let finding = answer(&[("contract", contract), ("rows", &rows)], &check);
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
    }
}

#[test]
fn against_the_contract_that_was_tested() {
    let (tested, rows) = (fixture("applications.odcs.yaml"), fixture("applications.csv"));
    let same = changed("# Hand-made", "# By hand");
    let tighter = changed("maximum: 500000", "maximum: 500000, minimum: -5");
    let looser = changed("unique: true, ", "");
    let other = changed("id: applications\n", "id: others\n");
    let stale = changed("value: 2, unit: d", "value: 3, unit: d");
    let ask = |contract: &[u8], changes: Changes, digests: Vec<Digest>| {
        let tested_with = Some(TestedWith { contract: "tested".into(), digests, changes });
        answer(
            &[("contract", contract), ("tested", &tested), ("rows", &rows)],
            &DataContract { tested_with, ..check() },
        )
    };
    use FindingReason::{AboveMaximum, DigestMismatch, OtherContract, WithinLimits};
    let cases: [(&[u8], Changes, Outcome, FindingReason, &str); 8] = [
        (&tested, Changes::None, Outcome::Pass, WithinLimits, "52 rules hold"),
        (&same, Changes::None, Outcome::Fail, AboveMaximum, "are not the same document; test the model"),
        (&same, Changes::Compatible, Outcome::Pass, WithinLimits, "52 rules hold"),
        (&tighter, Changes::Compatible, Outcome::Pass, WithinLimits, "52 rules hold"),
        (&looser, Changes::Compatible, Outcome::Fail, AboveMaximum, "1 breaking ways: request may repeat"),
        (&looser, Changes::None, Outcome::Fail, AboveMaximum, "1 breaking ways: request may repeat"),
        (&stale, Changes::Compatible, Outcome::Fail, AboveMaximum, "created_at may be older"),
        (&other, Changes::Compatible, Outcome::Error, OtherContract, "tested is not the contract others"),
    ];
    for (contract, changes, outcome, reason, said) in cases {
        let finding = ask(contract, changes, vec![]);
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
        assert!(finding.message.contains(said), "{said}: {}", finding.message);
        assert_eq!(finding.number().is_some(), matches!(outcome, Outcome::Pass | Outcome::Fail));
    }
    assert_eq!(ask(&tested, Changes::None, vec![Digest::of(&rows)]).reason, DigestMismatch);
    assert_eq!(ask(&tested, Changes::None, vec![Digest::of(&tested)]).outcome, Outcome::Pass);
}

#[test]
fn bad_evidence() {
    use FindingReason::{EvidenceEmpty, EvidenceMissing, EvidenceUnreadable};
    let (contract, rows) = (fixture("applications.odcs.yaml"), fixture("applications.csv"));
    let header = rows.split_inclusive(|byte| *byte == b'\n').next().unwrap();
    let cut = &rows[..rows.len() - 30];
    let cases: [(&[u8], &[u8], Outcome, FindingReason); 9] = [
        (b"", &rows, Outcome::Missing, EvidenceEmpty),
        (b"\n", &rows, Outcome::Missing, EvidenceEmpty),
        (b"kind: DataContract\n", &rows, Outcome::Error, EvidenceUnreadable),
        (b"\xff", &rows, Outcome::Error, EvidenceUnreadable),
        (&contract[..contract.len() / 2], &rows, Outcome::Error, EvidenceUnreadable),
        (&contract, b"", Outcome::Missing, EvidenceEmpty),
        (&contract, header, Outcome::Missing, EvidenceEmpty),
        (&contract, cut, Outcome::Error, EvidenceUnreadable),
        (&contract, b"PAR1 and no more PAR1", Outcome::Error, EvidenceUnreadable),
    ];
    for (contract, rows, outcome, reason) in cases {
        let finding = answer(&[("contract", contract), ("rows", rows)], &check());
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{}", finding.message);
    }
    let tested_with = Some(TestedWith { contract: "tested".into(), digests: vec![], changes: Changes::None });
    let asked = DataContract { tested_with, ..check() };
    for evidence in
        [&[("contract", &contract[..])][..], &[("rows", &rows)], &[("contract", &contract), ("rows", &rows)]]
    {
        assert_eq!(answer(evidence, &asked).reason, EvidenceMissing);
    }
    let mut bench = Bench::new();
    bench.put("contract", &contract, None);
    bench.put("rows", &rows, None);
    bench.overwrite("contract", &changed("required: true", "required: false"));
    let finding = find(&gate(Check::DataContract(check())), &check(), &OrderFacts::default(), &mut bench.sources());
    assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::DigestMismatch));
}

#[test]
fn the_object_is_the_one_that_is_called_so() {
    let rows = fixture("applications.csv");
    let lax = |physical: &str| {
        format!(
            "schema:\n  - {{ name: raw, physicalName: {physical}, properties: [{{ name: branch }}] }}\n  - name: applications"
        )
    };
    let asked = |object: &str| DataContract { object: Some(object.into()), no_extra_columns: false, ..check() };
    // By its own name, although another one that asks less is stored under it.
    let contract = changed("schema:\n  - name: applications", &lax("applications"));
    let finding = answer(&[("contract", &contract), ("rows", &rows)], &asked("applications"));
    assert!(finding.message.contains("51 rules hold"), "{}", finding.message);
    // Two are stored under one name.
    let contract = changed("schema:\n  - name: applications", &lax("loan_applications"));
    let finding = answer(&[("contract", &contract), ("rows", &rows)], &asked("loan_applications"));
    assert_eq!((finding.outcome, finding.reason), (Outcome::Error, FindingReason::OtherContract));
    assert!(finding.message.contains("several objects that are stored as loan_applications"), "{}", finding.message);
}

#[test]
fn some_rows_only() {
    use FindingReason::{AboveMaximum, ColumnMissing, ExpressionInvalid, TooFewRows, WithinLimits};
    let contract = changed("mustBeBetween: [3, 100]", "mustBeBetween: [0, 100]");
    let rows = String::from_utf8(fixture("applications.csv")).unwrap();
    // One row that is not allowed, which only some slices have.
    let rows = rows.replacen(",open,", ",closed,", 1);
    for (text, outcome, reason, said) in [
        ("row.status == 'closed'", Outcome::Fail, AboveMaximum, "status 1 not allowed"),
        ("row.status != 'closed'", Outcome::Pass, WithinLimits, "where row.status != 'closed': applications 2.1.0: "),
        ("row.status == 'lost'", Outcome::Inconclusive, TooFewRows, "has no such row"),
        ("row.stat == 'open'", Outcome::Missing, ColumnMissing, "has no column \"stat\""),
        ("row.status > 1", Outcome::Error, ExpressionInvalid, "cannot be told"),
    ] {
        let check = DataContract { slice: Some(text.into()), ..check() };
        let mut bench = Bench::new();
        bench.put("contract", &contract, None);
        bench.put("rows", rows.as_bytes(), None);
        let facts = OrderFacts { at: Some("2026-06-01T00:00:00Z".parse().unwrap()), ..OrderFacts::default() };
        let gate = gate(Check::DataContract(check.clone()));
        let finding = crate::evaluator::checks::answer(&gate, &facts, &mut bench.sources());
        assert_eq!((finding.outcome, finding.reason), (outcome, reason), "{text}: {}", finding.message);
        assert!(finding.message.contains(said), "{text}: {}", finding.message);
    }
}
