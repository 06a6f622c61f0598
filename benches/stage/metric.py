"""How the benchmark tells its Prometheus what to answer, and hears what it was asked."""

import json
import urllib.request
from pathlib import Path

from .failure import need

QUERY = 'denied{namespace="${namespace}",release="${release}",revision="${revision}"}'


class Metric:
    def __init__(self, cluster):
        self.process = cluster.guest("python3", "-u", Path(__file__).with_name("prometheus.py"), cluster.node_address)
        port = self.process.stdout.readline().strip()
        need(port.isdigit(), "the stand-in for Prometheus did not start")
        self.url = f"http://{cluster.node_address}:{port}"

    def _ask(self, where, data=None):
        with urllib.request.urlopen(self.url + where, data=data, timeout=10) as answer:
            return json.load(answer)

    def turn(self, release):
        """The revision of NAMESPACE/NAME that is asked about next is bad from then on."""
        self._ask(f"/turn?{release}", b"")

    def bad_answers(self, release):
        """When it was told that the release is bad, in seconds since 1970."""
        return [at for at, _, value in self._ask(f"/told?{release}") if value == "0.9"]

    def asked(self):
        return self._ask("/asked")
