"""E11: a reference that was measured once and kept, instead of its rows."""

from evidence.bounds import need_same
from evidence.python import once
from evidence.turns import cpu, mid, turns
from stage.figure import at_most, told

from .drift import TIMES, by_middle, gates, numbers, truth

# A profile's KS is at most this much above the rows': docs/checks/drift.md.
KS_ABOVE = 0.0005


def profile(bench, table):
    """A new file beside the table, and what it took to make it."""
    file = table.with_name("profile.json")
    file.unlink(missing_ok=True)
    used, _ = once(bench.binary, "profile", table, "--output", file)
    return file, used


def e11(bench):
    """a saved profile for a reference, beside E1's rows"""
    rows, theirs = numbers(bench), truth(bench)
    file, made_in = profile(bench, rows["reference"])
    kept = {"reference": file, "current": rows["current"]}
    need_same(bench, kept, {method: theirs[method] for method in ("psi", "js")})
    need_same(bench, kept, {"ks": theirs["ks"]}, above=KS_ABOVE)
    asked = by_middle(theirs)
    # What the profile does not promise is not asked for: the exact numbers of the other two.
    loose = {method: (limit, share if method in ("psi", "js") else None) for method, (limit, share) in asked.items()}
    ours, whole = turns(TIMES, gates(bench, kept, loose), gates(bench, rows, asked))
    bench.keep("evidence-E11.json", {"profile": ours, "rows": whole, "making it": made_in})
    part = 100 * file.stat().st_size / rows["reference"].stat().st_size
    return [
        at_most("E11: CPU seconds, to E1's", mid(ours, "cpu") / mid(whole, "cpu"), 0.55, " times", f"{cpu(ours)}; with rows {cpu(whole)}"),
        at_most("E11: the profile, of its table's bytes", part, 1, " %", f"{file.stat().st_size / 1e6:.2f} MB"),
        told("E11: making the profile", f"{made_in['cpu']:.3g} CPU s, {made_in['peak'] / 1024:.0f} MiB"),
    ]
