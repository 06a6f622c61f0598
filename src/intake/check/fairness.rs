use super::limits;
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::{Fairness, FairnessMeasure};

pub(super) fn compile(at: &str, c: &api::FairnessCheck) -> Result<Fairness, IntakeError> {
    Ok(Fairness {
        evidence: c.evidence.to_string(),
        attributes: c.attributes.iter().map(ToString::to_string).collect(),
        measure: match c.measure {
            api::FairnessMeasureName::DemographicParityRatio => FairnessMeasure::DemographicParityRatio,
            api::FairnessMeasureName::DemographicParityDifference => FairnessMeasure::DemographicParityDifference,
            api::FairnessMeasureName::EqualizedOddsDifference => FairnessMeasure::EqualizedOddsDifference,
            api::FairnessMeasureName::EqualOpportunityDifference => FairnessMeasure::EqualOpportunityDifference,
        },
        limits: limits(at, c.min.as_ref(), c.max.as_ref())?,
        min_group_size: u64::from(c.min_group_size),
    })
}
