"""A Prometheus that answers as told, by release: `prometheus.py ADDRESS`. Prints its port.

It answers 0.1 about every revision, and 0.9 about one that was called bad. Queries must hold
namespace="…", release="…" and revision="…".

    POST /api/v1/query   as Prometheus does
    POST /turn?KEY       the revision of NAMESPACE/RELEASE that is asked about next is bad from then on
    GET  /told?KEY       the last answers about it: [[seconds since 1970, revision, value], …]
    GET  /asked          how often each NAMESPACE/RELEASE was asked about
"""

import collections
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

KEPT = 50
LABEL = re.compile(r'(namespace|release|revision)="([^"]*)"')
lock = threading.Lock()
turning, bad = set(), set()
asked = collections.Counter()
told = collections.defaultdict(lambda: collections.deque(maxlen=KEPT))


def answer(query):
    labels = dict(LABEL.findall(query))
    key, revision = f"{labels['namespace']}/{labels['release']}", labels["revision"]
    with lock:
        if key in turning:
            turning.discard(key)
            bad.add((key, revision))
        value = "0.9" if (key, revision) in bad else "0.1"
        asked[key] += 1
        told[key].append([time.time(), revision, value])
    vector = [{"metric": {}, "value": [time.time(), value]}]
    return {"status": "success", "data": {"resultType": "vector", "result": vector}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        where = urlsplit(self.path)
        if where.path == "/api/v1/query":
            self.say(answer(parse_qs(body)["query"][0]))
        elif where.path == "/turn":
            with lock:
                turning.add(unquote(where.query))
            self.say({})
        else:
            self.send_error(404)

    def do_GET(self):
        where = urlsplit(self.path)
        with lock:
            shown = {"/told": lambda: list(told[unquote(where.query)]), "/asked": lambda: dict(asked)}
            found = shown.get(where.path, lambda: None)()
        self.send_error(404) if found is None else self.say(found)

    def say(self, what):
        text = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    server = Server((sys.argv[1], 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
