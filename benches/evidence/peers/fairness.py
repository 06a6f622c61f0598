"""Group fairness with NumPy's `bincount`, or with Fairlearn: `fairness.py numpy|fairlearn TABLE ATTRIBUTE…`.

Favourable is 1. Prints one line of JSON: by attribute, the difference and ratio of demographic parity and the difference
of equalized odds.
"""

import json
import sys

import numpy as np
import pyarrow.parquet as pq


def of_numpy(label: np.ndarray, prediction: np.ndarray, codes: np.ndarray, groups: int) -> list[float]:
    """One pass counts rows by group, label and prediction."""
    counts = np.bincount((codes * 2 + label) * 2 + prediction, minlength=4 * groups).reshape(groups, 2, 2)
    selection = counts[:, :, 1].sum(axis=1) / counts.sum(axis=(1, 2))
    given = counts[:, :, 1] / counts.sum(axis=2)
    spread = lambda rates: rates.max() - rates.min()
    return [spread(selection), selection.min() / selection.max(), max(spread(given[:, 1]), spread(given[:, 0]))]


def of_fairlearn(label, prediction, group) -> list[float]:
    from fairlearn import metrics

    measures = (metrics.demographic_parity_difference, metrics.demographic_parity_ratio, metrics.equalized_odds_difference)
    return [measure(label, prediction, sensitive_features=group) for measure in measures]


def main(program: str, file: str, *attributes: str) -> None:
    table = pq.read_table(file, columns=["label", "prediction", *attributes], read_dictionary=list(attributes))
    label, prediction = (table.column(name).to_numpy() for name in ("label", "prediction"))
    told = {}
    for attribute in attributes:
        column = table.column(attribute).unify_dictionaries().combine_chunks()
        if program == "numpy":
            numbers = of_numpy(label, prediction, column.indices.to_numpy().astype(np.int64), len(column.dictionary))
        else:
            numbers = of_fairlearn(label, prediction, column.to_numpy(zero_copy_only=False))
        told[attribute] = [float(number) for number in numbers]
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
