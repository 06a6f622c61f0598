"""An order as the operator writes it, and its answer by `modelgate evaluate` as it runs in a Job: it reads the order,
copies and hashes the evidence, computes, and writes the result document."""

import json
import os
import shutil
from dataclasses import dataclass

from stage.bench import WORK
from stage.failure import need

from .python import digest, once

METHODS = {"psi": "PSI", "ks": "KolmogorovSmirnov", "js": "JensenShannon", "w1": "Wasserstein", "chi": "ChiSquare"}
# The order's own limits are not what is measured.
ROOM, LONGEST = 16 << 30, "30m"


@dataclass
class Answer:
    findings: dict  # by gate
    used: dict
    document: bytes


def gate(name, **check):
    return {"key": f"bench/{name}", "enforcement": "Enforce", "severity": "High", "stage": "BeforeRelease", "check": check}


def drift(name, method, threshold, columns=()):
    """A gate that fails when more than three columns in ten are at or above the threshold."""
    return gate(name, drift={
        "reference": "reference", "referenceDigests": [], "current": "current", "method": METHODS[method], "columns": list(columns),
        "compare": "Statistic", "threshold": threshold, "maxDriftedShare": "0.3",
    })


def evaluate(bench, gates, evidence, columns=None, code=1, before=()):
    """`evidence`: files by name; `columns`: what their columns mean; `before`: what starts the program."""
    folder = WORK / "evaluation"
    shutil.rmtree(folder, ignore_errors=True)
    for name, file in evidence.items():
        # As a Job has them: a folder for each piece of evidence.
        (folder / "evidence" / name).mkdir(parents=True)
        os.link(file, folder / "evidence" / name / "table")
    (folder / "work").mkdir()
    order = {
        "run": "bench", "gates": gates,
        "evidence": [
            {"name": name, "digest": digest(file), "source": {"configMap": {"name": "any", "key": "table"}}, "columns": (columns or {}).get(name)}
            for name, file in evidence.items()
        ],
        "facts": {"namespace": "n", "namespaceLabels": {}, "release": "r", "modelName": "m", "modelVersion": "1", "declared": {}},
    }
    (folder / "order.json").write_text(json.dumps(order))
    used, said = once(
        *before, bench.binary, "evaluate", "--order", folder / "order.json", "--evidence-root", folder / "evidence",
        "--work", folder / "work", "--work-limit", ROOM, "--timeout", LONGEST, "--termination-log", folder / "result.json", code=code,
    )
    told = [json.loads(line)["finding"] for line in said.splitlines() if line.startswith("{")]
    findings = {finding["gate"].split("/", 1)[1]: finding for finding in told}
    need(len(findings) == len(gates), f"{len(findings)} findings for {len(gates)} gates")
    return Answer(findings, used, (folder / "result.json").read_bytes())


def value(finding):
    """The number of a gate that has one."""
    need("value" in finding, f"{finding['gate']}: {finding['outcome']} {finding['reason']}: {finding['message']}")
    return float(finding["value"])
