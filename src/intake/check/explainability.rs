use super::{decimal, format};
use crate::api;
use crate::intake::{IntakeError, digest};
use crate::policy::check::{Explainability, Overlap, Stability};

pub(super) fn compile(at: &str, c: &api::ExplainabilityCheck) -> Result<Explainability, IntakeError> {
    Ok(Explainability {
        evidence: c.evidence.to_string(),
        format: format(at, c.format.map(api::ExplanationFormatName::name))?,
        about_model: c.about_model,
        data: c.data.as_ref().map(ToString::to_string),
        features: c.features.iter().map(ToString::to_string).collect(),
        max_share: decimal(at, &c.max_share.clone().unwrap_or_else(|| "0".into()))?,
        min_features: c.min_features.max(1),
        stability: c.stability.as_ref().map(|s| stability(at, s)).transpose()?,
        min_cases: c.min_cases,
        cases: c.cases.iter().map(ToString::to_string).collect(),
    })
}

fn stability(at: &str, s: &api::StabilitySpec) -> Result<Stability, IntakeError> {
    let digests = s.reference_digests.iter().map(|d| digest(&format!("{at}, referenceDigests"), d));
    let overlap =
        s.overlap.as_ref().map(|o| Ok::<_, IntakeError>(Overlap { top: o.top.max(1), min: decimal(at, &o.min)? }));
    if s.min_rank_correlation.is_none() && s.overlap.is_none() {
        let problem = "ask for minRankCorrelation or overlap".to_owned();
        return Err(IntakeError::Shape { at: at.to_owned(), problem });
    }
    Ok(Stability {
        reference: s.reference.to_string(),
        reference_digests: digests.collect::<Result<_, _>>()?,
        min_rank_correlation: s.min_rank_correlation.as_ref().map(|d| decimal(at, d)).transpose()?,
        overlap: overlap.transpose()?,
    })
}
