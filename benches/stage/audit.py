"""What the audit log says about the operator's requests."""

import json
import os
import time
from dataclasses import dataclass
from datetime import datetime

from .failure import within

READS = ("get", "list")


def seconds(text):
    """A time of the log as seconds since 1970."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@dataclass
class Request:
    """One request, as it was answered."""

    user: str
    verb: str
    what: str  # resource, or resource/subresource
    namespace: str
    name: str
    code: int
    dry: bool
    received: float  # seconds since 1970
    answered: float
    asked: dict  # bodies, where the cluster logs them
    answer: dict

    @property
    def failed(self):
        return self.code >= 400

    def words(self):
        return f"{self.verb} {self.what}" + (f" ({self.code})" if self.failed else "")


def read(line):
    entry = json.loads(line)
    about, part = entry.get("objectRef", {}), ""
    if about.get("subresource"):
        part = "/" + about["subresource"]
    answer = entry.get("responseObject") or {}
    return Request(
        entry["user"]["username"], entry["verb"], about.get("resource", "") + part, about.get("namespace", ""),
        about.get("name") or answer.get("metadata", {}).get("name", ""), entry.get("responseStatus", {}).get("code", 0),
        "dryRun=All" in entry["requestURI"], seconds(entry["requestReceivedTimestamp"]), seconds(entry["stageTimestamp"]),
        entry.get("requestObject") or {}, answer,
    )


class Audit:
    """The log of one cluster."""

    def __init__(self, file, api):
        self.file, self.api, self.marks = file, api, 0

    def here(self):
        """A place in the log: what is answered from now on comes after it."""
        return os.path.getsize(self.file)

    def since(self, place):
        """Requests answered since, oldest answer first. The log is behind by a moment: an own request that
        shows has the earlier ones before it."""
        self.marks += 1
        mark = f"/api/v1/namespaces/default/configmaps/bench-{os.getpid()}-{self.marks}-{time.time_ns()}"
        try:
            self.api.ask("GET", mark)
        except Exception as refused:
            if getattr(refused, "status", 0) != 404:
                raise
        text = within(30, "the audit log shows an own request", lambda: self._text(place, mark))
        return sorted((read(line) for line in text.splitlines() if mark not in line), key=lambda r: r.answered)

    def _text(self, place, mark):
        with open(self.file, encoding="utf-8") as log:
            log.seek(place)
            text = log.read()
        text = text[: text.rfind("\n") + 1]
        return text if mark in text else ""


@dataclass
class Tally:
    """One user's requests, sorted by what the rows ask about."""

    writes: list  # everything that may change the cluster, but what follows
    events: list
    pod_deletions: list
    trials: list  # dry runs: questions to the admission policies
    lease: list
    reads: list  # get and list; watches are not counted
    idle_writes: list  # of `writes`: accepted, and the object is as before
    failed: list  # of `writes`: refused or too late

    def by_kind(self):
        counts = {}
        for request in self.writes:
            counts[request.words()] = counts.get(request.words(), 0) + 1
        return counts


def tally(requests, user):
    """`requests` are all users': what others wrote tells whether a write changed anything."""
    sorted_out = Tally([], [], [], [], [], [], [], [])
    versions = {}
    for request in requests:
        place = (request.what.split("/")[0], request.namespace, request.name)
        version = request.answer.get("metadata", {}).get("resourceVersion")
        if request.user == user:
            put(sorted_out, request, version is not None and versions.get(place) == version)
        if version and not request.dry and not request.failed:
            versions[place] = version
    return sorted_out


def put(tally, request, same):
    if request.verb == "watch":
        return
    if request.verb in READS:
        # Reading the lease is a part of holding it.
        (tally.lease if request.what == "leases" else tally.reads).append(request)
    elif request.what == "leases":
        tally.lease.append(request)
    elif request.dry:
        tally.trials.append(request)
    elif request.what == "events":
        tally.events.append(request)
    elif request.what == "pods" and request.verb in ("delete", "deletecollection"):
        tally.pod_deletions.append(request)
    else:
        tally.writes.append(request)
        if request.failed:
            tally.failed.append(request)
        elif same:
            tally.idle_writes.append(request)
