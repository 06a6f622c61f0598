"""The operator's writes while 200 settled releases are left alone, the lease aside. Their gates go on
asking Prometheus meanwhile."""

import time

from stage import audit
from stage.failure import need
from stage.figure import at_most
from stage.fleet import INTERVAL
from stage.installed import USER
from rows.writes import settled

FEW = 200


def measure(bench):
    """the operator's writes while nothing happens"""
    bench.fleet.grow(FEW)
    settled(bench)
    size, seconds = bench.fleet.size, bench.asked.idle
    before, place = bench.metric.asked(), bench.cluster.audit.here()
    time.sleep(seconds)
    counted = audit.tally(bench.cluster.audit.since(place), USER)
    after = bench.metric.asked()
    need(bench.fleet.is_settled(), f"not all of {size} releases are settled: {bench.fleet.states()}")
    need(counted.lease, "the operator did not renew its lease: did it run?")
    fleet = [key for key in after if key.startswith("fleet-")]
    looks = [after[key] - before.get(key, 0) for key in fleet]
    expected = max(0, seconds // INTERVAL - 1)
    need(len(fleet) == size and min(looks) >= expected, f"not every release was looked at {expected} times: {min(looks)}")
    bench.keep("idle.json", {"writes": [f"{r.words()} {r.namespace}/{r.name}" for r in counted.writes + counted.events]})
    writes = len(counted.writes) + len(counted.events) + len(counted.pod_deletions)
    beside = f"lease requests {len(counted.lease)}, reads {len(counted.reads)}, dry runs {len(counted.trials)}, looks at Prometheus {sum(looks)}"
    return [at_most(f"writes in {seconds} s, {size} releases", writes, 0, "", beside)]
