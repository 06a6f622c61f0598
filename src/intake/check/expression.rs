use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::Expression;
use crate::policy::expression::{NameError, check_names};

/// Names that nobody knows are refused; what is too large, or no CEL, is the evaluator's to say.
pub(super) fn compile(at: &str, c: &api::ExpressionCheck) -> Result<Expression, IntakeError> {
    let evidence: Vec<String> = c.evidence.iter().map(ToString::to_string).collect();
    match check_names(&c.expression, &evidence) {
        Ok(_) | Err(NameError::Form(_)) => {}
        Err(other) => return Err(IntakeError::Shape { at: at.to_owned(), problem: format!("expression: {other}") }),
    }
    Ok(Expression { expression: c.expression.to_string(), message: c.message.clone(), evidence })
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn names_that_nobody_knows_are_refused() {
        let compiled = |text: &str| {
            let check = serde_json::json!({"expression": text, "evidence": ["metrics"]});
            compile("gate g", &serde_json::from_value(check).unwrap()).map_err(|error| error.to_string())
        };
        assert!(compiled("evidence.metrics.accuracy > 0.8 && model.version != '1'").is_ok());
        for (text, said) in [
            ("evidence.metric.accuracy > 0.8", "list it under evidence (metrics)"),
            ("model.verson != '1'", "model has no field verson; it has name, version, digest"),
            ("accuracy > 0.8", "no variable accuracy"),
            ("declared.dataSensitivity == 'high'", "Low, Medium or High"),
        ] {
            let error = compiled(text).unwrap_err();
            assert!(error.contains(said) && error.contains("gate g"), "{text}: {error}");
        }
        // No CEL, and more than is let through: the evaluator says so.
        assert!(compiled("1 +").is_ok() && compiled(&"(".repeat(100)).is_ok());
    }
}
