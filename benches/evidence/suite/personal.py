"""E9: personal data in a column of texts."""

import json
import re

from evidence.files import made
from evidence.order import evaluate, gate, value
from evidence.python import peer
from evidence.turns import cpu, memory, mid, ratio, turns
from stage.failure import need
from stage.figure import at_most

from .drift import TIMES


def privacy(name, evidence, detectors):
    """No cell of `note` may hold what these detectors find."""
    personal = {"detectors": list(detectors), "columns": {"only": ["note"]}, "most": {"count": 0}}
    return gate(name, privacy={"evidence": evidence, "personalData": personal})


def need_found(bench, evidence, planted):
    """Every detector finds what was planted for it, and nothing else."""
    found = evaluate(bench, [privacy(one, "texts", [one]) for one in planted], {"texts": evidence}).findings
    for detector, (real, _) in planted.items():
        cells = re.search(r" in (\d+) of \d+ cells", found[detector]["message"])
        need(cells and int(cells[1]) == real, f"{real} cells hold {detector}; {found[detector]['message']}")


def e9(bench):
    """personal data in a column of texts, beside regular expressions of Polars"""
    folder = made(bench, "sentences", bench.asked.rows // 2)
    file = folder / "sentences.parquet"
    planted, size = (json.loads((folder / name).read_text()) for name in ("planted.json", "bytes.json"))
    need_found(bench, file, planted)
    looks = {detector: sum(both) for detector, both in planted.items()}

    def ask():
        answer = evaluate(bench, [privacy("all", "texts", planted)], {"texts": file})
        need(value(answer.findings["all"]) == len(planted), answer.findings["all"]["message"])
        return answer.used

    def polars():
        hits, used = peer(bench, "personal.py", file)
        need(hits == looks, f"Polars finds {hits}; {looks} look so")
        return used

    ours, used = turns(TIMES, ask, polars)
    bench.keep("evidence-E9.json", {"modelgate": ours, "polars": used, "bytes": size})
    a_gigabyte = mid(ours, "cpu") * 1e9 / size
    return [
        at_most("E9: CPU seconds for a gigabyte of text", a_gigabyte, 2, " s", f"{1000 / a_gigabyte:.0f} MB/s; {size / 1e6:.0f} MB in {cpu(ours)}"),
        ratio("E9", ours, used, "Polars", 3),
        memory("E9", ours, peer=used, name="Polars"),
    ]
