"""Writes `reference.parquet` and `current.parquet`: `tables.py FOLDER [ROWS]`. Ten numeric columns, fixed numbers.

Five shapes twice over: normal, lognormal, uniform, gamma, and prices with two decimals. The current table is
moved a little, so that no test is decided at once. Snappy, row groups of 131,072 rows.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = 10
SHAPES = (
    lambda draw, rows, moved: draw.normal(moved, 1, rows),
    lambda draw, rows, moved: draw.lognormal(0, 1 + moved, rows),
    lambda draw, rows, moved: draw.uniform(0, 1, rows),
    lambda draw, rows, moved: draw.gamma(2, 2, rows),
    lambda draw, rows, moved: draw.normal(100 + moved, 15, rows).round(2),
)


def main(folder: Path, rows: int) -> None:
    for side, seed, moved in (("reference", 1, 0.0), ("current", 2, 0.002)):
        draw = np.random.default_rng(seed)
        columns = {f"c{i}": SHAPES[i % len(SHAPES)](draw, rows, moved) for i in range(COLUMNS)}
        pq.write_table(pa.table(columns), folder / f"{side}.parquet", compression="snappy", row_group_size=1 << 17)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
