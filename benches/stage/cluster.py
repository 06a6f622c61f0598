"""A whole-node Kubernetes of the benchmark's own, and its end."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from .api import Api
from .audit import Audit
from .failure import run

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = REPOSITORY / "deploy/local/cluster"


class Cluster:
    def __init__(self, name, logged):
        """`logged`: namespaces whose writes the audit log holds with their bodies."""
        self.name, self.logged, self.guests = name, logged, []
        self.kept = False

    def up(self):
        run(COMMAND, "up", "--name", self.name, "--audit-bodies", ",".join(self.logged))
        self.programs = run(COMMAND, "build").splitlines()[-1]
        self.kubeconfig = self._command("kubeconfig")
        shown = json.loads(self.kubectl("config", "view", "--raw", "-o", "json"))
        self.api = Api(shown)
        self.node_address = urlsplit(shown["clusters"][0]["cluster"]["server"]).hostname
        self.audit = Audit(f"/var/lib/modelgate-local/{self.name}/audit.log", self.api)
        self.idle_image = self.load(f"{self.programs}/pause.tar")

    def _command(self, *words):
        return run(COMMAND, words[0], "--name", self.name, *words[1:]).splitlines()[-1]

    def load(self, archive):
        """Puts an image into the node; returns its name by digest."""
        return self._command("load", archive)

    def kubectl(self, *words, text=""):
        environment = {**os.environ, "KUBECONFIG": self.kubeconfig}
        return run(f"{self.programs}/kubectl", *words, text=text, env=environment)

    def guest(self, *command):
        """Starts a program in the cluster's network; it ends with the cluster."""
        words = [str(COMMAND), "net", "--name", self.name, "--", *map(str, command)]
        started = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.guests.append(started)
        return started

    def down(self):
        for guest in self.guests:
            guest.terminate()
            try:
                guest.wait(10)
            except subprocess.TimeoutExpired:
                guest.kill()
                guest.wait()
        self.guests = []
        if self.kept:
            print(f"bench: the cluster {self.name} is kept; end it with: {COMMAND} down --name {self.name}", file=sys.stderr)
        else:
            run(COMMAND, "down", "--name", self.name)
