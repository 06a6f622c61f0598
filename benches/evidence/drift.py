"""The drift gate's work with NumPy and SciPy, for comparison: `drift.py ks|psi REFERENCE CURRENT`.

Column by column, as a careful user would write it; definitions as in `tests/truth/README.md` for columns
of numbers without nulls. Prints one line a column.
"""

import math
import sys

import numpy as np
import pyarrow.parquet as pq
from scipy.stats import ks_2samp


def ks(reference: np.ndarray, current: np.ndarray) -> str:
    result = ks_2samp(reference, current)
    return f"{float(result.statistic)!r} {float(result.pvalue)!r}"


def psi(reference: np.ndarray, current: np.ndarray) -> str:
    picks = np.quantile(reference, np.arange(1, 10) / 10, method="inverted_cdf")
    heavy = picks[1:][picks[1:] == picks[:-1]]
    edges = np.unique(np.concatenate([picks, np.nextafter(heavy, -math.inf)]))
    shares = [
        np.maximum(np.bincount(np.searchsorted(edges, side), minlength=len(edges) + 1) / len(side), 0.0001)
        for side in (reference, current)
    ]
    return repr(float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0]))))


def main(measure: str, reference: str, current: str) -> None:
    one, two = pq.ParquetFile(reference), pq.ParquetFile(current)
    for name in one.schema_arrow.names:
        sides = [file.read(columns=[name]).column(0).to_numpy() for file in (one, two)]
        print(name, {"ks": ks, "psi": psi}[measure](*sides))


if __name__ == "__main__":
    main(*sys.argv[1:])
