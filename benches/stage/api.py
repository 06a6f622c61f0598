"""A client of the API server: one connection for each thread, and nothing remembered."""

import base64
import http.client
import json
import ssl
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from .failure import NotMeasured

GATE = "/apis/modelgate.dev/v1alpha1"
# kind: where it is served, its plural, whether it lives in a namespace
KINDS = {
    "Namespace": ("/api/v1", "namespaces", False),
    "ConfigMap": ("/api/v1", "configmaps", True),
    "Pod": ("/api/v1", "pods", True),
    "Deployment": ("/apis/apps/v1", "deployments", True),
    "ReplicaSet": ("/apis/apps/v1", "replicasets", True),
    "Job": ("/apis/batch/v1", "jobs", True),
    "GateConfig": (GATE, "gateconfigs", False),
    "GovernancePolicy": (GATE, "governancepolicies", False),
    "ModelRelease": (GATE, "modelreleases", True),
    "ReleaseAction": (GATE, "releaseactions", True),
    "AdmittedRevision": (GATE, "admittedrevisions", True),
    "GateRun": (GATE, "gateruns", True),
}
WORKERS = 8


class Refused(NotMeasured):
    def __init__(self, method, path, status, text):
        super().__init__(f"{method} {path}: {status} {text[:400]}")
        self.status = status


def path(kind, namespace="", name="", part=""):
    served, plural, namespaced = KINDS[kind]
    words = [served]
    words += ["namespaces", namespace] if namespaced and namespace else []
    return "/".join(words + [word for word in (plural, name, part) if word])


def path_of(thing, part=""):
    meta = thing["metadata"]
    return path(thing["kind"], meta.get("namespace", ""), meta["name"], part)


class Api:
    def __init__(self, kubeconfig):
        """From a kubeconfig as `kubectl config view --raw -o json` prints it, with one cluster and one user, who has
        a client certificate or a token."""
        cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
        self.server = urlsplit(cluster["server"])
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.own = threading.local()
        self.tls = ssl.create_default_context(cadata=authority)
        self.headers = {"Accept": "application/json"}
        if "token" in user:
            self.headers["Authorization"] = f"Bearer {user['token']}"
            return
        with tempfile.NamedTemporaryFile() as file:
            file.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
            file.flush()
            self.tls.load_cert_chain(file.name)

    def ask(self, method, where, body=None, kind="application/json", timeout=60):
        """Returns the answer; `Refused` when it is not 2xx."""
        sent = None if body is None else json.dumps(body)
        headers = {**self.headers, "Content-Type": kind}
        connection = getattr(self.own, "connection", None)
        if connection is None:
            connection = http.client.HTTPSConnection(self.server.hostname, self.server.port, context=self.tls, timeout=timeout)
            self.own.connection = connection
        try:
            connection.request(method, where, sent, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            # Kept open for too long: everything asked here may be asked twice.
            connection.close()
            connection.request(method, where, sent, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        if not 200 <= answer.status < 300:
            raise Refused(method, where, answer.status, text)
        return json.loads(text) if text.startswith("{") else text

    def get(self, kind, namespace, name):
        """The object, or None."""
        try:
            return self.ask("GET", path(kind, namespace, name))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def list(self, kind, namespace="", **query):
        where = path(kind, namespace) + ("?" + urlencode(query) if query else "")
        return self.ask("GET", where)["items"]

    def apply(self, thing):
        """Server-side apply, as a team's pipeline does."""
        return self.ask("PATCH", path_of(thing) + "?fieldManager=team&force=true", thing, "application/apply-patch+yaml")

    def apply_all(self, things):
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(self.apply, things))

    def create(self, thing):
        meta = thing["metadata"]
        return self.ask("POST", path(thing["kind"], meta.get("namespace", "")), thing)

    def merge(self, kind, namespace, name, patch):
        return self.ask("PATCH", path(kind, namespace, name), patch, "application/merge-patch+json")

    def delete(self, kind, namespace, name):
        return self.ask("DELETE", path(kind, namespace, name))
