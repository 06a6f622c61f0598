"""Values for tables of people that both sides make by formula: fairness by every measure, anonymity, contracts."""

import math
import warnings
from itertools import permutations

import numpy as np
import pandas as pd
from fairlearn.metrics import (
    MetricFrame, demographic_parity_difference, demographic_parity_ratio, equal_opportunity_difference,
    equalized_odds_difference, false_negative_rate, false_positive_rate, selection_rate, true_positive_rate,
)
from sklearn.metrics import precision_score
from statsmodels.stats.proportion import confint_proportions_2indep

import generated

RECIPES = [{"seed": 2000 + i, "rows": rows} for i, rows in enumerate((1, 4, 12, 25, 40, 41, 60, 80, 150, 151, 300, 700))]
SETS = (["race"], ["sex"], ["race", "sex"])
CONFIDENCES = (0.8, 0.95)


def table(recipe: dict) -> pd.DataFrame:
    """Every cell is a text, or None; `generated.rs` makes the same."""
    draw = generated.Draw(recipe["seed"])
    rows = []
    for _ in range(recipe["rows"]):
        score = min(1.0, math.floor(draw.unit() * 1025.0) / 1024.0)
        label = int(draw.unit() < score)
        said = int(draw.unit() < 0.25 + score / 2.0)
        u = draw.unit()
        race = "abc"[math.floor(u * u * 3.0)]
        sex = "fm"[math.floor(draw.unit() * 2.0)]
        hole = draw.unit() < 0.125
        code = math.floor(draw.unit() * 5.0)
        age = 20 + math.floor(draw.unit() * 4.0)
        unwell = draw.unit() < 0.75
        ill = math.floor(draw.unit() * 3.0)
        name = math.floor(draw.unit() * recipe["rows"] * 3.0)
        rows.append([str(label), str(said), repr(score), race, sex, None if hole else f"z{code}", str(age),
                     f"i{ill}" if unwell else None, str(name)])
    return pd.DataFrame(rows, columns=["label", "said", "score", "race", "sex", "zip", "age", "ill", "id"], dtype=object)


# ---- fairness ----------------------------------------------------------------------------------

def fairness() -> list[dict]:
    made = []
    for recipe in RECIPES:
        people = table(recipe)
        for columns in SETS:
            made.append({**recipe, "columns": columns, "measures": measures(people, columns), "bounds": bounds(people, columns)})
    return made


def measures(people: pd.DataFrame, columns: list[str]) -> dict:
    """Fairlearn's, where all groups have the rate; None elsewhere."""
    data = dict(
        y_true=(people["label"] == "1").to_numpy(), y_pred=(people["said"] == "1").to_numpy(),
        sensitive_features=people[columns],
    )
    groups = [group for _, group in people.groupby(columns)]
    good = min(int((g["label"] == "1").sum()) for g in groups)
    bad = min(int((g["label"] == "0").sum()) for g in groups)
    chosen = [int((g["said"] == "1").sum()) for g in groups]
    several = len(groups) > 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = MetricFrame(metrics={
            "FalsePositiveRateDifference": false_positive_rate, "FalseNegativeRateDifference": false_negative_rate,
            "PredictiveParityDifference": lambda y_true, y_pred: precision_score(y_true, y_pred, zero_division=0),
        }, **data)
        gaps = frame.difference(method="between_groups")
        found = {
            "DemographicParityDifference": (several, demographic_parity_difference),
            "DemographicParityRatio": (several and max(chosen) > 0, demographic_parity_ratio),
            "EqualOpportunityDifference": (several and good > 0, equal_opportunity_difference),
            "EqualizedOddsDifference": (several and good > 0 and bad > 0, equalized_odds_difference),
            "FalsePositiveRateDifference": (several and bad > 0, lambda **_: gaps["FalsePositiveRateDifference"]),
            "FalseNegativeRateDifference": (several and good > 0, lambda **_: gaps["FalseNegativeRateDifference"]),
            "PredictiveParityDifference": (several and min(chosen) > 0, lambda **_: gaps["PredictiveParityDifference"]),
        }
        values = {name: float(measure(**data)) if defined else None for name, (defined, measure) in found.items()}
    # A calibration error is one group's own.
    values["CalibrationGap"] = max(calibration_error(group) for group in groups)
    return values


def calibration_error(group: pd.DataFrame) -> float:
    scores, labels = group["score"].astype(float).to_numpy(), (group["label"] == "1").to_numpy()
    at = np.minimum(np.digitize(scores, np.arange(1, 10) / 10.0), 9)
    gaps = ((at == b).mean() * abs(scores[at == b].mean() - labels[at == b].mean()) for b in range(10) if (at == b).any())
    return float(sum(gaps))


RATES = {
    "DemographicParityDifference": [("said", None)],
    "DemographicParityRatio": [("said", None)],
    "EqualOpportunityDifference": [("said", ("label", "1"))],
    "EqualizedOddsDifference": [("said", ("label", "1")), ("said", ("label", "0"))],
    "FalsePositiveRateDifference": [("said", ("label", "0"))],
    "FalseNegativeRateDifference": [("unsaid", ("label", "1"))],
    "PredictiveParityDifference": [("label", ("said", "1"))],
}


def bounds(people: pd.DataFrame, columns: list[str]) -> list[dict]:
    """The farthest end of the intervals of every two groups, by statsmodels; None where a group has no such rate."""
    people = people.assign(unsaid=(people["said"] == "0").map({True: "1", False: "0"}))
    groups = [group for _, group in people.groupby(columns)]
    made = []
    for confidence in CONFIDENCES:
        ends = {}
        for measure, rates in RATES.items():
            found = [farthest(groups, rate, measure.endswith("Ratio"), confidence) for rate in rates]
            ends[measure] = None if None in found else min(found) if measure.endswith("Ratio") else max(found)
        made.append({"confidence": confidence, "ends": ends})
    return made


def farthest(groups: list[pd.DataFrame], rate: tuple, ratio: bool, confidence: float) -> float | None:
    of, among = rate
    whole = [group if among is None else group[group[among[0]] == among[1]] for group in groups]
    shares = [(int((group[of] == "1").sum()), len(group)) for group in whole]
    if len(shares) < 2 or not all(size for _, size in shares) or ratio and not any(part for part, _ in shares):
        return None
    ends = []
    for one, other in permutations(shares, 2):
        if not ratio:
            ends.append(confint_proportions_2indep(*one, *other, compare="diff", method="newcomb", alpha=1 - confidence)[1])
        elif one[0] * other[1] <= other[0] * one[1] and other[0]:
            # The logarithm of nothing: all that is known is that it may be as low as it is.
            low = 0.0 if one[0] == 0 else confint_proportions_2indep(
                *one, *other, compare="ratio", method="log", alpha=1 - confidence)[0]
            ends.append(low)
    return float(min(ends) if ratio else max(ends))


# ---- anonymity ---------------------------------------------------------------------------------

def anonymity() -> list[dict]:
    made = []
    for recipe in RECIPES:
        people = table(recipe)
        for columns, k, l in ((["zip"], 3, 2), (["zip", "age"], 2, 2), (["zip", "age", "sex"], 5, 3), (["id"], 2, 1)):
            groups = people.groupby(columns, dropna=False)
            sizes, values = groups.size(), groups["ill"].nunique()
            made.append({
                **recipe, "quasi": columns, "k": k, "l": l, "groups": len(sizes), "smallest": int(sizes.min()),
                "rows_below_k": int(sizes[sizes < k].sum()), "fewest": int(min(values.min(), l)),
                "groups_below_l": int((values < l).sum()),
            })
    return made


# ---- contracts ---------------------------------------------------------------------------------

def contracts() -> list[dict]:
    """What each rule of the contract in `contracts.rs` counts."""
    made = []
    for recipe in RECIPES:
        people = table(recipe)
        whole = people[["zip", "age"]].dropna()
        counts = {
            "zip missing": int(people["zip"].isna().sum()),
            "id not unique": int(people["id"].duplicated().sum()),
            "zip, age not unique as primary key": int(whole.duplicated().sum()),
            "age below the minimum 21": int((people["age"].astype(int) < 21).sum()),
            "age above the maximum 22": int((people["age"].astype(int) > 22).sum()),
            "race not allowed": int((~people["race"].isin(["a", "b"])).sum()),
            "ill not of the pattern": int((~people["ill"].dropna().str.fullmatch("i[01]")).sum()),
            "ill nullValues": int(people["ill"].isna().sum()),
            "race, sex, ill duplicateValues": int(people[["race", "sex", "ill"]].dropna().duplicated().sum()),
            "sex invalidValues": int((people["sex"] != "f").sum()),
            "rowCount": len(people),
        }
        made.append({**recipe, "broken": {what: count for what, count in counts.items() if count}})
    return made
