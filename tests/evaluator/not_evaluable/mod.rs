//! Every check, with each piece of evidence it reads spoilt in each way, and whatever else it cannot tell: what comes of
//! that, and that it is never a pass.
//!
//! Checks are those of the API's schema, pieces those that the check itself says it reads, reasons those of the source:
//! one that is new and has no case fails here.

mod cases;
mod scenes;

use cases::{CASES, Case};
use modelgate::api::GovernancePolicy;
use modelgate::policy::{Check, FindingReason, Outcome};
use scenes::{Expected, Scene, Way};
use serde_json::Value;
use std::collections::BTreeSet;

use kube::CustomResourceExt;

/// Properties of a gate that are no check.
const NO_CHECKS: [&str; 6] = ["name", "enforcement", "severity", "minTier", "remediation", "watch"];

/// What the schema says of each check.
fn schema() -> serde_json::Map<String, Value> {
    let crd = serde_json::to_value(GovernancePolicy::crd()).unwrap();
    let gate = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/gates/items/properties";
    let mut properties = crd.pointer(gate).unwrap().as_object().unwrap().clone();
    properties.retain(|name, _| !NO_CHECKS.contains(&name.as_str()));
    assert!(properties.len() >= 14, "{:?}", properties.keys());
    properties
}

/// Checks that read evidence, with a scene in which each passes.
fn scenes() -> Vec<(String, Scene)> {
    let all = schema().into_iter().filter_map(|(kind, _)| Some((scenes::of(&kind)?, kind)));
    all.map(|(scene, kind)| (kind, scene)).collect()
}

/// Cases that came to something else than they should.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn comes_to(&mut self, what: &str, scene: &Scene, (outcome, reason): Expected) {
        assert_ne!(outcome, Outcome::Pass, "{what}");
        let finding = scene.run();
        let is_told = !finding.message.trim().is_empty();
        if (finding.outcome, finding.reason) != (outcome, reason) || !is_told {
            let found = format!("{} {}, not {outcome} {reason}", finding.outcome, finding.reason);
            self.0.push(format!("{what}: {found}: {}", finding.message));
        }
    }

    #[track_caller]
    fn none(self) {
        assert!(self.0.is_empty(), "{} cases:\n{}", self.0.len(), self.0.join("\n"));
    }
}

#[test]
fn each_scene_passes_and_leaves_no_piece_out() {
    for (kind, scene) in scenes() {
        let finding = scene.run();
        assert_eq!(finding.outcome, Outcome::Pass, "{kind}: {finding:?}");
        let check: Check = serde_json::from_value(scene.check.clone()).unwrap();
        assert_eq!(check.kind(), kind);
        let read: BTreeSet<&str> = check.evidence().into_iter().collect();
        let given: BTreeSet<&str> = scene.pieces.iter().map(|piece| piece.name).collect();
        assert_eq!(read, given, "{kind}");
    }
}

#[test]
fn evidence_spoilt_in_every_way() {
    let (mut tried, mut wrong) = (0, Wrong::default());
    for (kind, scene) in scenes() {
        for (at, piece) in scene.pieces.iter().enumerate() {
            for way in Way::ALL {
                let Some(expected) = scenes::expected(&kind, piece, way) else { continue };
                let what = format!("{kind}: {} {way:?}", piece.name);
                wrong.comes_to(&what, &scene.spoilt(at, way), expected);
                tried += 1;
            }
        }
    }
    wrong.none();
    assert!(tried > 200, "{tried}");
}

#[test]
fn rows_that_a_slice_does_not_tell() {
    let sliced: Vec<String> = schema()
        .into_iter()
        .filter(|(_, check)| check["properties"].get("where").is_some())
        .map(|(kind, _)| kind)
        .collect();
    assert!(sliced.len() >= 4, "{sliced:?}");
    let mut wrong = Wrong::default();
    let costly = format!("row.region in [{}]", vec!["'x'"; 600].join(","));
    for kind in &sliced {
        let scene = scenes::of_rows(kind);
        let pass = scene.slice("row.region != null").run();
        assert_eq!(pass.outcome, Outcome::Pass, "{kind}: {pass:?}");
        for (text, outcome, reason) in [
            ("row.region >", Outcome::Error, FindingReason::ExpressionInvalid),
            ("row.region > 5", Outcome::Error, FindingReason::ExpressionInvalid),
            ("row.region", Outcome::Error, FindingReason::ExpressionInvalid),
            (costly.as_str(), Outcome::Error, FindingReason::ExpressionTooCostly),
            ("row.region == 'nowhere'", Outcome::Inconclusive, FindingReason::TooFewRows),
            ("row.height == 'x'", Outcome::Missing, FindingReason::ColumnMissing),
        ] {
            wrong.comes_to(&format!("{kind} where {text:.40}"), &scene.slice(text), (outcome, reason));
        }
    }
    wrong.none();
}

#[test]
fn what_each_check_cannot_tell() {
    let mut wrong = Wrong::default();
    for Case { check, what, change, outcome, reason } in CASES {
        let mut scene = scenes::of(check).unwrap_or_else(|| panic!("no scene of {check}"));
        change(&mut scene);
        wrong.comes_to(&format!("{check}: {what}"), &scene, (*outcome, *reason));
    }
    wrong.none();
}

/// People and Prometheus are asked by the operator: `tests/decisions` and `src/cluster/prometheus` hold their cases.
#[test]
fn no_check_is_forgotten() {
    let without: Vec<String> =
        schema().into_iter().map(|(kind, _)| kind).filter(|kind| scenes::of(kind).is_none()).collect();
    assert_eq!(without, ["approval", "prometheus"]);
    let tried: BTreeSet<&str> = CASES.iter().map(|case| case.check).collect();
    let all = scenes();
    assert_eq!(tried, all.iter().map(|(kind, _)| kind.as_str()).collect());
}

/// Where the case of a reason is.
#[derive(PartialEq, Eq, Debug)]
enum Told {
    /// It was measured, and passed or failed.
    Measured,
    /// It could not be told: here.
    Untold,
    /// The operator says it of a run, of people or of Prometheus: `tests/decisions`, `src/release`, `src/cluster`.
    ByOperator,
}

fn told(reason: FindingReason) -> Told {
    use FindingReason::*;
    match reason {
        WithinLimits | BelowMinimum | AboveMaximum | Documented | SectionMissing | SectionEmpty | LinkDead
        | ExpressionTrue | ExpressionFalse | TestsSkipped | FewerTests | Attested | SignatureMissing
        | SignatureInvalid | CertificateInvalid | IdentityNotAllowed | SigningTimeUnproven | NotLogged
        | PredicateNotAllowed | BuilderNotAllowed | SourceNotAllowed | LineageOpen | PersonalData | NotRedacted
        | ColumnNotAllowed | Identifiable | PurposeNotCovered | RetentionPassed | NotEncrypted | Unstable
        | ReportedPass | ReportedFail => Told::Measured,
        ReportedInconclusive | ReportedError | TooFewRows | TooFewGroups | GroupTooSmall | UndefinedRatio
        | ConstantColumn | NoComparableColumns | ExpressionNotBoolean | NoTests | NothingScanned | EvidenceStale
        | RuleNotEvaluated | SubjectUnknown | EvidenceMissing | EvidenceEmpty | MetricMissing | ColumnMissing
        | SuiteMissing | FeaturesMissing | CasesMissing | DeclarationMissing | ProvenanceMissing
        | EvidenceUnreadable | EvidenceTooLarge | DigestMismatch | OtherConfigMap | OtherSubject | NotPinned
        | OtherContract | NotFinite | NothingAsked | ExpressionInvalid | ExpressionTooCostly | ResultInvalid => {
            Told::Untold
        }
        NotAtThisTier | NotAtThisStage | ResultMissing | ResultForeign | OtherVersion | JobNotStarted | JobFailed
        | JobTimedOut | OutOfMemory | ProviderUnknown | ProviderUnreachable | NoData | ManySeries | Approved
        | AwaitingApproval | Rejected => Told::ByOperator,
    }
}

#[test]
fn no_reason_is_forgotten() {
    let source = include_str!("../../../src/policy/finding.rs");
    let body = source.split_once("pub enum FindingReason {").unwrap().1.split_once("\n}").unwrap().0;
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let reasons: Vec<FindingReason> =
        lines.map(|line| serde_json::from_value(line.trim_end_matches(',').into()).unwrap()).collect();
    assert!(reasons.len() > 70, "{reasons:?}");
    let mut tried: Vec<FindingReason> = CASES.iter().map(|case| case.reason).collect();
    for (kind, scene) in scenes() {
        for (piece, way) in scene.pieces.iter().flat_map(|piece| Way::ALL.map(|way| (piece, way))) {
            tried.extend(scenes::expected(&kind, piece, way).map(|(_, reason)| reason));
        }
    }
    for reason in reasons {
        // A failure that is told as one may stand here, too; what could not be told must.
        assert!(told(reason) != Told::Untold || tried.contains(&reason), "{reason} has no case");
    }
}
