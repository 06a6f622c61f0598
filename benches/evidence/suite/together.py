"""E10 and E12: drift, fairness, contract and privacy of one table, asked in one order."""

import json
import os
import re
from itertools import product

from evidence.bounds import middle
from evidence.files import made
from evidence.order import drift, evaluate
from evidence.python import digest
from evidence.turns import cpu, memory, mid, turns
from stage.failure import need
from stage.figure import at_most, told

from . import contract, fairness, personal
from .drift import COLUMNS, FOUR, TIMES, scipy
from .profile import profile

SPARE = 1 << 20
OTHERS = {"race": "string", "sex": "string", "label": "integer", "prediction": "integer", "note": "string"}


class Together:
    """Gates by part, and the evidence that all of them read."""

    def __init__(self, bench):
        folder = made(bench, "mixed", bench.asked.rows // 2, COLUMNS)
        rows = {"reference": folder / "reference.parquet", "current": folder / "current.parquet"}
        psi = scipy(bench, rows, ("psi",))[0]["psi"]
        limits = contract.bounds(bench, rows["current"])
        self.evidence = {
            "current": rows["current"], "reference": profile(bench, rows["reference"])[0],
            "contract": contract.written(folder / "contract.json", limits, OTHERS),
        }
        self.turned = folder / "turned.parquet"
        self.columns = {"current": fairness.COLUMNS}
        self.share = middle(psi)[1]
        self.parts = {
            "drift": [drift("psi", "psi", middle(psi)[0])],
            "fairness": fairness.fairness("current"),
            "contract": [contract.gate_of()],
            "privacy": [personal.privacy("privacy", "current", json.loads((folder / "planted.json").read_text()))],
        }
        self.all = [gate for gates in self.parts.values() for gate in gates]

    def ask(self, bench, part, **options):
        """One part or all of them."""
        gates = self.parts.get(part, self.all)
        code = 0 if part in ("fairness", "contract") else 1
        needed = {"drift": ("current", "reference"), "contract": ("current", "contract")}
        names = needed.get(part, ("current",)) if part in self.parts else self.evidence
        files = {name: self.evidence[name] for name in names}
        columns = self.columns if part not in ("drift", "contract", "privacy") else None
        return evaluate(bench, gates, files, columns, code=code, **options)


def outcomes(answer):
    return {name: (finding["outcome"], finding.get("value")) for name, finding in answer.findings.items()}


def e10(bench):
    """drift, fairness, contract and privacy of one table in one order, beside one order for each"""
    table = Together(bench)
    alone = {name: found for part in table.parts for name, found in outcomes(table.ask(bench, part)).items()}
    need(float(alone["psi"][1]) == table.share, f"psi: {alone['psi']} where SciPy says {table.share}")

    def whole():
        answer = table.ask(bench, "all")
        need(outcomes(answer) == alone, f"in one order {outcomes(answer)}, each alone {alone}")
        return answer.used

    each = [lambda part=part: table.ask(bench, part).used for part in table.parts]
    ours, *parts = turns(TIMES, whole, *each)
    bench.keep("evidence-E10.json", {"all": ours, **dict(zip(table.parts, parts))})
    size = sum(file.stat().st_size for file in table.evidence.values())
    took = {part: mid(used, "cpu") for part, used in zip(table.parts, parts)}
    read = mid(ours, "read")
    return [
        at_most("E10: CPU seconds, to the slowest part's", mid(ours, "cpu") / max(took.values()), 1.3, " times", f"{cpu(ours)}; " + ", ".join(f"{part} {one:.3g}" for part, one in took.items())),
        told("E10: CPU seconds, to the sum of the parts", f"{mid(ours, 'cpu') / sum(took.values()):.3g} times"),
        at_most("E10: bytes read beyond 1 MiB, to the evidence's", (read - SPARE) / size, 1.02, " times", f"{read / 1e6:.1f} MB read, {size / 1e6:.1f} MB of evidence"),
        memory("E10", ours),
    ]


def e12(bench):
    """one result document for one thread and two, and for any order of row groups"""
    cores = sorted(os.sched_getaffinity(0))
    need(len(cores) > 1, "there is one core only, so that there is one thread only")
    table = Together(bench)
    table.all += [drift(f"{method}-{column}", method, "0", [f"c{column}"]) for method, column in product(FOUR, range(3))]
    files = {"in order": table.evidence["current"], "turned": table.turned}
    need(len({digest(file) for file in files.values()}) == 2, "the tables are the same file")
    documents = {}
    for threads, (order, file) in product((1, 2), files.items()):
        table.evidence["current"] = file
        pinned = ("taskset", "-c", ",".join(map(str, cores[:threads])))
        document = table.ask(bench, "all", before=pinned).document
        # The digests of the file and of the order that names it are theirs, not the answer's.
        document = document.replace(digest(file).encode(), b"the table")
        document = re.sub(rb'"order": ?"sha256:[0-9a-f]{64}"', b'"order":"the order"', document)
        documents[f"{threads} threads, row groups {order}"] = document
    bench.keep("evidence-E12.json", {name: document.decode() for name, document in documents.items()})
    different = len(set(documents.values())) - 1
    return [at_most("E12: result documents that differ", different, 0, "", f"of {len(documents)}, {len(table.all)} gates")]
