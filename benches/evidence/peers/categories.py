"""Chi-square of columns of texts with Polars and SciPy: `categories.py REFERENCE CURRENT`. One line of JSON."""

import json
import sys

import numpy as np
import polars as pl
from scipy.stats import chi2_contingency


def chi_square(reference: pl.Series, current: pl.Series) -> float:
    name = reference.name
    counts = [side.value_counts(name="n") for side in (reference, current)]
    both = counts[0].join(counts[1], on=name, how="full").select(pl.col("n", "n_right").fill_null(0))
    return float(chi2_contingency(both.to_numpy().T.astype(np.int64), correction=False).statistic)


def main(reference: str, current: str) -> None:
    one, two = pl.read_parquet(reference), pl.read_parquet(current)
    print(json.dumps({"chi": {name: chi_square(one[name], two[name]) for name in one.columns}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
