"""The operator's memory without, with 200 and with 2,000 releases.

Resident memory of the leading operator's process, from /proc/PID/smaps_rollup, once it stays where it is. Each release
has a Deployment without replicas, its ReplicaSet, a ConfigMap of evidence, a GateRun and an AdmittedRevision, and a
gate after release. Measured when the releases have been admitted one by one, which is the most, and again after a
restart, which lists them all.
"""

import time
from pathlib import Path

from stage.failure import within
from stage.figure import below, told

BASE_MIB, MORE_KB = 20, 4
FEW = 200
STEADY_SECONDS, STEADY_SHARE = 10, 0.01


def without_releases(bench):
    """the operator's memory without releases"""
    bench.operator
    bench.base = steady(bench)
    return [below("no releases", bench.base["Rss"] / 1024, BASE_MIB, " MiB", parts(bench.base))]


def with_releases(bench):
    """the operator's memory with 200 and 2,000 releases"""
    grown, fresh, sizes = {}, {}, (FEW, bench.asked.many)
    for size in sizes:
        bench.fleet.grow(size)
        grown[size] = steady(bench)
        bench.operator.restart()
        within(300, "the releases are settled", bench.fleet.is_settled, 2)
        fresh[size] = steady(bench)
    bench.keep("memory.json", {"none": bench.base, "grown": grown, "restarted": fresh})
    return [*figures("admitted one by one", bench.base, sizes, grown), *figures("after a restart", bench.base, sizes, fresh)]


def figures(when, base, sizes, kept):
    few, many = (kept[size]["Rss"] for size in sizes)
    # What 200 cost contains what is made once, so both slopes are told and the aim is about the larger.
    slopes = [(few - base["Rss"]) / sizes[0], (many - few) / (sizes[1] - sizes[0])]
    note = f"{slopes[0]:.1f} KB to {sizes[0]}, {slopes[1]:.1f} KB from there to {sizes[1]}"
    shown = [told(f"{size} releases, {when}", f"{kept[size]['Rss'] / 1024:.1f} MiB ({parts(kept[size])})") for size in sizes]
    return [*shown, below(f"each release more, {when}", max(slopes), MORE_KB, " KB", note)]


def steady(bench):
    """Kilobytes by kind, once resident memory has stayed within 1 % for some seconds."""
    seen = []

    def stays():
        seen.append((time.monotonic(), now(bench.operator.process())))
        late = [kept for at, kept in seen if at >= seen[-1][0] - STEADY_SECONDS]
        sizes = [kept["Rss"] for kept in late]
        long_enough = seen[-1][0] - seen[0][0] >= STEADY_SECONDS
        return long_enough and max(sizes) - min(sizes) <= STEADY_SHARE * max(sizes)

    within(180, "the operator's memory stays where it is", stays, 1)
    return seen[-1][1]


def now(process):
    lines = [line.split() for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]]
    kept = {words[0].rstrip(":"): int(words[1]) for words in lines}
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    kept["Peak"] = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return kept


def parts(kept):
    mib = lambda key: f"{kept[key] / 1024:.1f}"
    return f"own {mib('Anonymous')}, shared out {mib('Pss')}, most so far {mib('Peak')}"
