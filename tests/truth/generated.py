"""Tables that both sides make by formula, so that only expected values are committed. `tests/truth/generated.rs` holds
the same formulas; every step is exact in doubles, so both make the same bits."""

import math
from datetime import datetime, timedelta, timezone

KINDS = ["uniform", "bell", "steps", "heavy-tail", "zeros", "huge", "subnormal", "big-integers", "near", "instants",
         "words", "many-words", "booleans", "lengths"]
SIZES = [(1, 1), (1, 40), (37, 2), (60, 90), (200, 150), (300, 301)]
MASK = (1 << 64) - 1


class Draw:
    """A linear congruential generator: Knuth's multiplier, the upper 53 bits."""

    def __init__(self, seed: int):
        self.state = (seed * 0x9E3779B97F4A7C15 + 1) & MASK
        for _ in range(4):
            self.unit()

    def unit(self) -> float:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 11) * 2.0**-53


def column(kind: str, seed: int, rows: int, shift: float, nulls: float) -> list:
    """Values or None; floats for numbers, str for the rest."""
    draw = Draw(seed)
    made = []
    for _ in range(rows):
        hole = draw.unit() < nulls
        value = cell(kind, draw, shift)
        made.append(None if hole else value)
    return made


def cell(kind: str, draw: Draw, shift: float):
    u = draw.unit()
    match kind:
        case "uniform":
            return u + shift
        case "bell":
            return u + draw.unit() + draw.unit() + shift
        case "steps":
            return math.floor(u * 7.0) + math.floor(shift * 4.0)
        case "heavy-tail":
            return 1.0 / (u + 0.0009765625) + shift
        case "zeros":
            v = draw.unit()
            return -0.0 if u < 0.25 else 0.0 if u < 0.5 else v - 0.5 + shift
        case "huge":
            return (u - 0.5) * 1e300 * (1.0 + shift)
        case "subnormal":
            return math.floor(u * 60.0 + shift * 16.0) * 5e-324
        case "big-integers":
            return 9007199254740992.0 + math.floor(u * 1000.0) * 2.0 + math.floor(shift * 64.0) * 2.0
        case "near":
            return 1e9 + math.floor(u * 4096.0) * 1.1920928955078125e-07 + shift
        case "instants":
            at = datetime(2026, 3, 29, tzinfo=timezone.utc) + timedelta(seconds=math.floor((u + shift) * 86400.0))
            zone = math.floor(draw.unit() * 5.0) - 2
            return at.astimezone(timezone(timedelta(hours=zone))).isoformat()
        case "words":
            return f"w{math.floor(u * 5.0 + shift * 3.0)}"
        case "many-words":
            return f"wört {math.floor(u * 400.0 + shift * 90.0)}"
        case "booleans":
            return "true" if u < 0.5 + shift / 4.0 else "false"
        case "lengths":
            return "é" * (1 + math.floor(u * 9.0 + shift * 4.0))


def recipes() -> list[dict]:
    made = []
    for kind in KINDS:
        for number, (n, m) in enumerate(SIZES):
            for shift, nulls in ((0.0, 0.0), (0.5, 0.0), (0.25, 0.25)):
                seed = len(made) * 2 + 11
                made.append({"kind": kind, "n": n, "m": m, "seed": seed, "shift": shift, "nulls": nulls if number > 2 else 0.0})
    return made


def tables(recipe: dict) -> tuple[list, list]:
    return (column(recipe["kind"], recipe["seed"], recipe["n"], 0.0, recipe["nulls"] / 2.0),
            column(recipe["kind"], recipe["seed"] + 1, recipe["m"], recipe["shift"], recipe["nulls"]))
