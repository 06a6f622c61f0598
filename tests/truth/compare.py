"""Whether two folders of expected values are the same: `compare.py MADE COMMITTED`. Texts, names and counts must be
equal; numbers to 1e-10 relatively, for processors round the last digits of a logarithm differently."""

import json
import math
import sys
from pathlib import Path


def differs(made, committed, at: str = "") -> str | None:
    if isinstance(made, dict) and isinstance(committed, dict):
        if made.keys() != committed.keys():
            return f"{at}: other names"
        return next(filter(None, (differs(made[key], committed[key], f"{at}/{key}") for key in made)), None)
    if isinstance(made, list) and isinstance(committed, list):
        if len(made) != len(committed):
            return f"{at}: {len(made)} and not {len(committed)} items"
        return next(filter(None, (differs(*pair, f"{at}/{i}") for i, pair in enumerate(zip(made, committed)))), None)
    if isinstance(made, float) and isinstance(committed, float):
        # Sums that should be nothing are rounded to about 1e-16.
        close = math.isclose(made, committed, rel_tol=1e-10, abs_tol=1e-300) or max(abs(made), abs(committed)) < 1e-14
        return None if close else f"{at}: {made!r} and not {committed!r}"
    return None if made == committed else f"{at}: {made!r} and not {committed!r}"


def main(made: Path, committed: Path) -> str | None:
    names = [sorted(path.name for path in folder.glob("*.json")) for folder in (made, committed)]
    if names[0] != names[1]:
        return f"other files: {names}"
    pairs = (tuple(json.loads((folder / name).read_text("utf-8")) for folder in (made, committed)) for name in names[0])
    return next(filter(None, (differs(*pair, name) for name, pair in zip(names[0], pairs))), None)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
