use crate::api;
use crate::intake::IntakeError;
use crate::policy::check::Expression;

pub(super) fn compile(_at: &str, c: &api::ExpressionCheck) -> Result<Expression, IntakeError> {
    Ok(Expression {
        expression: c.expression.to_string(),
        message: c.message.clone(),
        evidence: c.evidence.iter().map(ToString::to_string).collect(),
    })
}
