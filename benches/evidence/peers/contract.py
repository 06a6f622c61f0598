"""A table's promises: no missing values, doubles, a range for each column.

`contract.py bounds TABLE` prints each column of doubles with its smallest and largest value, a value that a thousandth is
above, and how many are. `contract.py polars|pandera TABLE BOUNDS` reads every value and prints, by column, how many break the
range or are missing. One line of JSON.
"""

import json
import sys

import polars as pl


def bounds(frame: pl.DataFrame) -> dict:
    told = {}
    for column in frame.select(pl.col(pl.Float64)):
        narrow = column.quantile(0.999, "lower")
        told[column.name] = {"min": column.min(), "max": column.max(), "narrow": narrow, "above": int((column > narrow).sum())}
    return told


def of_polars(frame: pl.DataFrame, limits: dict) -> dict:
    assert frame.columns == list(limits) and set(frame.dtypes) == {pl.Float64}
    kept = [pl.col(name).is_between(limit["min"], limit["max"]).fill_null(False).not_().sum() for name, limit in limits.items()]
    return frame.select(kept).row(0, named=True)


def of_pandera(frame: pl.DataFrame, limits: dict) -> dict:
    """Throws when something does not hold."""
    import pandera.polars as pa

    column = lambda limit: pa.Column(pl.Float64, pa.Check.in_range(limit["min"], limit["max"]), nullable=False)
    pa.DataFrameSchema({name: column(limit) for name, limit in limits.items()}).validate(frame, lazy=True)
    return dict.fromkeys(limits, 0)


def main(work: str, file: str, limits: str = "") -> None:
    frame = pl.read_parquet(file)
    if work == "bounds":
        print(json.dumps(bounds(frame)))
    else:
        print(json.dumps({"polars": of_polars, "pandera": of_pandera}[work](frame, json.loads(limits))))


if __name__ == "__main__":
    main(*sys.argv[1:])
