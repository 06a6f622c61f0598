use super::limits;
use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::Prometheus;

pub(super) fn compile(at: &str, c: &api::PrometheusCheck) -> Result<Prometheus, IntakeError> {
    if let Err(problem) = Prometheus::parts(&c.query) {
        return Err(IntakeError::Shape { at: at.to_owned(), problem: problem.to_string() });
    }
    Ok(Prometheus {
        provider: c.provider.to_string(),
        query: c.query.to_string(),
        limits: limits(at, c.min.as_ref(), c.max.as_ref())?,
    })
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn a_query_that_can_never_be_filled_in_is_refused() {
        let compiled = |query: &str| {
            let check = serde_json::json!({"provider": "main", "query": query, "max": "1"});
            compile("gate g", &serde_json::from_value(check).unwrap()).map_err(|error| error.to_string())
        };
        assert!(compiled(r#"sum(up{n="${namespace}"}) + label_replace(up, "a", "${1}", "b", "(.*)")"#).is_ok());
        let error = compiled("up{pod=~\"${pod}\"}").unwrap_err();
        assert!(error.contains("gate g") && error.contains("${pod}; there are namespace, release"), "{error}");
        assert!(compiled("up{n=\"${namespace").unwrap_err().contains("does not close"));
    }
}
