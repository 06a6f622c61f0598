"""One row of the table."""

from dataclasses import dataclass
from statistics import median


@dataclass
class Figure:
    what: str
    value: float | None  # None: shown, and nothing is asked of it
    shown: str
    limit: float | None = None  # at most this much
    aim: str = "-"

    def verdict(self):
        if self.limit is None:
            return "-"
        if self.value <= self.limit:
            return "met"
        over = self.value - self.limit
        return f"missed by {over:.3g}" + (f" ({100 * over / self.limit:.0f} %)" if self.limit else "")

    def unjudged(self, why):
        """The same, with its aim said and no verdict."""
        return Figure(self.what, self.value, self.shown, None, f"{self.aim}, not judged: {why}")


def at_most(what, value, limit, unit="", note=""):
    shown = f"{value:.4g}{unit}" + (f" ({note})" if note else "")
    return Figure(what, value, shown, limit, f"<= {limit:g}{unit}" if limit else f"0{unit}")


def part_of(what, ours, theirs, least, note):
    """Ours is theirs divided by `least` or less."""
    shown = f"1/{theirs / ours:.3g} ({note})" if ours < theirs else f"{ours / theirs:.3g} times ({note})"
    return Figure(what, ours / theirs, shown, 1 / least, f"<= 1/{least:g}" if least != 1 else "<= 1")


def below(what, value, limit, unit="", note=""):
    """As `at_most`; the limit itself is too much."""
    figure = at_most(what, value, limit, unit, note)
    figure.aim = f"< {limit:g}{unit}"
    if value == limit:
        figure.verdict = lambda: "missed by 0"
    return figure


def told(what, shown):
    return Figure(what, None, shown)


def spread(values, unit="", scale=1.0):
    """Median, quartiles and ends, for people."""
    values = sorted(value * scale for value in values)
    at = lambda share: values[min(len(values) - 1, round(share * (len(values) - 1)))]
    return f"median {median(values):.3g}{unit}, quartiles {at(0.25):.3g} to {at(0.75):.3g}, ends {values[0]:.3g} to {values[-1]:.3g}, n {len(values)}"
