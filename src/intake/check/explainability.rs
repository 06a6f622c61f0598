use super::{decimal, format, share};
use crate::api;
use crate::intake::{IntakeError, digest};
use crate::policy::check::{Explainability, Overlap, Stability};

pub(super) fn compile(at: &str, c: &api::ExplainabilityCheck) -> Result<Explainability, IntakeError> {
    Ok(Explainability {
        evidence: c.evidence.to_string(),
        format: format(at, c.format.name())?,
        about_model: c.about_model,
        data: c.data.as_ref().map(ToString::to_string),
        features: c.features.iter().map(ToString::to_string).collect(),
        max_share: share(at, "maxShare", &c.max_share.clone().unwrap_or_else(|| "0".into()))?,
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
    if s.against_admitted && !s.reference_digests.is_empty() {
        let problem = "againstAdmitted fixes the reference: leave referenceDigests out".to_owned();
        return Err(IntakeError::Shape { at: at.to_owned(), problem });
    }
    Ok(Stability {
        reference: s.reference.to_string(),
        against_admitted: s.against_admitted,
        admitted: None,
        reference_digests: digests.collect::<Result<_, _>>()?,
        min_rank_correlation: s.min_rank_correlation.as_ref().map(|d| decimal(at, d)).transpose()?,
        overlap: overlap.transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_api_server_refuses_is_refused_here() {
        let compiled = |stability: &str| {
            let yaml = format!("{{evidence: e, stability: {{reference: r, {stability}}}}}");
            let check: api::ExplainabilityCheck = serde_saphyr::from_str(&yaml).unwrap();
            compile("gate g", &check).map_err(|error| error.to_string())
        };
        let digest = format!("referenceDigests: ['sha256:{}']", "a".repeat(64));
        assert!(compiled("minRankCorrelation: '0.8', againstAdmitted: true").is_ok());
        assert!(compiled(&format!("minRankCorrelation: '0.8', {digest}")).is_ok());
        for (stability, said) in [
            ("againstAdmitted: true".to_owned(), "ask for minRankCorrelation or overlap"),
            (format!("minRankCorrelation: '0.8', againstAdmitted: true, {digest}"), "leave referenceDigests out"),
            ("minRankCorrelation: much".to_owned(), "decimal"),
        ] {
            let error = compiled(&stability).unwrap_err();
            assert!(error.contains(said), "{stability}: {error}");
        }
    }
}
