//! One target for each reader.

mod contracts;
mod documents;
mod messages;
mod privacy;
mod provenance;
mod tables;
mod texts;

use crate::bench::Bench;
use crate::corpus::{Seed, regressions};
use crate::harness::fuzz;
use crate::properties::fit;
use modelgate::policy::{Columns, Gate, Outcome};

/// Gates that all read evidence `input`, each at every input.
fn gates(target: &str, mut seeds: Vec<Seed>, gates: &[Gate], columns: Option<&Columns>, readable: fn(&[u8]) -> bool) {
    gates_beside(target, &mut seeds, Bench::new(), gates, columns, readable);
}

fn gates_beside(
    target: &str,
    seeds: &mut Vec<Seed>,
    mut bench: Bench,
    gates: &[Gate],
    columns: Option<&Columns>,
    readable: fn(&[u8]) -> bool,
) {
    seeds.extend(regressions(target));
    // A gate that never passes could not pass on what cannot be read either.
    let mut passes = vec![false; gates.len()];
    for seed in seeds.iter() {
        let findings = bench.answers(gates, &seed.bytes, columns);
        passes.iter_mut().zip(&findings).for_each(|(pass, finding)| *pass |= finding.outcome == Outcome::Pass);
    }
    let never: Vec<String> =
        gates.iter().zip(passes).filter(|(_, pass)| !pass).map(|(gate, _)| gate.key.to_string()).collect();
    assert!(never.is_empty(), "{target}: no seed passes {}", never.join(", "));
    fuzz(target, seeds, |bytes| {
        let findings = bench.answers(gates, bytes, columns);
        let can_be_read = readable(bytes);
        findings.iter().try_for_each(|finding| fit(finding, can_be_read))
    });
}
