"""Programs that start anew each time and take turns, and what they came to."""

import os
from statistics import median

from stage.figure import at_most, part_of, told

# Above this load the clock says more about the other programs.
QUIET = 1.5


def turns(times, *sides):
    """What each side used, time by time: A B A B …"""
    used = tuple([] for _ in sides)
    for _ in range(times):
        for side, kept in zip(sides, used):
            kept.append(side())
    return used


def mid(used, key):
    return median(each[key] for each in used)


def cpu(used):
    """Median, and the ends that show how even it was."""
    values = [each["cpu"] for each in used]
    return f"{median(values):.3g} s ({min(values):.3g} to {max(values):.3g})"


def mebibytes(used):
    return mid(used, "peak") / 1024


def seconds(what, used, limit):
    return at_most(f"{what}: CPU seconds", mid(used, "cpu"), limit, " s", f"{min(each['cpu'] for each in used):.3g} to {max(each['cpu'] for each in used):.3g}, n {len(used)}")


def clock(what, used, limit):
    """Time on the clock, judged only on a quiet machine."""
    load = os.getloadavg()[0]
    figure = at_most(f"{what}: time on the clock", mid(used, "wall"), limit, " s", f"load {load:.1f}")
    return figure if load <= QUIET else figure.unjudged(f"load above {QUIET}")


def memory(what, used, limit=None, peer=None, name=""):
    """Without a limit nothing is asked of it."""
    what, note = f"{what}: most memory", f"{name} {mebibytes(peer):.0f} MiB" if peer else ""
    if limit is None:
        return told(what, f"{mebibytes(used):.4g} MiB" + (f" ({note})" if note else ""))
    return at_most(what, mebibytes(used), limit, " MiB", note)


def ratio(what, ours, theirs, name, least):
    """CPU seconds of both, as the part that ours are of theirs."""
    return part_of(f"{what}: CPU seconds, to those of {name}", mid(ours, "cpu"), mid(theirs, "cpu"), least, f"{cpu(ours)}; {name} {cpu(theirs)}")


def beside(what, ours, theirs, name):
    """Not more than theirs, in CPU seconds and memory."""
    return [
        ratio(what, ours, theirs, name, 1),
        part_of(f"{what}: most memory, to that of {name}", mebibytes(ours), mebibytes(theirs), 1, f"{mebibytes(ours):.0f} MiB; {name} {mebibytes(theirs):.0f} MiB"),
        told(f"{what}: time on the clock", f"{mid(ours, 'wall'):.2f} s, {name} {mid(theirs, 'wall'):.2f} s; medians of {len(ours)}"),
    ]
