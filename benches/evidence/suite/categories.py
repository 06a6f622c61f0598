"""E6: chi-square of four columns of texts."""

from evidence.bounds import middle
from evidence.files import made, sides
from evidence.python import peer
from evidence.turns import memory, ratio, seconds, turns

from .drift import TIMES, agreement, gates


def e6(bench):
    """chi-square of 4 columns of texts, beside SciPy with Polars"""
    evidence = sides(made(bench, "categories", bench.asked.rows))
    theirs, _ = peer(bench, "categories.py", *evidence.values())
    ask = gates(bench, evidence, {"chi": middle(theirs["chi"])})
    ours, used = turns(TIMES, ask, lambda: peer(bench, "categories.py", *evidence.values())[1])
    bench.keep("evidence-E6.json", {"modelgate": ours, "scipy": used})
    return [
        seconds("E6", ours, 0.060),
        ratio("E6", ours, used, "SciPy with Polars", 20),
        memory("E6", ours, peer=used, name="SciPy with Polars"),
        agreement("E6", bench, evidence, theirs),
    ]
