"""The table that is printed in the end."""

import os
from pathlib import Path


def rows(figures):
    return [{"row": name, "what": f.what, "measured": f.shown, "value": f.value, "aim": f.aim, "verdict": f.verdict()} for name, f in figures]


def lines(figures, broken):
    head = ("row", "what", "measured", "aim", "")
    cells = [head] + [(r["row"], r["what"], r["measured"], r["aim"], r["verdict"]) for r in rows(figures)]
    cells += [(name, "NOT MEASURED", problem.splitlines()[0][:100], "", "error") for name, problem in broken]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]


def machine():
    """What it was measured on."""
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "unknown processor")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return f"{os.cpu_count()} x {model}, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}"
