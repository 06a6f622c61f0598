"""What the rows share: programs, image, cluster, operator, Prometheus. Each is made when it is first asked for."""

import json
import os
import sys
from functools import cached_property

from .cluster import REPOSITORY, Cluster
from .failure import need, run
from .fleet import Fleet
from .installed import Installed
from .metric import Metric

WORK = REPOSITORY / "build/bench"
# Namespaces whose writes the audit log holds with their bodies.
LOGGED = ("writes-1", "writes-2", "writes-3")
TARGET = os.environ.get("CARGO_TARGET_DIR", str(REPOSITORY / "target"))


class Bench:
    def __init__(self, asked):
        self.asked = asked
        self._cluster = None
        WORK.mkdir(parents=True, exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._cluster:
            self._cluster.down()

    def say(self, sentence):
        print(f"bench: {sentence}", file=sys.stderr, flush=True)

    def keep(self, name, what):
        """Leaves a file in build/bench."""
        (WORK / name).write_text(json.dumps(what, indent=1) + "\n")
        self.say(f"written: {WORK / name}")

    @cached_property
    def binary(self):
        if self.asked.binary:
            need(self.asked.binary.is_file(), f"no such file: {self.asked.binary}")
            return self.asked.binary.resolve()
        self.say("building the release program; minutes the first time")
        run("nice", "cargo", "build", "--release", "--locked", "--bin", "modelgate", cwd=REPOSITORY)
        return f"{TARGET}/release/modelgate"

    @cached_property
    def archive(self):
        """The image, as an OCI archive."""
        return run(REPOSITORY / "deploy/image/build", WORK, "--binary", self.binary).splitlines()[-1].split()[0]

    @property
    def cluster(self):
        return self.operator.cluster

    @cached_property
    def operator(self):
        archive = self.archive
        self.say("starting a Kubernetes")
        self._cluster = Cluster(f"bench-{os.getpid()}", LOGGED)
        self._cluster.kept = self.asked.keep
        self._cluster.up()
        self.metric = Metric(self._cluster)
        return Installed(self._cluster, archive, self.metric.url)

    @cached_property
    def fleet(self):
        return Fleet(self.cluster)
