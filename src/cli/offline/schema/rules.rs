//! Rules of the schemas (`x-kubernetes-validations`).

use super::stored::field;
use super::{Place, Problem};
use crate::evaluator::expression::Answer;
use crate::evaluator::expression::rule::{Asked, answers};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray, ValidationRule,
};
use serde_json::Value;

/// Rules that do not hold, or that cannot be answered here, for an object of the right shape.
pub fn problems(schema: &JSONSchemaProps, object: &Value) -> Vec<Problem> {
    // To a rule a null is a field that is not there.
    let mut object = object.clone();
    drop_nulls(&mut object);
    let mut applied = Vec::new();
    apply(schema, &object, Place::default(), &mut applied);
    let asked: Vec<_> = applied.iter().map(|(_, rule, of)| Asked { rule: &rule.rule, of }).collect();
    let answers = match answers(&asked) {
        Ok(answers) => answers,
        Err(why) => return vec![Problem::new(&Place::default(), format!("its rules cannot be answered here: {why}"))],
    };
    let said = |((place, rule, _), answer): (&(Place, &ValidationRule, &Value), Answer)| {
        let text = &rule.rule;
        match answer {
            Answer::True => None,
            Answer::False => {
                let told = rule.message.clone();
                Some(Problem::new(place, told.unwrap_or_else(|| format!("this does not hold: {text}"))))
            }
            Answer::NotBoolean(kind) => Some(Problem::new(place, format!("this rule gives {kind}: {text}"))),
            Answer::Invalid(why) | Answer::TooCostly(why) | Answer::Nothing(why) => {
                Some(Problem::new(place, format!("this rule cannot be answered here: {text}: {why}")))
            }
        }
    };
    applied.iter().zip(answers).filter_map(said).collect()
}

type Applied<'a> = Vec<(Place, &'a ValidationRule, &'a Value)>;

fn apply<'a>(schema: &'a JSONSchemaProps, value: &'a Value, place: Place, found: &mut Applied<'a>) {
    for rule in schema.x_kubernetes_validations.iter().flatten().filter(|rule| !is_of_updates(rule)) {
        found.push((place.clone(), rule, value));
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                field(schema, name).into_iter().for_each(|of| apply(of, value, place.field(name), found));
            }
        }
        Value::Array(items) => {
            if let Some(JSONSchemaPropsOrArray::Schema(of)) = &schema.items {
                items.iter().enumerate().for_each(|(at, item)| apply(of, item, place.item(at, item), found));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Compares with what was there before: nothing was.
pub fn is_of_updates(rule: &ValidationRule) -> bool {
    rule.rule.contains("oldSelf")
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
