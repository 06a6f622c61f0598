"""Writes tables of fixed numbers: `tables.py RECIPE FOLDER SIZE…`. Parquet with Snappy.

Row group by row group, so that memory does not grow with the rows. There are at least eight row groups, of at most 131,072
rows and 2^24 cells.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

# The current table is moved a little, so that no test is decided at once.
SIDES = (("reference", 1, 0.0), ("current", 2, 0.002))
SHAPES = (
    lambda draw, rows, moved: draw.normal(moved, 1, rows),
    lambda draw, rows, moved: draw.lognormal(0, 1 + moved, rows),
    lambda draw, rows, moved: draw.uniform(0, 1, rows),
    lambda draw, rows, moved: draw.gamma(2, 2, rows),
    lambda draw, rows, moved: draw.normal(100 + moved, 15, rows).round(2),
)


def groups(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """First row and number of rows of each row group."""
    most = max(1, min(1 << 17, (1 << 24) // columns, -(-rows // 8)))
    return ((start, min(most, rows - start)) for start in range(0, rows, most))


def write(file: Path, rows: int, columns: int, make: Callable[[int, int], dict], plain: tuple[str, ...] = ()) -> None:
    """`make` gives the columns of a row group; those that are `plain` are stored without a dictionary."""
    writer = None
    for start, count in groups(rows, columns):
        table = pa.table(make(start, count))
        coded = [name for name in table.column_names if name not in plain]
        writer = writer or pq.ParquetWriter(file, table.schema, compression="snappy", use_dictionary=coded)
        writer.write_table(table, row_group_size=count)
    writer.close()


def shapes(draw: np.random.Generator, rows: int, columns: int, moved: float) -> dict:
    return {f"c{i}": SHAPES[i % len(SHAPES)](draw, rows, moved) for i in range(columns)}


def numbers(folder: Path, rows: int, columns: int) -> None:
    """Five shapes in turn: normal, lognormal, uniform, gamma, and prices with two decimals."""
    for side, seed, moved in SIDES:
        draw = np.random.default_rng(seed)
        write(folder / f"{side}.parquet", rows, columns, lambda _, count: shapes(draw, count, columns, moved))


def csv(folder: Path, rows: int, columns: int) -> None:
    """The same numbers as text, each the shortest that reads back."""
    numbers(folder, rows, columns)
    for side, _, _ in SIDES:
        table = pq.ParquetFile(folder / f"{side}.parquet")
        with pa.csv.CSVWriter(folder / f"{side}.csv", table.schema_arrow) as writer:
            for group in range(table.num_row_groups):
                writer.write_table(table.read_row_group(group))
        (folder / f"{side}.parquet").unlink()


LEVELS = (3, 10, 50, 500)


def categories(folder: Path, rows: int) -> None:
    """Four columns of texts with so many different values, some frequent and some rare."""
    for side, seed, moved in SIDES:
        draw = np.random.default_rng(seed)

        def make(_: int, count: int) -> dict:
            made = {}
            for levels in LEVELS:
                weights = 1 / (np.arange(levels) + 1 + moved)
                picked = draw.choice(levels, count, p=weights / weights.sum())
                made[f"of{levels}"] = texts([f"level-{level:03}" for level in range(levels)], picked)
            return made

        write(folder / f"{side}.parquet", rows, len(LEVELS), make)


def texts(values: list[str], picked: np.ndarray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(picked, pa.int32()), pa.array(values)).cast(pa.string())


def persons(draw: np.random.Generator, rows: int) -> dict:
    """Two attributes, and a label and a prediction whose rates differ between their groups a little."""
    race, sex = draw.choice(5, rows, p=(0.5, 0.2, 0.15, 0.1, 0.05)), draw.integers(0, 2, rows)
    label = (draw.random(rows) < 0.55 + 0.02 * race + 0.01 * sex).astype(np.int64)
    right = draw.random(rows) < 0.8 - 0.01 * race
    return {
        "race": texts([f"group-{one}" for one in "abcde"], race), "sex": texts(["f", "m"], sex),
        "label": label, "prediction": np.where(right, label, 1 - label),
    }


def people(folder: Path, rows: int) -> None:
    draw = np.random.default_rng(3)
    write(folder / "people.parquet", rows, 4, lambda _, count: persons(draw, count))


OPENINGS = ("Customer called about the invoice", "Order 4711 arrived late and the box was open", "Asked for a refund of 12.50", "Wants to change the delivery address")
MIDDLES = ("and was told to wait until 9:30", "after the second reminder of 2024-03-07", "because nobody had answered the letter", "since the parcel has lain at the station")
ENDS = ("before the case is closed.", "then the matter went to the branch.", "which the agent noted.", "so it was passed on.")
# One row in so many holds each kind of personal data, and one each kind that only looks so.
EVERY = 350


def luhn(digits: str) -> str:
    """The digits with their check digit."""
    doubled = (sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(reversed(digits)))
    return digits + str(-sum(doubled) % 10)


def iban(account: int) -> str:
    return f"DE{98 - int(f'{account:018}131400') % 97:02}{account:018}"


def other_digit(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


# By detector: what must be found, and what must not.
PLANTED = {
    "Email": (lambda n: f"mail jo.doe{n}@mail.example.org", lambda n: f"see icon{n}/icon@2x.png"),
    "IpAddress": (lambda n: f"from 81.{n % 200}.69.{n % 250 + 1}", lambda n: f"version 3.{n % 90}.7.{n % 80}"),
    "UsSsn": (lambda n: f"id {100 + n % 500}-{10 + n % 90}-{1000 + n % 9000}", lambda n: f"id 000-{10 + n % 90}-{1000 + n % 9000}"),
    "Iban": (lambda n: f"to {iban(370_400_440_000_000_000 + n)}", lambda n: f"to {other_digit(iban(370_400_440_000_000_000 + n))}"),
    "PaymentCard": (lambda n: f"card {luhn(f'4{n:014}')}", lambda n: f"card {other_digit(luhn(f'4{n:014}'))}"),
}
PLACES = [plant for pair in PLANTED.values() for plant in pair]


def notes(draw: np.random.Generator, start: int, rows: int) -> list[str]:
    """Sentences; a row's own number says what is planted in it."""
    picked = draw.integers(0, 4, (rows, 3)).tolist()
    made = []
    for row, (one, two, three) in enumerate(picked, start):
        plant = f" {PLACES[row % EVERY](row)}" if row % EVERY < len(PLACES) else ""
        made.append(f"{OPENINGS[one]}{plant} {MIDDLES[two]} {row} {ENDS[three]}")
    return made


def count_planted(folder: Path, rows: int) -> None:
    """`planted.json`: by detector, in how many rows it must find something, and in how many something only looks so."""
    at = lambda place: len(range(place, rows, EVERY))
    told = {detector: [at(2 * nth), at(2 * nth + 1)] for nth, detector in enumerate(PLANTED)}
    (folder / "planted.json").write_text(json.dumps(told))


def sentences(folder: Path, rows: int) -> None:
    """A column of texts. `bytes.json`: how many bytes they have."""
    draw, size = np.random.default_rng(4), 0

    def make(start: int, count: int) -> dict:
        nonlocal size
        made = notes(draw, start, count)
        size += sum(map(len, made))
        return {"note": made}

    write(folder / "sentences.parquet", rows, 1, make, plain=("note",))
    (folder / "bytes.json").write_text(json.dumps(size))
    count_planted(folder, rows)


def mixed(folder: Path, rows: int, columns: int) -> None:
    """Numbers, persons and sentences in one table; `turned.parquet` has its row groups in the opposite order. The reference
    has the numbers alone."""
    numbers(folder, rows, columns)
    draw = np.random.default_rng(5)

    def make(start: int, count: int) -> dict:
        return {**shapes(draw, count, columns, SIDES[1][2]), **persons(draw, count), "note": notes(draw, start, count)}

    write(folder / "current.parquet", rows, columns + 5, make, plain=("note",))
    table = pq.ParquetFile(folder / "current.parquet")
    with pq.ParquetWriter(folder / "turned.parquet", table.schema_arrow, compression="snappy") as writer:
        for group in reversed(range(table.num_row_groups)):
            writer.write_table(table.read_row_group(group))
    count_planted(folder, rows)


RECIPES = {recipe.__name__: recipe for recipe in (numbers, csv, categories, people, sentences, mixed)}

if __name__ == "__main__":
    RECIPES[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))
