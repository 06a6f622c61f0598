use super::*;
use crate::policy::check::{AgainstHistory, DataContract, Explainability, Expression, Metric};
use crate::policy::{Enforcement, FindingReason, GateKey, Limits, Stage};

fn declared(criticality: Level, sensitivity: Level, complexity: Level) -> Declared {
    BTreeMap::from([
        (Factor::BusinessCriticality, criticality),
        (Factor::DataSensitivity, sensitivity),
        (Factor::ModelComplexity, complexity),
    ])
}

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn gate(name: &str, check: Check) -> Gate {
    Gate {
        key: GateKey::new("p", name),
        enforcement: Enforcement::Enforce,
        severity: Severity::High,
        stage: Stage::BeforeRelease,
        min_tier: None,
        watch: None,
        remediation: None,
        check,
    }
}

fn any(name: &str) -> Gate {
    gate(name, Check::Expression(Expression { expression: "true".into(), message: None, evidence: vec![] }))
}

fn metric(name: &str, last: Option<u32>) -> Gate {
    let history =
        last.map(|last| AgainstHistory { last, fewest: 3, max_deviations: decimal("3.5"), values: Vec::new() });
    let metric = Metric {
        evidence: "metrics".into(),
        format: None,
        name: name.into(),
        limits: Limits::at_most(decimal("1000000000000")),
        against_admitted: None,
        against_baseline: None,
        against_history: history,
        slice: None,
    };
    gate(name, Check::Metric(metric))
}

fn contract(name: &str) -> Gate {
    let contract = DataContract {
        contract: "contract".into(),
        contract_digests: vec![],
        version: None,
        data: "rows".into(),
        object: None,
        no_extra_columns: false,
        forbidden_classifications: vec![],
        tested_with: None,
        ignore: vec![],
        slice: None,
    };
    gate(name, Check::DataContract(contract))
}

fn explained(name: &str) -> Gate {
    let check = Explainability {
        evidence: "report".into(),
        format: None,
        about_model: false,
        data: None,
        features: vec![],
        max_share: Decimal::whole(0),
        min_features: 1,
        stability: None,
        min_cases: 0,
        cases: vec![],
    };
    gate(name, Check::Explainability(check))
}

fn found(gate: &Gate, outcome: Outcome) -> Finding {
    Finding::new(gate.key.clone(), outcome, FindingReason::WithinLimits, "")
}

/// Scores gates with these outcomes.
fn scored(model: &RiskModel, declared: &Declared, outcomes: &[Outcome]) -> RiskScore {
    let gate = any("g");
    let findings: Vec<Finding> = outcomes.iter().map(|outcome| found(&gate, *outcome)).collect();
    let asked: Vec<Asked<'_>> = findings.iter().map(|finding| Asked { gate: &gate, finding: Some(finding) }).collect();
    score("p", model, declared, &asked)
}

#[test]
fn table() {
    use Level::{High, Low, Medium};
    let model = RiskModel::default();
    let pass = [Outcome::Pass];
    let fail = [Outcome::Pass, Outcome::Fail];
    let cases: [(Declared, &[Outcome], u32, Tier); 6] = [
        (declared(Low, Low, Low), &pass, 0, Tier::Low),
        (declared(High, High, Low), &pass, 70, Tier::High),
        (declared(Medium, Medium, Low), &pass, 35, Tier::Medium),
        (declared(High, High, Low), &fail, 80, Tier::High),
        (declared(High, High, High), &fail, 90, Tier::Critical),
        // Undeclared counts as High.
        (Declared::new(), &pass, 80, Tier::High),
    ];
    for (declared, outcomes, score_expected, tier) in cases {
        let got = scored(&model, &declared, outcomes);
        assert_eq!((got.score, got.tier), (score_expected, tier), "{declared:?}");
    }
}

#[test]
fn floors_raise_and_never_lower() {
    let mut model = RiskModel::default();
    model.floors.insert(Factor::DataSensitivity, Level::Medium);
    let pass = [Outcome::Pass];
    let low = scored(&model, &declared(Level::Low, Level::Low, Level::Low), &pass);
    let high = scored(&model, &declared(Level::Low, Level::High, Level::Low), &pass);
    assert_eq!((low.score, high.score), (18, 35));
}

#[test]
fn a_model_without_weights_is_the_highest_risk() {
    let model = RiskModel { weights: BTreeMap::new(), ..RiskModel::default() };
    assert_eq!(scored(&model, &Declared::new(), &[]).tier, Tier::Critical);
}

fn only(factor: Factor) -> RiskModel {
    RiskModel { weights: BTreeMap::from([(factor, 1)]), ..RiskModel::default() }
}

#[test]
fn the_lowest_data_quality_counts() {
    let (one, two, other) = (contract("one"), contract("two"), any("other"));
    let model = only(Factor::DataQuality);
    let level = |asked: &[Asked<'_>]| score("p", &model, &Declared::new(), asked).score;
    let quality =
        |gate: &Gate, outcome, millionths| found(gate, outcome).with_count(Count::QualityMillionths, millionths);
    let cases = [
        (quality(&one, Outcome::Pass, 1_000_000), quality(&two, Outcome::Pass, 1_000_000), 0),
        (quality(&one, Outcome::Fail, 875_000), quality(&two, Outcome::Pass, 1_000_000), 13),
        (quality(&one, Outcome::Fail, 999_999), quality(&two, Outcome::Fail, 0), 100),
        (quality(&one, Outcome::Fail, 999_999), quality(&two, Outcome::Pass, 1_000_000), 1),
        // Not measured, or not whole.
        (quality(&one, Outcome::Pass, 1_000_000), found(&two, Outcome::Missing), 100),
        (quality(&one, Outcome::Pass, 1_000_000), quality(&two, Outcome::Inconclusive, 1_000_000), 100),
    ];
    for (a, b, expected) in cases {
        let asked = [Asked { gate: &one, finding: Some(&a) }, Asked { gate: &two, finding: Some(&b) }];
        assert_eq!(level(&asked), expected, "{a:?} {b:?}");
    }
    assert_eq!(level(&[Asked { gate: &one, finding: None }]), 100);
    assert_eq!(level(&[Asked { gate: &other, finding: Some(&found(&other, Outcome::Pass)) }]), 100);
}

#[test]
fn the_most_unusual_number_counts() {
    let (accuracy, plain) = (metric("accuracy", Some(20)), metric("plain", None));
    let model = only(Factor::HistoryAnomaly);
    let level = |asked: &[Asked<'_>]| score("p", &model, &Declared::new(), asked).score;
    let away = |percent| found(&accuracy, Outcome::Pass).with_count(Count::AnomalyPercent, percent);
    for (finding, expected) in [(away(0), 0), (away(37), 37), (away(1000), 100), (found(&accuracy, Outcome::Pass), 100)]
    {
        let ordinary = found(&plain, Outcome::Pass);
        let asked =
            [Asked { gate: &accuracy, finding: Some(&finding) }, Asked { gate: &plain, finding: Some(&ordinary) }];
        assert_eq!(level(&asked), expected, "{finding:?}");
    }
    assert_eq!(level(&[Asked { gate: &plain, finding: Some(&found(&plain, Outcome::Pass)) }]), 100);
}

#[test]
fn measured_complexity_lifts_what_is_declared() {
    let (parameters, features) = (metric("parameters", None), explained("features"));
    let lines = |gate: &str, medium: &str, high: &str| Measured {
        gate: gate.into(),
        medium: decimal(medium),
        high: decimal(high),
    };
    let complexity = vec![lines("parameters", "1000000", "1000000000"), lines("features", "50", "500")];
    let model = RiskModel { complexity, ..only(Factor::ModelComplexity) };
    let few = found(&features, Outcome::Pass).with_count(Count::Features, 49);
    let some = found(&features, Outcome::Fail).with_count(Count::Features, 50);
    let many = found(&features, Outcome::Pass).with_count(Count::Features, 500);
    let small = found(&parameters, Outcome::Pass).with_value(999_999.0);
    let middling = found(&parameters, Outcome::Pass).with_value(1_000_000.0);
    let broken = found(&parameters, Outcome::Error);
    let unmeasured = found(&parameters, Outcome::Error).with_value(1.0);
    for (a, b, stated, expected) in [
        (&small, &few, Level::Low, 0),
        (&small, &few, Level::Medium, 50),
        (&middling, &few, Level::Low, 50),
        (&small, &some, Level::Low, 50),
        (&middling, &many, Level::Low, 100),
        (&broken, &few, Level::Low, 100),
        (&unmeasured, &few, Level::Low, 100),
    ] {
        let asked = [Asked { gate: &parameters, finding: Some(a) }, Asked { gate: &features, finding: Some(b) }];
        let got = score("p", &model, &declared(Level::Low, Level::Low, stated), &asked);
        assert_eq!(got.score, expected, "{a:?} {b:?}");
    }
    assert_eq!(score("p", &model, &declared(Level::Low, Level::Low, Level::Low), &[]).score, 100, "no such gates");
}

/// A report of another model, or one without importance, tells nothing of this model's size.
#[test]
fn features_count_only_with_an_answer() {
    let gate = explained("e");
    let complexity = vec![Measured { gate: "e".into(), medium: decimal("10"), high: decimal("100") }];
    let model = RiskModel { complexity, ..only(Factor::ModelComplexity) };
    let declared = declared(Level::Low, Level::Low, Level::Low);
    for (outcome, features, expected) in [
        (Outcome::Pass, 2, 0),
        (Outcome::Fail, 20, 50),
        (Outcome::Warn, 150, 100),
        (Outcome::Error, 2, 100),
        (Outcome::Inconclusive, 2, 100),
        (Outcome::Missing, 2, 100),
    ] {
        let finding = found(&gate, outcome).with_count(Count::Features, features);
        let asked = [Asked { gate: &gate, finding: Some(&finding) }];
        assert_eq!(score("p", &model, &declared, &asked).score, expected, "{outcome} {features}");
    }
}

#[test]
fn where_nothing_is_asked_nothing_is_known() {
    assert_eq!(scored(&only(Factor::GateOutcomes), &Declared::new(), &[]).score, 100);
}

#[test]
fn weights_of_any_size_are_summed() {
    let weights = BTreeMap::from([(Factor::GateOutcomes, u32::MAX), (Factor::ModelComplexity, u32::MAX)]);
    let model = RiskModel { weights, ..RiskModel::default() };
    assert_eq!(scored(&model, &Declared::new(), &[Outcome::Pass]).score, 50);
}
