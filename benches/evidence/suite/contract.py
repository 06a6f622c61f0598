"""E8: a data contract over ten columns, of which every value is read."""

import json
import re

from evidence.files import made
from evidence.order import evaluate, gate, value
from evidence.python import peer
from evidence.turns import cpu, memory, mid, ratio, seconds, turns
from stage.failure import need
from stage.figure import told

from .drift import COLUMNS, TIMES

# Columns that are given a narrower range; a message names no more than four.
NARROW = ("c3", "c4")


def gate_of(name="contract"):
    return gate(name, dataContract={
        "contract": "contract", "contractDigests": [], "data": "current", "noExtraColumns": True, "forbiddenClassifications": [], "ignore": [],
    })


def written(file, limits, others=None, narrow=()):
    """A contract: no value is missing, doubles within these limits, and other columns of a logical type."""
    properties = [
        {"name": name, "logicalType": "number", "physicalType": "DOUBLE", "required": True,
         "logicalTypeOptions": {"minimum": limit["min"], "maximum": limit["narrow" if name in narrow else "max"]}}
        for name, limit in limits.items()
    ]
    properties += [{"name": name, "logicalType": kind, "required": True} for name, kind in (others or {}).items()]
    file.write_text(json.dumps({
        "kind": "DataContract", "apiVersion": "v3.1.0", "id": "bench", "version": "1.0.0", "status": "active",
        "schema": [{"name": "rows", "logicalType": "object", "properties": properties}],
    }))
    return file


def bounds(bench, file):
    return peer(bench, "contract.py", "bounds", file)[0]


def need_counted(bench, folder, data, limits):
    """Of a contract that some columns break, every value that does is counted, wherever it stands in the file."""
    contract = written(folder / "narrow.json", limits, narrow=NARROW)
    finding = evaluate(bench, [gate_of()], {"contract": contract, "current": data}).findings["contract"]
    need(value(finding) == len(NARROW), f"{finding['message']}, where {NARROW} are narrow")
    for name in NARROW:
        counted = re.search(rf"\b{name} (\d+) above", finding["message"])
        need(counted and int(counted[1]) == limits[name]["above"], f"{limits[name]['above']} values of {name} are above; {finding['message']}")


def e8(bench):
    """a data contract over 1,000,000 rows x 10 columns, beside pandera and Polars"""
    folder = made(bench, "numbers", bench.asked.rows, COLUMNS)
    data = folder / "current.parquet"
    limits = bounds(bench, data)
    need_counted(bench, folder, data, limits)
    contract = written(folder / "contract.json", limits)
    asked = json.dumps(limits)

    def beside(program):
        broken, used = peer(bench, "contract.py", program, data, asked)
        need(not any(broken.values()), f"{program} says that values break what holds: {broken}")
        return used

    ours, pandera, polars = turns(
        TIMES, lambda: evaluate(bench, [gate_of()], {"contract": contract, "current": data}, code=0).used,
        lambda: beside("pandera"), lambda: beside("polars"),
    )
    bench.keep("evidence-E8.json", {"modelgate": ours, "pandera": pandera, "polars": polars})
    return [
        seconds("E8", ours, 0.080),
        ratio("E8", ours, pandera, "pandera", 12),
        told("E8: CPU seconds, to those of Polars alone", f"{mid(ours, 'cpu') / mid(polars, 'cpu'):.3g} times ({cpu(ours)}; Polars {cpu(polars)})"),
        memory("E8", ours, peer=pandera, name="pandera"),
    ]
