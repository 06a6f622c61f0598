"""From the operator learning that a revision must be taken back to its first restoring write, beside a bare
watch-then-write loop.

Both learn the same way: somebody makes a ReleaseAction, and a watch tells. Times are the audit log's: from the answer
to that request to the answer to the first write that follows. The operator's is the guard on the AdmittedRevision, made
durable before anything else is done; the bare loop (benches/bare_loop.rs) writes the same guard into the same kind
of object. They take turns in the same run. Beside it, how long until the Deployment is held and until the last good
pods are ready.
"""

import time
from statistics import median

from stage import audit, objects
from stage.bare import SPACE as BARE
from stage.bare import BareLoop, build
from stage.failure import need, within
from stage.figure import at_most, spread, told
from stage.installed import USER
from stage.scene import Scene, is_ready
from rows.writes import settled

SPACE = "latency"
SAMPLES = 20
REPLICAS = 1
RATIO = 1.3
UNSEEN = 0.3  # seconds; no pod starts and is ready that soon


def measure(bench):
    """from learning of a breach to the first restoring write, beside a bare loop"""
    program = build()
    scenes = released(bench)
    # The first is not counted: it gives the pattern for the bare loop's writes.
    rolled_back(bench, scenes[0])
    records = bench.cluster.api.list("AdmittedRevision", SPACE)
    pattern = next(record for record in records if (record.get("status") or {}).get("guard"))
    bare = BareLoop(program, bench.cluster, bench.operator.token(), pattern, SAMPLES)
    try:
        return taken_in_turns(bench, bare, scenes[1:])
    finally:
        bare.end()


def taken_in_turns(bench, bare, scenes):
    ready = []
    settled(bench)
    place = bench.cluster.audit.here()
    for number, scene in enumerate(scenes):
        turns = [lambda: bare.sample(number), lambda: ready.append(rolled_back(bench, scene))]
        # Neither is always the first of the two.
        for turn in turns if number % 2 else reversed(turns):
            turn()
            time.sleep(0.5)
    requests = bench.cluster.audit.since(place)
    bared = [moments(requests, BARE, bare.name(i), BARE, bare.name(i)) for i in range(len(scenes))]
    ours = [moments(requests, SPACE, scene.name, SPACE, None) for scene in scenes]
    bench.keep("latency.json", {"bare": bared, "operator": ours, "ready": ready})
    first = [sample["written"] for sample in ours]
    floor = [sample["written"] for sample in bared]
    return [
        at_most("learning to first restoring write, to bare loop", median(first) / median(floor), RATIO, "", "of medians"),
        told("  operator", spread(first, " ms", 1000)),
        told("  bare loop", spread(floor, " ms", 1000)),
        told("  operator, Deployment held", spread([sample["held"] for sample in ours], " ms", 1000)),
        told("  last good pods ready", spread(ready, " s")),
    ]


def released(bench):
    """Releases that serve version 2 and have a version 1 to go back to."""
    cluster = bench.cluster
    cluster.api.apply(objects.policy(SPACE, {"bench": SPACE}, [objects.denied_gate("300s")]))
    cluster.api.apply(objects.namespace(SPACE, bench=SPACE))
    scenes = [Scene(cluster, SPACE, f"model-{i:02}") for i in range(SAMPLES + 1)]
    for version in ("1", "2"):
        cluster.api.apply_all([thing for scene in scenes for thing in scene.manifests(version, REPLICAS)])
        for scene in scenes:
            # The gate's next look at a new version may be an interval away; nothing here waits for it.
            scene.wait_served(version, REPLICAS, watched=False)
    return scenes


def rolled_back(bench, scene):
    """Asks for it; seconds until the good pods are ready."""
    bench.cluster.api.create(objects.rollback(SPACE, scene.name, scene.name))
    began = time.monotonic()
    # Looking costs the API server time, and the bare loop is not looked at either while it writes.
    time.sleep(UNSEEN)
    within(120, f"{scene.key} has its good pods back", lambda: good_pods(scene), 0.05)
    took = time.monotonic() - began
    scene.wait_restored("1", REPLICAS)
    return took


def good_pods(scene):
    wanted = objects.digest(scene.name, "1")
    good = [pod for pod in scene.pods() if pod["metadata"].get("annotations", {}).get(objects.DIGEST) == wanted]
    return sum(map(is_ready, good)) == REPLICAS


def moments(requests, space, action, where, name):
    """Seconds from the answer to the one who asked, to the first write and to the hold."""
    asked = [r for r in requests if (r.verb, r.what, r.namespace, r.name) == ("create", "releaseactions", space, action)]
    need(len(asked) == 1 and not asked[0].failed, f"{space}/{action} was not asked for once: {asked}")
    began = asked[0].answered
    end = min((r.answered for r in requests if r.verb == "create" and r.what == "releaseactions" and r.answered > began), default=float("inf"))
    # The watch may tell before the one who asked has the whole answer.
    window = [r for r in requests if asked[0].received <= r.received and r.answered <= end]
    ours = [r for r in audit.tally(window, USER).writes if r.namespace == where]
    need(ours, f"no write followed {space}/{action}")
    first = ours[0]
    need((first.verb, first.what) == ("patch", "admittedrevisions/status") and not first.failed, f"{first.words()} followed {space}/{action}")
    need(name is None or first.name == name, f"{first.name} was written for {space}/{action}")
    held = next((r.answered for r in ours if r.what == "deployments"), None)
    need(held or where == BARE, f"no hold followed {space}/{action}")
    return {"written": first.answered - began, "received": first.received - began, "held": held and held - began}
