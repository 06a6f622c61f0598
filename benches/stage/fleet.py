"""Many releases: each of a Deployment of its own, admitted and watched by a Prometheus gate. The Deployments
have no replicas, so that no pods are needed."""

from collections import Counter

from . import objects
from .failure import within

SPACES = 10
INTERVAL = 60  # seconds between two looks of the gate at one release


class Fleet:
    def __init__(self, cluster):
        self.cluster, self.api, self.size = cluster, cluster.api, 0
        self.api.apply(objects.policy("fleet", {"bench": "fleet"}, [objects.denied_gate(f"{INTERVAL}s")]))
        self.api.apply_all([objects.namespace(space(i), bench="fleet") for i in range(SPACES)])

    def grow(self, size):
        """Until there are so many, and all are settled."""
        things = []
        for i in range(self.size, size):
            name = f"model-{i:04}"
            things += [objects.evidence(space(i), name, 0.9), objects.release(space(i), name, "1", name),
                       objects.deployment(space(i), name, "1", 0, self.cluster.idle_image)]
        self.api.apply_all(things)
        self.size = max(size, self.size)
        within(120 + self.size, f"{self.size} releases are settled", self.is_settled, 2)

    def is_settled(self):
        return self.states() == {("Released", "WithinLimits"): self.size}

    def states(self):
        releases = [r for i in range(SPACES) for r in self.api.list("ModelRelease", space(i))]
        return Counter((objects.condition(r, "Ready")[1], objects.condition(r, "WatchHealthy")[1]) for r in releases)


def space(number):
    return f"fleet-{number % SPACES}"
