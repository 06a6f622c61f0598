"""Modelgate as an administrator installs it, from the release image; one replica, so that its process is
the one that leads."""

from pathlib import Path

from . import objects
from .cluster import REPOSITORY
from .failure import need, run, within

SYSTEM = "modelgate-system"
USER = f"system:serviceaccount:{SYSTEM}:modelgate"
LABEL = "app.kubernetes.io/name=modelgate"


class Installed:
    def __init__(self, cluster, archive, prometheus):
        self.cluster, self.api = cluster, cluster.api
        image = cluster.load(archive)
        cluster.kubectl("apply", "--server-side", "-f", REPOSITORY / "crds")
        cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", REPOSITORY / "crds")
        cluster.kubectl("apply", "-f", REPOSITORY / "deploy/gateconfig.yaml")
        manifests = run(REPOSITORY / "deploy/render", "--image", image)
        need(manifests.count("\n  replicas: 2\n") == 1, "deploy/parts/operator.yaml does not ask for two replicas any more")
        cluster.kubectl("apply", "--server-side", "-f", "-", text=manifests.replace("\n  replicas: 2\n", "\n  replicas: 1\n"))
        self.api.merge("GateConfig", "", "modelgate", {"spec": {"prometheus": [{"name": "main", "url": prometheus}]}})
        cluster.kubectl("-n", SYSTEM, "rollout", "status", "deployment/modelgate", "--timeout=120s")
        within(60, "the operator has found its admission policies", self._enforced)
        self.api.apply(objects.namespace("in-force"))
        within(60, "the API server holds new Deployments", self._holds)
        within(60, "the operator leads", self._leads)

    def _enforced(self):
        conditions = self.api.get("GateConfig", "", "modelgate").get("status", {}).get("conditions", [])
        return any(c["type"] == "Enforced" and c["status"] == "True" for c in conditions)

    def _holds(self):
        trial = objects.deployment("in-force", "trial", "1", 0, "x")
        answer = self.api.ask("POST", "/apis/apps/v1/namespaces/in-force/deployments?dryRun=All", trial)
        return answer["spec"].get("paused")

    def _leads(self):
        lease = self.api.ask("GET", f"/apis/coordination.k8s.io/v1/namespaces/{SYSTEM}/leases/modelgate-operator")
        return lease["spec"].get("holderIdentity", "").startswith(self._pod())

    def _pod(self):
        pods = self.api.list("Pod", SYSTEM, labelSelector=LABEL)
        live = [pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        need(len(live) == 1, f"one operator's pod was expected: {live}")
        return live[0]

    def process(self):
        """The operator's process on this machine."""
        name = self._pod()
        found = [folder for folder in Path("/proc").glob("[0-9]*") if runs_in(folder, name)]
        need(len(found) == 1, f"one process in pod {name} was expected: {found}")
        return int(found[0].name)

    def restart(self):
        before = self._pod()
        self.api.delete("Pod", SYSTEM, before)
        within(120, "the operator's old pod goes", lambda: self.api.get("Pod", SYSTEM, before) is None)
        self.cluster.kubectl("-n", SYSTEM, "rollout", "status", "deployment/modelgate", "--timeout=120s")
        within(60, "the operator leads", self._leads)

    def token(self):
        """For a program that may do what the operator may."""
        return self.cluster.kubectl("create", "token", "modelgate", "-n", SYSTEM, "--duration=1h")


def runs_in(folder, pod):
    """Whether it is the process of this operator's pod: it was told its name."""
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
        return words[:2] == [b"/usr/bin/modelgate", b"operator"] and f"\0POD_NAME={pod}\0".encode() in b"\0" + (folder / "environ").read_bytes()
    except OSError:
        return False
