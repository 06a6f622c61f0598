"""The bare watch-then-write loop, as a process beside the operator and with the operator's rights."""

import json
import os
import selectors
import subprocess
from pathlib import Path

from . import objects
from .api import Api
from .cluster import REPOSITORY
from .failure import need, run

SPACE = "bare"


def build():
    """The program, optimised as the operator is."""
    text = run("nice", "cargo", "bench", "--locked", "--no-run", "--bench", "bare_loop", "--message-format", "json", cwd=REPOSITORY)
    built = [json.loads(line) for line in text.splitlines() if '"bare_loop"' in line and '"executable"' in line]
    need(len(built) == 1 and built[0]["executable"], "cargo bench built no bare_loop")
    return built[0]["executable"]


class BareLoop:
    """Answers each ReleaseAction in its namespace by a write to the status of one AdmittedRevision."""

    def __init__(self, program, cluster, token, pattern, samples):
        """`pattern`: an AdmittedRevision with a guard, as the operator wrote it."""
        self.api = cluster.api
        shown = json.loads(cluster.kubectl("config", "view", "--raw", "-o", "json"))
        shown["users"][0]["user"] = {"token": token}
        self.process = None
        self.file = Path(cluster.kubeconfig).with_name(f"bare-{os.getpid()}.kubeconfig")
        try:
            self._start(program, shown, pattern, samples)
        except BaseException:
            self.end()
            raise

    def _start(self, program, shown, pattern, samples):
        self.file.write_text("")
        self.file.chmod(0o600)
        self.file.write_text(json.dumps(shown))
        self.api.apply(objects.namespace(SPACE))
        own = Api(shown)
        for i in range(samples):
            own.create(record(pattern, self.name(i)))
        words = [program, SPACE]
        self.process = subprocess.Popen(words, env={**os.environ, "KUBECONFIG": str(self.file)},
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        guard = {"status": {"guard": pattern["status"]["guard"], "conditions": pattern["status"]["conditions"]}}
        self.process.stdin.write(json.dumps(guard) + "\n")
        self.process.stdin.flush()
        need(self._line(30) == "ready", "the bare loop did not start")

    def name(self, number):
        return f"bare-{number:02}"

    def sample(self, number):
        """Asks, and waits for its write."""
        name = self.name(number)
        self.api.create(objects.rollback(SPACE, name, name))
        need(self._line(30) == name, f"the bare loop did not answer {name}")
        need(self.api.get("AdmittedRevision", SPACE, name)["status"].get("guard"), f"the bare loop wrote no guard into {name}")

    def _line(self, seconds):
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            return self.process.stdout.readline().strip() if waiting.select(seconds) else ""

    def end(self):
        self.file.unlink(missing_ok=True)
        if not self.process:
            return
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def record(pattern, name):
    meta = {"name": name, "namespace": SPACE, "labels": pattern["metadata"].get("labels", {})}
    return {"apiVersion": pattern["apiVersion"], "kind": pattern["kind"], "metadata": meta, "spec": pattern["spec"]}
