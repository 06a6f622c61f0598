"""A drift gate over 2 x 1,000,000 rows x 10 columns of Parquet, beside SciPy on the same files.

`modelgate evaluate`, as it runs in a Job: it reads the order, copies and hashes the evidence, computes, and writes the
result document. SciPy does what a careful user would write (benches/evidence/drift.py), from the files to the numbers.
Both start anew each time and take turns. Before that, every column's value is compared with SciPy's.
"""

import hashlib
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from stage.cluster import REPOSITORY
from stage.bench import WORK
from stage.failure import need, run
from stage.figure import at_most, told

HERE = REPOSITORY / "benches/evidence"
ROWS, COLUMNS = 1_000_000, 10
TIMES = 5
METHODS = {"psi": "PSI", "ks": "KolmogorovSmirnov"}
# A finding's message gives six significant digits, or four.
SHOWN = 5e-4
SIDES = ("reference", "current")


def measure(bench):
    """a drift gate over 2 x 1,000,000 rows, beside SciPy"""
    binary, python = bench.binary, interpreter(bench)
    tables = made_tables(bench, python)
    digests = {side: "sha256:" + hashlib.sha256((tables / side / "table").read_bytes()).hexdigest() for side in SIDES}
    figures, kept = [], {}
    for name, method in METHODS.items():
        theirs = values(python, name, tables)
        compare(binary, tables, digests, method, theirs)
        # A limit that half of the columns are beyond: all are computed and the answer is not trivial.
        limit = f"{sorted(theirs.values())[COLUMNS // 2]:.9f}"
        share = sum(value >= float(limit) for value in theirs.values()) / COLUMNS
        ours_used, theirs_used = [], []
        for _ in range(TIMES):
            findings, used = evaluate(binary, tables, digests, [gate("all", method, [], limit)])
            need(float(findings["all"]["value"]) == share, f"{method}: {findings['all']} where SciPy says {share}")
            ours_used.append(used)
            theirs_used.append(once(python, "-B", HERE / "drift.py", name, *(tables / side / "table" for side in SIDES)))
        kept[name] = {"modelgate": ours_used, "scipy": theirs_used}
        figures += compared(f"{name.upper()}", ours_used, theirs_used)
    bench.keep("evaluator.json", kept)
    return figures


def compared(what, ours, theirs):
    mid = lambda used, key: median(each[key] for each in used)
    cpu, peak = (mid(ours, "cpu"), mid(theirs, "cpu")), (mid(ours, "peak") / 1024, mid(theirs, "peak") / 1024)
    return [
        at_most(f"{what}: CPU seconds, to SciPy's", cpu[0] / cpu[1], 1, "", f"{cpu[0]:.2f} s, SciPy {cpu[1]:.2f} s: 1/{cpu[1] / cpu[0]:.0f}"),
        at_most(f"{what}: most memory, to SciPy's", peak[0] / peak[1], 1, "", f"{peak[0]:.0f} MiB, SciPy {peak[1]:.0f} MiB"),
        told(f"{what}: time on the clock", f"{mid(ours, 'wall'):.2f} s, SciPy {mid(theirs, 'wall'):.2f} s; medians of {TIMES}"),
    ]


def interpreter(bench):
    """Python 3.11 with SciPy, NumPy and PyArrow as pinned, in a folder of its own."""
    folder, pins = WORK / "venv", HERE / "requirements.txt"
    mark, wanted = folder / ".installed", pins.read_text()
    if not mark.exists() or mark.read_text() != wanted:
        bench.say("installing SciPy")
        shutil.rmtree(folder, ignore_errors=True)
        run(shutil.which("python3.11") or "python3", "-m", "venv", folder)
        run(folder / "bin/pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", pins)
        mark.write_text(wanted)
    return folder / "bin/python"


def made_tables(bench, python):
    """As a Job has them: a folder for each piece of evidence. The numbers are fixed, so they are made once."""
    folder, recipe = WORK / "tables", (HERE / "tables.py").read_text()
    mark = folder / ".made"
    if not mark.exists() or mark.read_text() != recipe:
        bench.say("making the tables")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        run(python, "-B", HERE / "tables.py", folder, ROWS)
        for side in SIDES:
            (folder / side).mkdir()
            (folder / f"{side}.parquet").rename(folder / side / "table")
        mark.write_text(recipe)
    return folder


def values(python, name, tables):
    """SciPy's value of every column; of KS the statistic."""
    lines = run(python, "-B", HERE / "drift.py", name, *(tables / side / "table" for side in SIDES)).splitlines()
    found = {line.split()[0]: float(line.split()[1]) for line in lines}
    need(len(found) == COLUMNS and all(map(math.isfinite, found.values())), f"SciPy gave {found}")
    return found


def compare(binary, tables, digests, method, theirs):
    """One gate for each column, with a limit of nothing: its message names the value."""
    gates = [gate(column, method, [column], "0") for column in theirs]
    findings, _ = evaluate(binary, tables, digests, gates)
    for column, value in theirs.items():
        said = findings[column]["message"].split(f": {column} ")[1].split(",")[0]
        need(math.isclose(float(said), value, rel_tol=SHOWN), f"{method} of {column}: {said}, SciPy {value}")


def gate(name, method, columns, threshold):
    check = {"reference": "reference", "referenceDigests": [], "current": "current", "method": method, "columns": columns,
             "compare": "Statistic", "threshold": threshold, "maxDriftedShare": "0.3"}
    return {"key": f"bench/{name}", "enforcement": "Enforce", "severity": "High", "stage": "BeforeRelease", "check": {"drift": check}}


def evaluate(binary, tables, digests, gates):
    """Findings by gate, and what the process used."""
    folder = WORK / "evaluation"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    sources = [{"name": side, "digest": digests[side], "source": {"configMap": {"name": "any", "key": "table"}}} for side in SIDES]
    order = {"run": "bench", "gates": gates, "evidence": sources,
             "facts": {"namespace": "n", "namespaceLabels": {}, "release": "r", "modelName": "m", "modelVersion": "1", "declared": {}}}
    (folder / "order.json").write_text(json.dumps(order))
    used = once(binary, "evaluate", "--order", folder / "order.json", "--evidence-root", tables, "--work", folder / "work",
                "--termination-log", folder / "result.json", code=1)
    result = json.loads((folder / "result.json").read_text())
    return {finding["gate"].split("/")[1]: finding for finding in result["results"]}, used


def once(*command, code=0):
    words = [sys.executable, "-S", "-E", HERE / "once.py", *command]
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    need(done.returncode == 0, done.stderr)
    used = json.loads(done.stdout)
    need(used["code"] == code, f"{Path(command[0]).name}: exit code {used['code']}\n{done.stderr}")
    return used
