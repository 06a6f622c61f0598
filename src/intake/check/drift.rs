use super::{decimal, share};
use crate::api;
use crate::intake::{IntakeError, digest};
use crate::policy::check::{ColumnRule, Correction, Drift, DriftCompare, DriftMethod, DriftRule};

pub(super) fn compile(at: &str, c: &api::DriftCheck) -> Result<Drift, IntakeError> {
    let digests = c.reference_digests.iter().map(|d| digest(&format!("{at}, referenceDigests"), d));
    let by_column = c.by_column.iter().map(|own| {
        Ok::<_, IntakeError>(ColumnRule {
            columns: own.columns.iter().map(ToString::to_string).collect(),
            lengths: match own.read_as {
                api::ReadAs::Value => false,
                api::ReadAs::TextLength => true,
            },
            rule: rule(&format!("{at}, byColumn"), own.method, own.compare, &own.threshold)?,
        })
    });
    Ok(Drift {
        reference: c.reference.to_string(),
        reference_digests: digests.collect::<Result<_, _>>()?,
        current: c.current.to_string(),
        rule: rule(at, c.method, c.compare, &c.threshold)?,
        columns: c.columns.iter().map(ToString::to_string).collect(),
        by_column: by_column.collect::<Result<_, _>>()?,
        correction: match c.correction {
            api::DriftCorrection::None => Correction::None,
            api::DriftCorrection::BenjaminiHochberg => Correction::BenjaminiHochberg,
        },
        slice: c.slice.as_ref().map(ToString::to_string),
        max_drifted_share: share(at, "maxDriftedShare", &c.max_drifted_share.clone().unwrap_or_else(|| "0".into()))?,
    })
}

fn rule(
    at: &str,
    method: api::DriftMethodName,
    compare: api::DriftCompareName,
    threshold: &api::DecimalText,
) -> Result<DriftRule, IntakeError> {
    let rule = DriftRule {
        method: match method {
            api::DriftMethodName::Psi => DriftMethod::Psi,
            api::DriftMethodName::KolmogorovSmirnov => DriftMethod::KolmogorovSmirnov,
            api::DriftMethodName::JensenShannon => DriftMethod::JensenShannon,
            api::DriftMethodName::Wasserstein => DriftMethod::Wasserstein,
            api::DriftMethodName::NormalizedWasserstein => DriftMethod::NormalizedWasserstein,
            api::DriftMethodName::ChiSquare => DriftMethod::ChiSquare,
            api::DriftMethodName::TotalVariation => DriftMethod::TotalVariation,
            api::DriftMethodName::CramersV => DriftMethod::CramersV,
            api::DriftMethodName::MissingShare => DriftMethod::MissingShare,
            api::DriftMethodName::NewCategoryShare => DriftMethod::NewCategoryShare,
        },
        compare: match compare {
            api::DriftCompareName::Statistic => DriftCompare::Statistic,
            api::DriftCompareName::PValue => DriftCompare::PValue,
        },
        threshold: decimal(at, threshold)?,
    };
    match rule.can_tell() {
        Ok(()) => Ok(rule),
        Err(problem) => Err(IntakeError::Shape { at: at.to_owned(), problem: problem.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_api_server_refuses_is_refused_here() {
        let compiled = |more: &str| {
            let yaml = format!("{{reference: r, current: c, {more}}}");
            let check: api::DriftCheck = serde_saphyr::from_str(&yaml).unwrap();
            compile("gate g", &check).map_err(|error| error.to_string())
        };
        let good = [
            "method: PSI, threshold: '0.2', maxDriftedShare: '0.3'",
            "method: ChiSquare, threshold: '3.84'",
            "method: KolmogorovSmirnov, compare: PValue, threshold: '0.05'",
            "method: CramersV, threshold: '1'",
        ];
        for more in good {
            assert!(compiled(more).is_ok(), "{more} {:?}", compiled(more));
        }
        for (more, said) in [
            ("method: PSI, threshold: '0.2', maxDriftedShare: '30'", "from 0 to less than 1"),
            ("method: PSI, threshold: '0.2', maxDriftedShare: '1'", "from 0 to less than 1"),
            ("method: PSI, threshold: '0.2', maxDriftedShare: '-0.1'", "from 0 to less than 1"),
            ("method: PSI, threshold: '0'", "above 0"),
            ("method: KolmogorovSmirnov, threshold: '5'", "at most 1"),
            ("method: KolmogorovSmirnov, compare: PValue, threshold: '-1'", "above 0 and below 1"),
            ("method: KolmogorovSmirnov, compare: PValue, threshold: '1'", "above 0 and below 1"),
            (
                "method: PSI, threshold: '0.2', byColumn: [{columns: [a], method: TotalVariation, threshold: '20'}]",
                "at most 1",
            ),
        ] {
            let error = compiled(more).unwrap_err();
            assert!(error.contains(said), "{more}: {error}");
        }
    }
}
