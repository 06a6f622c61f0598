//! SLSA provenance, v1 and v0.2.

use super::statement::{Input, Made, input, name};
use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use std::collections::BTreeSet;

pub(super) fn v1(predicate: &Node<'_>) -> Result<Made, EvidenceError> {
    let definition = predicate.need("buildDefinition", "a build definition")?;
    let details = predicate.need("runDetails", "the details of a run")?;
    let inputs = inputs(definition.items_of("resolvedDependencies")?)?;
    let finished = details.get("metadata").and_then(|metadata| metadata.get("finishedOn"));
    let workflow = definition.get("externalParameters").and_then(|parameters| parameters.get("workflow"));
    let named = workflow.and_then(|workflow| workflow.get("repository")).map(|uri| name(&uri)).transpose()?;
    Ok(Made {
        builder: builder(&details)?,
        finished: finished.map(|at| at.time()).transpose()?,
        sources: sources(&inputs, named),
        inputs,
    })
}

pub(super) fn v0_2(predicate: &Node<'_>) -> Result<Made, EvidenceError> {
    let inputs = inputs(predicate.items_of("materials")?)?;
    let finished = predicate.get("metadata").and_then(|metadata| metadata.get("buildFinishedOn"));
    let configured = predicate.get("invocation").and_then(|invocation| invocation.get("configSource"));
    let named = configured.and_then(|source| source.get("uri")).map(|uri| name(&uri)).transpose()?;
    Ok(Made {
        builder: builder(predicate)?,
        finished: finished.map(|at| at.time()).transpose()?,
        sources: sources(&inputs, named),
        inputs,
    })
}

fn builder(node: &Node<'_>) -> Result<String, EvidenceError> {
    let id = node.need("builder", "a builder")?.need("id", "the builder's URI")?;
    let text = name(&id)?;
    if text.is_empty() { Err(id.wrong("the builder's URI")) } else { Ok(text.to_owned()) }
}

fn inputs(nodes: Vec<Node<'_>>) -> Result<Vec<Input>, EvidenceError> {
    nodes.iter().map(input).collect()
}

/// Every git repository among the inputs, and what the run was configured from.
fn sources(inputs: &[Input], named: Option<&str>) -> BTreeSet<String> {
    let git = inputs.iter().map(|input| input.name.as_str()).filter(|name| name.starts_with("git+"));
    git.chain(named).map(str::to_owned).collect()
}
