use super::{decimal, format, limits, optional};
use crate::api::{self, DecimalText};
use crate::intake::IntakeError;
use crate::policy::Limits;
use crate::policy::check::{AgainstAdmitted, AgainstBaseline, AgainstHistory, Metric, Movement};

pub(super) fn compile(at: &str, c: &api::MetricCheck) -> Result<Metric, IntakeError> {
    let admitted = c.against_admitted.as_ref().map(|a| {
        let movement = movement(at, a.max_decrease.as_ref(), a.max_increase.as_ref(), a.relative)?;
        Ok::<_, IntakeError>(AgainstAdmitted { movement, baseline: None })
    });
    let baseline = c.against_baseline.as_ref().map(|b| {
        Ok::<_, IntakeError>(AgainstBaseline {
            evidence: b.evidence.to_string(),
            name: b.name.as_ref().map(ToString::to_string),
            movement: movement(at, b.max_decrease.as_ref(), b.max_increase.as_ref(), b.relative)?,
        })
    });
    let history = c.against_history.as_ref().map(|h| {
        if h.fewest > h.last {
            let problem = "againstHistory.fewest is at most againstHistory.last".to_owned();
            return Err(IntakeError::Shape { at: at.to_owned(), problem });
        }
        let max_deviations = decimal(at, &h.max_deviations)?;
        Ok(AgainstHistory { last: h.last, fewest: h.fewest, max_deviations, values: Vec::new() })
    });
    let limits = match &c.equal {
        Some(_) if c.min.is_some() || c.max.is_some() => {
            let problem = "equal stands without min and max".to_owned();
            return Err(IntakeError::Shape { at: at.to_owned(), problem });
        }
        Some(equal) => {
            let equal = decimal(at, equal)?;
            Limits { min: Some(equal.clone()), max: Some(equal) }
        }
        None => limits(at, c.min.as_ref(), c.max.as_ref())?,
    };
    let compared = c.against_admitted.is_some() || c.against_baseline.is_some() || c.against_history.is_some();
    if limits == Limits::default() && !compared {
        let problem = "ask for min, max, equal, againstAdmitted, againstBaseline or againstHistory".to_owned();
        return Err(IntakeError::Shape { at: at.to_owned(), problem });
    }
    if c.slice.is_some() && c.format != api::MetricFormatName::Auto {
        let problem = "where is of a table; leave format out".to_owned();
        return Err(IntakeError::Shape { at: at.to_owned(), problem });
    }
    Ok(Metric {
        evidence: c.evidence.to_string(),
        format: format(at, c.format.name())?,
        name: c.name.to_string(),
        limits,
        against_admitted: admitted.transpose()?,
        against_baseline: baseline.transpose()?,
        against_history: history.transpose()?,
        slice: c.slice.as_ref().map(ToString::to_string),
    })
}

fn movement(
    at: &str,
    less: Option<&DecimalText>,
    more: Option<&DecimalText>,
    relative: bool,
) -> Result<Movement, IntakeError> {
    let movement = Movement { max_decrease: optional(at, less)?, max_increase: optional(at, more)?, relative };
    if movement.max_decrease.is_none() && movement.max_increase.is_none() {
        let problem = "ask for maxDecrease or maxIncrease".to_owned();
        return Err(IntakeError::Shape { at: at.to_owned(), problem });
    }
    Ok(movement)
}
