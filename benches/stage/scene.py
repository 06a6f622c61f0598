"""One release of one Deployment, and whether it is where a row wants it."""

from . import objects
from .failure import need, within

PATIENCE = 180


class Scene:
    def __init__(self, cluster, space, name):
        self.cluster, self.api, self.space, self.name = cluster, cluster.api, space, name
        self.key = f"{space}/{name}"

    def release(self):
        return self.api.get("ModelRelease", self.space, self.name)

    def deployment(self):
        return self.api.get("Deployment", self.space, self.name)

    def says(self, kind, status, reason):
        return objects.condition(self.release(), kind) == (status, reason)

    def manifests(self, version, replicas, metrics=None):
        return [objects.release(self.space, self.name, version, metrics),
                objects.deployment(self.space, self.name, version, replicas, self.cluster.idle_image)]

    def pods(self):
        """Pods of the Deployment that are not being stopped."""
        pods = self.api.list("Pod", self.space, labelSelector=f"app={self.name}")
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def only_pods_of(self, version, replicas):
        """All are of this version, there are so many of them, and they are ready."""
        pods = self.pods()
        wanted = objects.digest(self.name, version)
        good = [pod for pod in pods if pod["metadata"].get("annotations", {}).get(objects.DIGEST) == wanted and is_ready(pod)]
        return len(good) == len(pods) == replicas

    def wait_served(self, version, replicas, watched):
        """Admitted, rolled out and, if a gate watches it, found good."""
        within(PATIENCE, f"{self.key} serves version {version}", lambda: self.serves(version, replicas, watched), 0.25)

    def serves(self, version, replicas, watched):
        release = self.release()
        released = objects.condition(release, "Ready") == ("True", "Released")
        good = not watched or objects.condition(release, "WatchHealthy") == ("True", "WithinLimits")
        return released and good and self.is_admitted() and self.only_pods_of(version, replicas)

    def is_admitted(self):
        """The Deployment carries the operator's mark and is let go."""
        deployment = self.deployment()
        marked = deployment["metadata"].get("annotations", {}).get(objects.MARK)
        return bool(marked) and not deployment["spec"].get("paused", False)

    def wait_restored(self, version, replicas):
        within(PATIENCE, f"{self.key} is back on version {version}", lambda: self.is_restored(version, replicas), 0.1)
        self.check_restored(version)

    def is_restored(self, version, replicas):
        release = self.release()
        done = (release.get("status", {}).get("lastRollback") or {}).get("completedAt")
        told = objects.condition(release, "Ready") == ("False", "RolledBack")
        return done and told and self.only_pods_of(version, replicas)

    def check_restored(self, version):
        """What a restore promises beside the pods."""
        deployment = self.deployment()
        need(deployment["spec"].get("paused") and not deployment["metadata"].get("annotations", {}).get(objects.MARK),
             f"{self.key} is restored and its Deployment is not held")
        records = [r for r in self.api.list("AdmittedRevision", self.space) if r["spec"].get("releaseName") == self.name]
        guarded = [r["spec"]["modelVersion"] for r in records if (r.get("status") or {}).get("guard")]
        need(guarded and version not in guarded, f"{self.key} is restored and these versions are guarded: {guarded}")


def is_ready(pod):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", []))
