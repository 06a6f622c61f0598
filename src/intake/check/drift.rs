use super::decimal;
use crate::api;
use crate::intake::{IntakeError, digest};
use crate::policy::check::{Drift, DriftCompare, DriftMethod};

pub(super) fn compile(at: &str, c: &api::DriftCheck) -> Result<Drift, IntakeError> {
    let digests = c.reference_digests.iter().map(|d| digest(&format!("{at}, referenceDigests"), d));
    Ok(Drift {
        reference: c.reference.to_string(),
        reference_digests: digests.collect::<Result<_, _>>()?,
        current: c.current.to_string(),
        method: match c.method {
            api::DriftMethodName::Psi => DriftMethod::Psi,
            api::DriftMethodName::KolmogorovSmirnov => DriftMethod::KolmogorovSmirnov,
            api::DriftMethodName::ChiSquare => DriftMethod::ChiSquare,
        },
        columns: c.columns.iter().map(ToString::to_string).collect(),
        compare: match c.compare {
            api::DriftCompareName::Statistic => DriftCompare::Statistic,
            api::DriftCompareName::PValue => DriftCompare::PValue,
        },
        threshold: decimal(at, &c.threshold)?,
        max_drifted_share: decimal(at, &c.max_drifted_share.clone().unwrap_or_else(|| "0".into()))?,
    })
}
