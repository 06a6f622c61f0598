"""A client of the API server: one connection for each thread, and nothing remembered."""

import base64
import http.client
import json
import ssl
import sys
import tempfile
import threading
import time
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
# Answers of an API server that is too busy, and how often it is asked all the same.
BUSY, ATTEMPTS = (429, 500, 503, 504), 8


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

    def ask(self, method, where, body=None, kind="application/json"):
        """Returns the answer; `Refused` when it is not 2xx. What may be asked twice is, for a while, when a busy API
        server does not answer: that says nothing about Modelgate."""
        for left in reversed(range(ATTEMPTS if method in ("GET", "PATCH") else 2)):
            try:
                status, text = self._once(method, where, body, kind)
            except (OSError, http.client.HTTPException) as problem:
                # The API server ends connections that were not used for a while.
                self.own.connection = None
                if left == 0:
                    raise NotMeasured(f"{method} {where}: {problem!r}") from problem
                continue
            if status not in BUSY or left == 0 or method not in ("GET", "PATCH"):
                break
            print(f"bench: {method} {where}: {status}, asked again", file=sys.stderr, flush=True)
            time.sleep(2)
        if not 200 <= status < 300:
            raise Refused(method, where, status, text)
        return json.loads(text) if text.startswith("{") else text

    def _once(self, method, where, body, kind):
        connection = getattr(self.own, "connection", None)
        if connection is None:
            connection = http.client.HTTPSConnection(self.server.hostname, self.server.port, context=self.tls, timeout=60)
            self.own.connection = connection
        sent = None if body is None else json.dumps(body)
        connection.request(method, where, sent, {**self.headers, "Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

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
