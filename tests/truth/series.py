"""Values for a number among earlier ones, and for two rankings of features."""

import math

import numpy as np
from scipy.stats import median_abs_deviation, spearmanr

import generated


def histories() -> list[dict]:
    """By how many robust deviations a number is away from the median of earlier ones (Iglewicz and Hoaglin, 1993)."""
    made = []
    for seed in range(60):
        draw = generated.Draw(seed + 3000)
        places = 1 + seed % 4
        step = 10.0 ** -places
        # Few places make ties, up to more than half of all.
        earlier = [round(0.8 + math.floor(draw.unit() ** 3 * 10 ** (places - 1)) * step, places) for _ in range(3 + seed % 9)]
        value = round(0.8 + (draw.unit() - 0.25) * 3.0, 3)
        spread = float(median_abs_deviation(earlier, scale="normal"))
        center = float(np.median(earlier))
        if spread == 0.0:
            spread = float(np.mean(np.abs(np.array(earlier) - center)) * math.sqrt(math.pi / 2))
        away = abs(value - center)
        made.append({"earlier": earlier, "value": value, "deviations": away / spread if spread > 0 else None})
    return made


def rankings() -> list[dict]:
    made = []
    for seed in range(40):
        draw = generated.Draw(seed + 4000)
        names = [f"f{i}" for i in range(2 + seed % 13)]
        # Rounded, so that some are equally important; a few are in one report alone.
        sides = [{name: math.floor(draw.unit() * (4 + seed)) / 8.0 for name in names if draw.unit() < 0.85} for _ in range(2)]
        every = sorted(set(sides[0]) | set(sides[1]))
        ranked = [[side.get(name, 0.0) for name in every] for side in sides]
        defined = len(every) > 1 and all(len(set(side)) > 1 for side in ranked)
        correlation = float(spearmanr(*ranked).statistic) if defined else None
        overlaps = {}
        for k in (1, 3, 20):
            most = min(k, max(len(side) for side in sides))
            top = [{name for name, _ in sorted(side.items(), key=lambda one: (-one[1], one[0]))[:most]} for side in sides]
            overlaps[str(k)] = len(top[0] & top[1]) / most if most else None
        made.append({"sides": sides, "correlation": correlation, "overlaps": overlaps})
    return made
