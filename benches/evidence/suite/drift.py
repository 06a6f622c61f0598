"""E1 to E5: KS, PSI, Jensen-Shannon and Wasserstein, all four in one order, over more and fewer rows and columns."""

from functools import cache
from math import log

from evidence.bounds import ASKED, agree, middle, need_same
from evidence.files import made, sides
from evidence.order import drift, evaluate, value
from evidence.python import peer
from evidence.turns import clock, memory, mid, ratio, seconds, turns
from stage.failure import need
from stage.figure import at_most, part_of

FOUR = ("ks", "psi", "js", "w1")
COLUMNS, WIDE, HALF_WIDE = 10, 1000, 250
SMALL = 1000
TIMES, FEWER = 5, 3


def scipy(bench, evidence, methods=FOUR, columns=()):
    """SciPy's numbers by method and column, and what it used."""
    return peer(bench, "drift.py", ",".join(methods), *evidence.values(), ",".join(columns))


@cache
def truth(bench):
    """SciPy's numbers of E1's tables."""
    return scipy(bench, numbers(bench))[0]


def numbers(bench):
    return sides(made(bench, "numbers", bench.asked.rows, COLUMNS))


def gates(bench, evidence, asked):
    """One order of gates: `asked` is threshold and share by method, None where no share is promised. When called, it gives
    what it used."""
    order = [drift(method, method, limit) for method, (limit, _) in asked.items()]

    def run():
        answer = evaluate(bench, order, evidence)
        for method, (_, share) in asked.items():
            if share is not None:
                found = value(answer.findings[method])
                need(found == share, f"{method}: a share of {found} where SciPy says {share}")
        return answer.used

    return run


def by_middle(theirs):
    return {method: middle(columns) for method, columns in theirs.items()}


# Every column is beyond: for tables of which SciPy's numbers are not all known.
ALL_DRIFT = dict.fromkeys(FOUR, ("0", 1))


def agreement(row, bench, evidence, theirs):
    """How many numbers are not as near to SciPy's as asked; none may be far."""
    need_same(bench, evidence, theirs)
    far = agree(bench, evidence, theirs, ASKED)
    of = sum(len(columns) for columns in theirs.values())
    named = ", ".join(sorted({method for method, _ in far}))
    return at_most(f"{row}: numbers that differ from SciPy's by more than {ASKED:g}", len(far), 0, "", f"of {of}{'; ' if far else ''}{named}")


def beside_scipy(row, bench, evidence, aims):
    """Figures of an order beside SciPy; `aims`: CPU seconds, how many times less than SciPy, MiB."""
    theirs = truth(bench)
    ours, used = turns(TIMES, gates(bench, evidence, by_middle(theirs)), lambda: scipy(bench, evidence)[1])
    bench.keep(f"evidence-{row}.json", {"modelgate": ours, "scipy": used})
    longest, least, most = aims
    return ours, [
        seconds(row, ours, longest),
        ratio(row, ours, used, "SciPy", least),
        memory(row, ours, most, used, "SciPy"),
        agreement(row, bench, evidence, theirs),
    ]


def e1(bench):
    """four measures over 2 x 1,000,000 rows x 10 columns of Parquet, beside SciPy"""
    ours, figures = beside_scipy("E1", bench, numbers(bench), (0.38, 31, 48))
    return [*figures, clock("E1", ours, 0.30)]


def e2(bench):
    """the same from CSV, beside SciPy with Polars"""
    evidence = sides(made(bench, "csv", bench.asked.rows, COLUMNS), "csv")
    return beside_scipy("E2", bench, evidence, (1.0, 12, 48))[1]


def e3(bench):
    """ten times the rows, beside E1's"""
    few, many = numbers(bench), sides(made(bench, "numbers", 10 * bench.asked.rows, COLUMNS))
    # One column without ties and one with: SciPy takes half a minute for each.
    need_same(bench, many, scipy(bench, many, columns=("c0", "c4"))[0])
    one, ten = turns(FEWER, gates(bench, few, ALL_DRIFT), gates(bench, many, ALL_DRIFT))
    bench.keep("evidence-E3.json", {"E1's rows": one, "ten times": ten})
    note = f"{mid(one, 'cpu'):.3g} and {mid(ten, 'cpu'):.3g} s"
    return [
        at_most("E3: CPU seconds of ten times the rows, to E1's", mid(ten, "cpu") / mid(one, "cpu"), 10.5, " times", note),
        memory("E3", ten, 128),
    ]


def e4(bench):
    """a tenth of the rows x 1,000 columns, beside 250 of them"""
    rows = bench.asked.rows // 10
    some, all_of_them = (sides(made(bench, "numbers", rows, columns)) for columns in (HALF_WIDE, WIDE))
    need_same(bench, all_of_them, scipy(bench, all_of_them, columns=[f"c{i}" for i in range(COLUMNS)])[0])
    psi = middle(scipy(bench, all_of_them, ("psi",))[0]["psi"])
    few, many = turns(FEWER, gates(bench, some, ALL_DRIFT), gates(bench, all_of_them, {**ALL_DRIFT, "psi": psi}))
    bench.keep("evidence-E4.json", {HALF_WIDE: few, WIDE: many})
    exponent = log(mid(many, "cpu") / mid(few, "cpu")) / log(WIDE / HALF_WIDE)
    return [
        seconds("E4", many, 5),
        at_most("E4: exponent of CPU seconds in columns", exponent, 1.05, "", f"{mid(few, 'cpu'):.3g} s for {HALF_WIDE}, {mid(many, 'cpu'):.3g} s for {WIDE}"),
        memory("E4", many, 64),
    ]


def e5(bench):
    """2 x 1,000 rows, from exec to verdict, beside SciPy"""
    evidence = sides(made(bench, "numbers", SMALL, COLUMNS))
    theirs, _ = scipy(bench, evidence)
    need_same(bench, evidence, theirs)
    ours, used = turns(2 * TIMES, gates(bench, evidence, by_middle(theirs)), lambda: scipy(bench, evidence)[1])
    bench.keep("evidence-E5.json", {"modelgate": ours, "scipy": used})
    wall = mid(ours, "wall"), mid(used, "wall")
    return [
        clock("E5", ours, 0.008),
        part_of("E5: time on the clock, to SciPy's", *wall, 200, f"{1000 * wall[0]:.3g} ms; SciPy {1000 * wall[1]:.0f} ms"),
        memory("E5", ours, 8, used, "SciPy"),
    ]
