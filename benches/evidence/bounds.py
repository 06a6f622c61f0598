"""How near a column's number is to another program's. A gate tells the share of columns at or above a threshold to the
last digit, so one gate just below the other's number and one just above it hold it between them."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from stage.failure import need

from .order import drift, evaluate, value

# Digits behind the point of a threshold.
LAST = Decimal("1e-15")
# What an answer must have to be the same, and what it is asked to have.
SAME, ASKED = 1e-9, 1e-12


def around(number, relative, above=0.0):
    """Thresholds below and above a number, as text."""
    exact, part = Decimal(number), Decimal(relative)
    low = max((exact * (1 - part)).quantize(LAST, ROUND_FLOOR), Decimal(0))
    high = ((exact + Decimal(above)) * (1 + part)).quantize(LAST, ROUND_CEILING)
    return f"{low:f}", f"{max(high, low + LAST):f}"


def agree(bench, evidence, theirs, relative, above=0.0):
    """`theirs`: numbers by method and column. Those that the evaluator's number is not near to, by method and column."""
    asked = [(method, column) for method, columns in theirs.items() for column in columns]
    gates = []
    for method, column in asked:
        low, high = around(theirs[method][column], relative, above)
        gates += [drift(f"{method}-{column}-low", method, low, [column]), drift(f"{method}-{column}-high", method, high, [column])]
    found = evaluate(bench, gates, evidence).findings
    share = lambda one, end: value(found[f"{one[0]}-{one[1]}-{end}"])
    return [one for one in asked if (share(one, "low"), share(one, "high")) != (1, 0)]


def need_same(bench, evidence, theirs, **options):
    far = agree(bench, evidence, theirs, SAME, **options)
    need(not far, f"not SciPy's number within {SAME:g}: {far}")


def middle(columns):
    """A limit that half of the columns are beyond, so that all are computed and the answer is not trivial, and their share."""
    ordered, half = sorted(columns.values()), len(columns) // 2
    limit = f"{(ordered[half - 1] + ordered[half]) / 2:.15f}"
    return limit, sum(number >= float(limit) for number in columns.values()) / len(columns)
