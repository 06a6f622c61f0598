"""Tables as files. Their numbers are fixed, so each is made once, and anew when its recipe changes."""

import shutil
from functools import cache

from stage.bench import WORK
from stage.failure import run

from .python import HERE, PINS, interpreter

RECIPE = HERE / "tables.py"


@cache
def made(bench, name, *sizes):
    """The folder with the files of a recipe in `tables.py`."""
    folder = WORK / "tables" / "-".join(map(str, (name, *sizes)))
    mark, recipe = folder / ".made", RECIPE.read_text() + PINS.read_text()
    if not mark.exists() or mark.read_text() != recipe:
        bench.say(f"making the tables {folder.name}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        run(interpreter(bench), "-PB", RECIPE, name, folder, *sizes)
        mark.write_text(recipe)
    return folder


def sides(folder, form="parquet"):
    return {side: folder / f"{side}.{form}" for side in ("reference", "current")}
