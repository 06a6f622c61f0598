"""The drift gate's work with NumPy and SciPy, for comparison: `drift.py METHODS REFERENCE CURRENT [COLUMNS]`.

METHODS are of ks, psi, js and w1; commas stand between them, and between the names of COLUMNS. Column by column, all or
some, as a careful user would write it; definitions as in `tests/truth/README.md` for columns of numbers without nulls.
Parquet is read a column at a time, CSV whole and by Polars, the fastest reader of it here. Prints one line of JSON:
numbers by method and column.
"""

import json
import math
import sys

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance


def ks(reference: np.ndarray, current: np.ndarray) -> float:
    return ks_2samp(reference, current).statistic


def bins(reference: np.ndarray, current: np.ndarray) -> list[np.ndarray]:
    """Shares of both sides in the bins of PSI."""
    picks = np.quantile(reference, np.arange(1, 10) / 10, method="inverted_cdf")
    heavy = picks[1:][picks[1:] == picks[:-1]]
    edges = np.unique(np.concatenate([picks, np.nextafter(heavy, -math.inf)]))
    return [np.bincount(np.searchsorted(edges, side), minlength=len(edges) + 1) / len(side) for side in (reference, current)]


def psi(one: np.ndarray, two: np.ndarray) -> float:
    one, two = np.maximum(one, 0.0001), np.maximum(two, 0.0001)
    return np.sum((two - one) * np.log(two / one))


def numbers(methods: list[str], reference: np.ndarray, current: np.ndarray) -> dict[str, float]:
    binned = bins(reference, current) if {"psi", "js"} & set(methods) else None
    measures = {
        "ks": lambda: ks(reference, current),
        "w1": lambda: wasserstein_distance(reference, current),
        "psi": lambda: psi(*binned),
        "js": lambda: jensenshannon(*binned, base=2),
    }
    return {method: float(measures[method]()) for method in methods}


def opened(file: str):
    """Names, and what reads a column."""
    with open(file, "rb") as start:
        is_parquet = start.read(4) == b"PAR1"
    if is_parquet:
        import pyarrow.parquet as pq

        table = pq.ParquetFile(file)
        return table.schema_arrow.names, lambda name: table.read(columns=[name]).column(0).to_numpy()
    import polars as pl

    frame = pl.read_csv(file)
    return frame.columns, lambda name: frame[name].to_numpy()


def main(methods: str, reference: str, current: str, columns: str = "") -> None:
    names, one = opened(reference)
    _, two = opened(current)
    names = columns.split(",") if columns else names
    told = {name: numbers(methods.split(","), one(name), two(name)) for name in names}
    print(json.dumps({method: {name: told[name][method] for name in names} for method in methods.split(",")}))


if __name__ == "__main__":
    main(*sys.argv[1:])
