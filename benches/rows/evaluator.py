"""A drift gate over 2 x 1,000,000 rows x 10 columns of Parquet, beside SciPy on the same files.

`modelgate evaluate`, as it runs in a Job, and SciPy as a careful user would write it (benches/evidence/peers/drift.py),
from the files to the numbers. Both start anew each time and take turns. Before that, every column's value is compared
with SciPy's.
"""

from evidence.bounds import middle, need_same
from evidence.files import made, sides
from evidence.order import drift, evaluate, value
from evidence.python import peer
from evidence.turns import beside, turns
from stage.failure import need

ROWS, COLUMNS = 1_000_000, 10
TIMES = 5


def measure(bench):
    """a drift gate over 2 x 1,000,000 rows, beside SciPy"""
    evidence = sides(made(bench, "numbers", ROWS, COLUMNS))
    figures, kept = [], {}
    for method in ("psi", "ks"):
        scipy = lambda: peer(bench, "drift.py", method, *evidence.values())
        theirs, _ = scipy()
        need_same(bench, evidence, theirs)
        limit, share = middle(theirs[method])

        def gate():
            answer = evaluate(bench, [drift("all", method, limit)], evidence)
            need(value(answer.findings["all"]) == share, f"{method}: {answer.findings['all']} where SciPy says {share}")
            return answer.used

        ours, used = turns(TIMES, gate, lambda: scipy()[1])
        kept[method] = {"modelgate": ours, "scipy": used}
        figures += beside(method.upper(), ours, used, "SciPy")
    bench.keep("evaluator.json", kept)
    return figures
