"""Values for `generated.json`: every method on every generated table, and tests over many p-values and proportions."""

import math
import warnings
from collections import Counter
from datetime import datetime

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from scipy.stats.contingency import association
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

import generated

NUMBERS = {"uniform", "bell", "steps", "heavy-tail", "zeros", "huge", "subnormal", "big-integers", "near"}


def cases(oracles) -> list[dict]:
    made = []
    for recipe in generated.recipes():
        sides = generated.tables(recipe)
        made.append({**recipe, **truth(recipe["kind"], *sides, oracles)})
    return made


def truth(kind: str, reference: list, current: list, oracles) -> dict:
    values = {"missing": abs(share(current) - share(reference))}
    if not any(v is not None for v in reference) or not any(v is not None for v in current):
        return values
    numeric = kind in NUMBERS or kind in ("instants", "lengths")
    if kind == "instants":
        reference, current = ([None if v is None else datetime.fromisoformat(v).timestamp() * 1e6 for v in side] for side in (reference, current))
    if kind == "lengths":
        reference, current = ([None if v is None else float(len(v)) for v in side] for side in (reference, current))
    psi = oracles.psi_truth(reference, current, numeric)
    if "reference_counts" in psi:
        bins = np.array([psi["reference_counts"], psi["current_counts"]], dtype=float)
        shares = bins / bins.sum(axis=1, keepdims=True)
        values["psi"] = psi["value"]
        values["js"] = float(jensenshannon(shares[0], shares[1], base=2))
        values["tv"] = float(np.abs(shares[0] - shares[1]).sum() / 2)
    chi = oracles.chi_square_truth(reference, current)
    if chi.get("statistic") is not None:
        values["chi"], values["chi_p"] = chi["statistic"], chi["p"]
        counts = [Counter(side) for side in (reference, current)]
        keys = list(counts[0] | counts[1])
        values["v"] = float(association(np.array([[side[k] for k in keys] for side in counts]), method="cramer", correction=False))
    one, two = ([v for v in side if v is not None] for side in (reference, current))
    if not numeric:
        known = set(one)
        values["new"] = sum(v not in known for v in two) / len(two)
        return values
    ks = oracles.ks_truth(reference, current)
    values["ks"], values["ks_p"] = ks["statistic"], ks["p_auto"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distance = float(wasserstein_distance(one, two))
        # From the lowest on: NumPy rounds the mean of large numbers to their own precision.
        spread = float(np.std(np.array(one, dtype=float) - min(one)))
    values["w1"] = distance / 1e6 if kind == "instants" else distance
    if spread > 0 and math.isfinite(spread):
        values["nw1"] = distance / spread
    return values


def share(side: list) -> float:
    return sum(v is None for v in side) / len(side)


def many_tests() -> list[dict]:
    made = []
    for seed, size in enumerate((1, 2, 3, 10, 50, 200)):
        draw = generated.Draw(seed + 500)
        p = [draw.unit() ** 3 if i % 3 else round(draw.unit(), 1) for i in range(size)]
        made.append({"p": p, "adjusted": [float(v) for v in multipletests(p, method="fdr_bh")[1]]})
    return made


def proportions() -> list[dict]:
    made = []
    for high, low in (((56, 70), (48, 80)), ((9, 10), (3, 10)), ((10, 10), (0, 10)), ((1, 1), (1, 2)), ((5, 1000), (1, 999)),
                      ((400000, 1000000), (399000, 1000000)), ((20, 20), (20, 20)), ((3, 7), (2, 9))):
        for confidence in (0.5, 0.8, 0.95, 0.999):
            case = {"high": high, "low": low, "confidence": confidence}
            case["wilson"] = [float(v) for v in proportion_confint(*low, alpha=1 - confidence, method="wilson")]
            case["difference"] = [float(v) for v in confint_proportions_2indep(*high, *low, compare="diff", method="newcomb", alpha=1 - confidence)]
            if low[0] and high[0]:
                case["ratio"] = [float(v) for v in confint_proportions_2indep(*low, *high, compare="ratio", method="log", alpha=1 - confidence)]
            made.append(case)
    return made


def calibrations() -> list[dict]:
    """Expected calibration errors by NumPy: bins by `digitize`, ten of equal width, the last closed."""
    made = []
    for seed, rows in enumerate((1, 5, 40, 300)):
        draw = generated.Draw(seed + 900)
        scores = [min(1.0, math.floor(draw.unit() * 1025.0) / 1024.0) for _ in range(rows)]
        labels = [int(draw.unit() < s * s) for s in scores]
        s, y = np.array(scores), np.array(labels)
        at = np.minimum(np.digitize(s, np.arange(1, 10) / 10.0), 9)
        error = sum((at == b).mean() * abs(s[at == b].mean() - y[at == b].mean()) for b in range(10) if (at == b).any())
        made.append({"seed": seed + 900, "rows": rows, "error": float(error)})
    return made
