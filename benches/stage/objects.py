"""Manifests: a team's namespace and one release of one Deployment, and the policies for them."""

import hashlib
import json

from .metric import QUERY

API = "modelgate.dev/v1alpha1"
DIGEST = "modelgate.dev/model-digest"
MARK = "modelgate.dev/admitted"
MODE = "modelgate.dev/enforcement"


def digest(name, version):
    return "sha256:" + hashlib.sha256(f"{name} {version}".encode()).hexdigest()


def namespace(name, mode="enforce", **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {**({MODE: mode} if mode else {}), **labels}}}


def policy(name, label, gates):
    """For namespaces with this label."""
    return {"apiVersion": API, "kind": "GovernancePolicy", "metadata": {"name": name},
            "spec": {"match": {"namespaceSelector": {"matchLabels": label}}, "enforcement": "Enforce", "gates": gates}}


def accuracy_gate():
    """Answered by an evaluation Job, before release."""
    return {"name": "accuracy", "severity": "High", "metric": {"evidence": "metrics", "name": "accuracy", "min": "0.75"}}


def denied_gate(interval, breach_after=3):
    """Asked of Prometheus, after release; so many failures in a row are a breach."""
    return {"name": "denied", "severity": "High",
            "watch": {"interval": interval, "breachAfter": breach_after, "blindAfter": 5, "onBreach": "Rollback"},
            "prometheus": {"provider": "main", "query": QUERY, "max": "0.3"}}


def evidence(space, name, accuracy):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": space, "name": name}, "immutable": True,
            "data": {"metrics.json": json.dumps({"accuracy": accuracy})}}


def release(space, name, version, metrics=None):
    """`metrics`: the ConfigMap that holds its evidence, if any."""
    evidence = [{"name": "metrics", "configMap": {"name": metrics, "key": "metrics.json"}}] if metrics else []
    return {"apiVersion": API, "kind": "ModelRelease", "metadata": {"namespace": space, "name": name},
            "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                     "model": {"name": name, "version": version, "digest": digest(name, version)},
                     "owner": {"team": "lending"}, "evidence": evidence}}


def deployment(space, name, version, replicas, image):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": space, "name": name},
            "spec": {"replicas": replicas, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
                     "selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}, "annotations": {DIGEST: digest(name, version)}},
                                  "spec": {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1,
                                           "containers": [{"name": "server", "image": image, "imagePullPolicy": "IfNotPresent"}]}}}}


def rollback(space, name, release):
    return {"apiVersion": API, "kind": "ReleaseAction", "metadata": {"namespace": space, "name": name},
            "spec": {"releaseName": release, "action": "Rollback", "reason": "the benchmark asks for it"}}


def condition(thing, kind):
    """Status and reason; None for both when it is not said, or said about an older spec."""
    status = (thing or {}).get("status") or {}
    if status.get("observedGeneration") != (thing or {}).get("metadata", {}).get("generation"):
        return None, None
    found = [c for c in status.get("conditions", []) if c["type"] == kind]
    return (found[0]["status"], found[0]["reason"]) if found else (None, None)
