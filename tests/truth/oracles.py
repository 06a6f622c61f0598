"""Writes `data/` and `expected/`: `oracles.py REPOSITORY OUTPUT`. Definitions are in README.md."""

import csv
import json
import math
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from fairlearn.metrics import (
    MetricFrame, count, demographic_parity_difference, demographic_parity_ratio, equal_opportunity_difference,
    equalized_odds_difference, false_positive_rate, selection_rate, true_positive_rate,
)
from scipy.special import kolmogorov
from scipy.stats import chi2_contingency, ks_2samp

import distances
import people
import series
import tables

SHARE_FLOOR = 0.0001
EXACT_ROWS = 10000
EVIDENCE = "examples/mortgage/evidence"


# ---- drift -------------------------------------------------------------------------------------

def column_truth(reference: list[str], current: list[str]) -> dict:
    """Expected values for one column, given as cell texts ("" is a null)."""
    numbers = as_numbers(reference), as_numbers(current)
    numeric = None not in numbers
    one, two = numbers if numeric else (as_text(reference), as_text(current))
    empty = not any(v is not None for v in one) or not any(v is not None for v in two)
    if empty:
        psi = ks = chi = undefined("AllNull")
    else:
        psi = psi_truth(one, two, numeric)
        ks = ks_truth(one, two) if numeric else undefined("NotNumeric")
        chi = chi_square_truth(one, two)
    return {"kind": "numeric" if numeric else "text", "psi": psi, "ks": ks, "chi_square": chi}


def as_numbers(cells: list[str]) -> list[float | None] | None:
    """None for the whole column when a cell is not a finite number."""
    try:
        values = [None if cell == "" else float(cell) for cell in cells]
    except ValueError:
        return None
    return values if all(v is None or math.isfinite(v) for v in values) else None


def as_text(cells: list[str]) -> list[str | None]:
    return [cell or None for cell in cells]


def psi_truth(reference: list, current: list, numeric: bool) -> dict:
    known = sorted(v for v in reference if v is not None)
    if numeric and known[0] == known[-1] and len(known) == len(reference):
        return undefined("ConstantReference")
    edges: list[float] = []
    if numeric:
        size = len(known)
        picks = [known[(k * size + 9) // 10 - 1] for k in range(1, 10)]
        # A second witness: the definition of a quantile, in whole numbers.
        assert all(sum(v <= pick for v in known) * 10 >= k * size for k, pick in enumerate(picks, 1))
        assert all(sum(v < pick for v in known) * 10 < k * size for k, pick in enumerate(picks, 1))
        heavy = {pick for pick in picks if picks.count(pick) > 1}
        edges = sorted(set(picks) | {math.nextafter(pick, -math.inf) for pick in heavy})
        sides = [bin_counts(side, edges) for side in (reference, current)]
    else:
        values = sorted({v for v in reference + current if v is not None})
        sides = [[Counter(side)[v] for v in [*values, None]] for side in (reference, current)]
    shares = [[max(c / len(side), SHARE_FLOOR) for c in counts]
              for side, counts in zip((reference, current), sides)]
    value = math.fsum((q - p) * math.log(q / p) for p, q in zip(*shares))
    truth = {"value": value, "reference_counts": sides[0], "current_counts": sides[1]}
    return {**truth, "edges": edges} if numeric else truth


def bin_counts(values: list, edges: list[float]) -> list[int]:
    """Counts for (-inf, e1], …, (ej, inf) and, last, nulls."""
    known = np.array([v for v in values if v is not None])
    counts = np.bincount(np.digitize(known, edges, right=True), minlength=len(edges) + 1)
    return [*map(int, counts), len(values) - len(known)]


def ks_truth(reference: list, current: list) -> dict:
    one, two = ([v for v in side if v is not None] for side in (reference, current))
    size = len(one) * len(two) / (len(one) + len(two))
    with warnings.catch_warnings():
        if round(size) == 0:  # one row each: SciPy divides by zero and says NaN
            warnings.simplefilter("ignore")
        asymptotic = ks_2samp(one, two, method="asymp")
    exact = None
    if max(len(one), len(two)) <= EXACT_ROWS:
        exact = float(ks_2samp(one, two, method="exact").pvalue)
    truth = {
        "statistic": float(asymptotic.statistic),
        "p_exact": exact,
        "p_asymp": finite(float(asymptotic.pvalue)),
        "p_auto": float(ks_2samp(one, two, method="auto").pvalue),
        "p_limit": float(kolmogorov(asymptotic.statistic * math.sqrt(size))),
    }
    assert truth["p_auto"] == (truth["p_asymp"] if exact is None else exact)
    return truth


def chi_square_truth(reference: list, current: list) -> dict:
    counts = [Counter(side) for side in (reference, current)]
    values = list(counts[0] | counts[1])
    if len(values) == 1:
        return undefined("OneValue")
    result = chi2_contingency([[side[v] for v in values] for side in counts], correction=False)
    return {"statistic": float(result.statistic), "dof": int(result.dof), "p": float(result.pvalue)}


# ---- fairness ----------------------------------------------------------------------------------

def fairness_truth(labels: list[str], said: list[str], groups: list[str], favorable: str) -> dict:
    """Groups and measures for one table; Fairlearn's own figure stays where ours is not defined."""
    data = dict(
        y_true=np.array([v == favorable for v in labels]), y_pred=np.array([v == favorable for v in said]),
        sensitive_features=np.array(groups),
    )
    frame = MetricFrame(metrics={
        "count": count, "selection_rate": selection_rate, "tpr": true_positive_rate, "fpr": false_positive_rate,
    }, **data).by_group
    good = {g: sum(v == favorable for v, of in zip(labels, groups) if of == g) for g in frame.index}
    bad = {g: int(frame["count"][g]) - good[g] for g in frame.index}
    by_group = {
        g: {
            "count": int(frame["count"][g]),
            "selection_rate": float(frame["selection_rate"][g]),
            "tpr": float(frame["tpr"][g]) if good[g] else None,
            "fpr": float(frame["fpr"][g]) if bad[g] else None,
        } for g in frame.index
    }
    alone = "OneGroup" if len(by_group) < 2 else None
    no_tpr = alone or ("NoFavorableLabels" if 0 in good.values() else None)
    no_fpr = no_tpr or ("NoUnfavorableLabels" if 0 in bad.values() else None)
    none = alone or ("NobodySelected" if not any(r["selection_rate"] for r in by_group.values()) else None)
    measures = {
        "demographic_parity_difference": (demographic_parity_difference, alone),
        "demographic_parity_ratio": (demographic_parity_ratio, none),
        "equal_opportunity_difference": (equal_opportunity_difference, no_tpr),
        "equalized_odds_difference": (equalized_odds_difference, no_fpr),
    }
    truth = {}
    for name, (measure, why) in measures.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if why else "error")
            value = float(measure(**data))
        truth[name] = {**undefined(why), "fairlearn": finite(value)} if why else {"value": value}
    return {"groups": by_group, "measures": truth}


def undefined(why: str) -> dict:
    return {"value": None, "why": why}


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


# ---- files -------------------------------------------------------------------------------------

def drift_cases(root: Path, output: Path) -> list[dict]:
    cases = []
    for name, (reference, current) in tables.drift_tables().items():
        paths = [f"tests/truth/data/drift/{name}.{side}.csv" for side in ("reference", "current")]
        for path, columns in zip(paths, (reference, current)):
            write_columns(output / Path(path).relative_to("tests/truth"), columns)
        cases.append(drift_case(name, *(("file", p, read_columns(output / Path(p).relative_to("tests/truth"))) for p in paths)))
    training = f"{EVIDENCE}/v2/training.csv"  # the same in every version
    reference = ("file", training, read_columns(root / training))
    for name, path in {"recent": f"{EVIDENCE}/v2/recent.csv", "turned": "examples/mortgage/data/turned.csv"}.items():
        cases.append(drift_case(f"mortgage-{name}", reference, ("file", path, read_columns(root / path))))
    for name, sides in tables.formula_tables().items():
        made = [("formula", f, {"x": [repr(((i * f["multiplier"] + f["offset"]) % f["modulus"]) / f["divisor"])
                                      for i in range(f["rows"])]}) for f in sides]
        cases.append(drift_case(name, *made))
    return cases


def drift_case(name: str, reference: tuple, current: tuple) -> dict:
    columns = {c: column_truth(reference[2][c], current[2][c]) for c in reference[2]}
    return {"name": name, "reference": {reference[0]: reference[1]}, "current": {current[0]: current[1]}, "columns": columns}


def fairness_cases(root: Path, output: Path) -> list[dict]:
    cases = []
    plain = {"label": "label", "prediction": "prediction", "group": "group"}
    for name, (favorable, rows) in tables.fairness_tables().items():
        file = output / "data" / "fairness" / f"{name}.csv"
        write_columns(file, dict(zip(plain, zip(*rows))))
        cases.append(fairness_case(name, f"tests/truth/data/fairness/{name}.csv", file, plain, favorable))
    for version in ("v1", "v2", "v3"):
        for group in ("afam", "single"):
            path = f"{EVIDENCE}/{version}/predictions.csv"
            named = {"label": "deny", "prediction": "predicted", "group": group}
            cases.append(fairness_case(f"mortgage-{version}-{group}", path, root / path, named, "0"))
    return cases


def fairness_case(name: str, path: str, file: Path, columns: dict, favorable: str) -> dict:
    cells = read_columns(file)
    truth = fairness_truth(*(cells[columns[role]] for role in ("label", "prediction", "group")), favorable)
    return {"name": name, "table": path, "columns": columns, "favorable": favorable, **truth}


def write_columns(path: Path, columns: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in zip(*columns.values()):
            # A lone empty cell would be an empty line, which readers skip: quote it.
            file.write('""\n') if row == (None,) else writer.writerow(["" if v is None else v for v in row])


def read_columns(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}


def main(root: Path, output: Path) -> None:
    warnings.simplefilter("error")
    expected = {"drift": drift_cases(root, output), "fairness": fairness_cases(root, output)}
    for name, cases in expected.items():
        write(output, name, {"cases": cases}, 1)
    made = {"cases": distances.cases(sys.modules[__name__]), "tests": distances.many_tests(),
            "proportions": distances.proportions(), "calibrations": distances.calibrations()}
    write(output, "generated", made, None)
    of_people = {"fairness": people.fairness(), "anonymity": people.anonymity(), "contracts": people.contracts()}
    write(output, "people", of_people, None)
    write(output, "series", {"histories": series.histories(), "rankings": series.rankings()}, None)


def write(output: Path, name: str, document: dict, indent: int | None) -> None:
    path = output / "expected" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=indent, allow_nan=False)
    # One case to a line, so that a change shows where it is.
    path.write_text((text if indent else text.replace("}, {", "},\n{")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
