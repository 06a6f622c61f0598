use super::{decimal, limits};
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::{Fairness, FairnessMeasure, Mitigation, SmallGroups};

pub(super) fn compile(at: &str, c: &api::FairnessCheck) -> Result<Fairness, IntakeError> {
    Ok(Fairness {
        evidence: c.evidence.to_string(),
        attributes: c.attributes.iter().map(ToString::to_string).collect(),
        measure: match c.measure {
            api::FairnessMeasureName::DemographicParityRatio => FairnessMeasure::DemographicParityRatio,
            api::FairnessMeasureName::DemographicParityDifference => FairnessMeasure::DemographicParityDifference,
            api::FairnessMeasureName::EqualizedOddsDifference => FairnessMeasure::EqualizedOddsDifference,
            api::FairnessMeasureName::EqualOpportunityDifference => FairnessMeasure::EqualOpportunityDifference,
            api::FairnessMeasureName::FalsePositiveRateDifference => FairnessMeasure::FalsePositiveRateDifference,
            api::FairnessMeasureName::FalseNegativeRateDifference => FairnessMeasure::FalseNegativeRateDifference,
            api::FairnessMeasureName::PredictiveParityDifference => FairnessMeasure::PredictiveParityDifference,
            api::FairnessMeasureName::CalibrationGap => FairnessMeasure::CalibrationGap,
        },
        limits: limits(at, c.min.as_ref(), c.max.as_ref())?,
        min_group_size: u64::from(c.min_group_size),
        small_groups: match c.small_groups {
            api::SmallGroupsName::Inconclusive => SmallGroups::Inconclusive,
            api::SmallGroupsName::LeaveOut => SmallGroups::LeaveOut,
        },
        intersections: c.intersections,
        confidence: c.confidence.as_ref().map(|text| decimal(at, text)).transpose()?,
        mitigation: c
            .mitigation
            .as_ref()
            .map(|m| Mitigation { unmitigated: m.unmitigated.to_string(), evidence: m.evidence.to_string() }),
        slice: c.slice.as_ref().map(ToString::to_string),
    })
}
