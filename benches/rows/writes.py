"""Rows 1 and 2: the operator's requests from `kubectl apply` to admitted, and from breach to restored.

Each of three releases is applied at version 1, then at version 2, and then its metric turns bad. Requests are
those of the operator's service account in the audit log; the worst of the samples is the figure. Admitted is when the
release's status says so after the write that lets the Deployment go. The breach begins when
Prometheus has given the last bad answer that the gate allows; the restore ends when the release's status
says that it is completed.
"""

import json
import time

from stage import audit, objects
from stage.bench import LOGGED
from stage.failure import need, within
from stage.figure import at_most, told
from stage.installed import USER
from stage.scene import Scene

REPLICAS = 2
BREACH_AFTER = 3
QUIET = 4.0  # seconds without a write: everything has been said


def measure(bench):
    """the operator's requests from apply to admitted, and from breach to restored"""
    cluster, api = bench.cluster, bench.cluster.api
    api.apply(objects.policy("writes", {"bench": "writes"}, [objects.accuracy_gate(), objects.denied_gate("1s", BREACH_AFTER)]))
    for space in LOGGED:
        api.apply(objects.namespace(space, bench="writes"))
        api.apply_all([objects.evidence(space, f"good-{version}", 0.8 + version / 100) for version in (1, 2)])
    admissions, restores = [], []
    for space in LOGGED:
        scene = Scene(cluster, space, "model")
        admissions += [admission(bench, scene, version) for version in ("1", "2")]
        restores.append(restore(bench, scene))
    bench.keep("writes.json", {"admissions": [a["told"] for a in admissions], "restores": [r["told"] for r in restores]})
    return [*figures("apply to admitted", admissions, 7), *figures("breach to restored", restores, 5)]


def admission(bench, scene, version):
    settled(bench)
    place = bench.cluster.audit.here()
    manifests = scene.manifests(version, REPLICAS, f"good-{version}")
    bench.cluster.kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))
    scene.wait_served(version, REPLICAS, watched=True)
    settled(bench)
    requests = bench.cluster.audit.since(place)
    marked = next((r for r in requests if r.user == USER and lets_go(r, scene)), None)
    need(marked, f"no write lets {scene.key} go")
    later = (r for r in requests if r.answered > marked.answered)
    last = next((r.answered for r in later if says_admitted(r, scene, mark(marked))), None)
    need(last, f"no write to the status of {scene.key} says that version {version} is admitted")
    return split(f"{scene.key} {version}", requests, 0.0, last)


def restore(bench, scene):
    settled(bench)
    place = bench.cluster.audit.here()
    bench.metric.turn(scene.key)
    scene.wait_restored("1", REPLICAS)
    within(60, f"{scene.key} is watched again", lambda: scene.says("WatchHealthy", "True", "WithinLimits"))
    settled(bench)
    bad = bench.metric.bad_answers(scene.key)
    need(len(bad) >= BREACH_AFTER, f"Prometheus told {len(bad)} times that {scene.key} is bad")
    requests = bench.cluster.audit.since(place)
    last = next((r.answered for r in requests if says_restored(r, scene)), None)
    need(last, f"no write to the status of {scene.key} says that it is restored")
    return split(f"{scene.key} restored", requests, bad[BREACH_AFTER - 1], last)


def status_of(request, scene):
    own = request.user == USER and request.what == "modelreleases/status" and not request.failed
    return request.answer.get("status", {}) if own and request.namespace == scene.space else {}


def lets_go(request, scene):
    deployment = request.what == "deployments" and request.namespace == scene.space and not request.failed
    return deployment and bool(mark(request)) and not request.answer.get("spec", {}).get("paused", False)


def mark(request):
    return request.answer.get("metadata", {}).get("annotations", {}).get(objects.MARK)


def says_admitted(request, scene, revision):
    status = status_of(request, scene)
    said = [c for c in status.get("conditions", []) if c["type"] == "Admitted" and c["status"] == "True"]
    return bool(said) and status.get("admittedRevision") == revision


def says_restored(request, scene):
    return bool((status_of(request, scene).get("lastRollback") or {}).get("completedAt"))


def settled(bench):
    """Nobody has anything left to say: no write of the operator for some seconds, the lease aside."""

    def quiet():
        place = bench.cluster.audit.here()
        time.sleep(QUIET)
        counted = audit.tally(bench.cluster.audit.since(place), USER)
        return not (counted.writes or counted.events or counted.pod_deletions)

    within(120, "the operator has nothing left to write", quiet)


def split(name, requests, first, last):
    """What was asked between two moments, before and after them."""
    within_it = [r for r in requests if r.received >= first and r.answered <= last]
    counted = audit.tally(requests, USER)
    inside = audit.tally(within_it, USER)
    # These are to be none at any time, and whether a write changed anything is seen only with all before it.
    inside.idle_writes, inside.failed = counted.idle_writes, counted.failed
    rest = {"before": [r.words() for r in counted.writes if r.received < first],
            "after": [r.words() for r in counted.writes if r.answered > last]}
    story = {
        "what": name,
        "writes": [f"{r.words()} {r.name}" for r in inside.writes],
        **{key: [r.words() for r in getattr(inside, key)] for key in ("events", "pod_deletions", "trials", "reads", "idle_writes", "failed")},
        **rest,
        "seconds": round(last - (first or requests[0].received), 3),
    }
    return {"told": story, "inside": inside, "rest": rest}


def figures(what, samples, limit):
    inside = [sample["inside"] for sample in samples]
    most = lambda key: max(len(getattr(each, key)) for each in inside)
    after = max(len(sample["rest"]["after"]) for sample in samples)
    before = max(len(sample["rest"]["before"]) for sample in samples)
    counts = ", ".join(str(len(each.writes)) for each in inside)
    beside = f"events {most('events')}, pod deletions {most('pod_deletions')}, dry runs {most('trials')}; writes before {before}, after {after}"
    return [
        at_most(f"{what}: writes", most("writes"), limit, "", f"each: {counts}"),
        at_most(f"{what}: conflicts and refusals", sum(len(each.failed) for each in inside), 0),
        at_most(f"{what}: writes that changed nothing", sum(len(each.idle_writes) for each in inside), 0),
        told(f"{what}: reads", f"{most('reads')} (get and list)"),
        told(f"{what}: beside these", beside),
    ]
