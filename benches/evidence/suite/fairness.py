"""E7: three measures of fairness of two attributes."""

from math import isclose

from evidence.files import made
from evidence.order import evaluate, gate, value
from evidence.python import peer
from evidence.turns import memory, ratio, seconds, turns
from stage.failure import need
from stage.figure import part_of

from .drift import TIMES

ATTRIBUTES = ("race", "sex")
COLUMNS = {
    "label": "label", "prediction": "prediction", "favorable": "1",
    "protected": [{"attribute": attribute, "column": attribute} for attribute in ATTRIBUTES],
}
# With bounds that everything keeps: the number is what is looked at.
MEASURES = (
    ("DemographicParityDifference", {"max": "1"}),
    ("DemographicParityRatio", {"min": "0"}),
    ("EqualizedOddsDifference", {"max": "1"}),
)


def fairness(evidence, attributes=ATTRIBUTES):
    """A gate for each measure; the worst attribute speaks for it."""
    named = lambda measure: "-".join((measure, *attributes))
    ask = lambda measure, bound: {"evidence": evidence, "attributes": list(attributes), "measure": measure, "minGroupSize": 30, **bound}
    return [gate(named(measure), fairness=ask(measure, bound)) for measure, bound in MEASURES]


def answered(bench, file):
    """Numbers by attribute, one gate for each."""
    gates = [one for attribute in ATTRIBUTES for one in fairness("people", (attribute,))]
    found = evaluate(bench, gates, {"people": file}, {"people": COLUMNS}, code=0).findings
    return {attribute: [value(found[f"{measure}-{attribute}"]) for measure, _ in MEASURES] for attribute in ATTRIBUTES}


def e7(bench):
    """fairness by two attributes over 1,000,000 rows, beside NumPy and Fairlearn"""
    file = made(bench, "people", bench.asked.rows) / "people.parquet"
    ask = lambda of: evaluate(bench, fairness("people"), {"people": of}, {"people": COLUMNS}, code=0).used
    numpy = lambda: peer(bench, "fairness.py", "numpy", file, *ATTRIBUTES)
    theirs, _ = numpy()
    here = answered(bench, file)
    # Here counts are divided once; of two shares, each rounded, the last digits are what rounding leaves.
    same = lambda pair: isclose(*pair, rel_tol=1e-12, abs_tol=1e-15)
    need(all(same(pair) for one in ATTRIBUTES for pair in zip(here[one], theirs[one])), f"NumPy says {theirs}, here it is {here}")
    ours, used = turns(TIMES, lambda: ask(file), lambda: numpy()[1])
    # Fairlearn makes lists of Python objects of its columns: once, and over a tenth of the rows.
    part = made(bench, "people", bench.asked.rows // 10) / "people.parquet"
    told, slow = peer(bench, "fairness.py", "fairlearn", part, *ATTRIBUTES)
    near = answered(bench, part)
    need(all(isclose(*pair, rel_tol=1e-9) for one in ATTRIBUTES for pair in zip(near[one], told[one])), f"Fairlearn says {told}, here it is {near}")
    quick = ask(part)
    bench.keep("evidence-E7.json", {"modelgate": ours, "numpy": used, "a tenth": {"modelgate": quick, "fairlearn": slow}})
    return [
        seconds("E7", ours, 0.050),
        ratio("E7", ours, used, "NumPy", 20),
        part_of("E7: CPU seconds over a tenth of the rows, once, to those of Fairlearn", quick["cpu"], slow["cpu"], 2000, f"{quick['cpu']:.3g} s; Fairlearn {slow['cpu']:.3g} s"),
        memory("E7", ours, 24, used, "NumPy"),
    ]
