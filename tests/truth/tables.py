"""The generated tables: small, fixed, and each with one trait that a careless measure gets wrong."""

import numpy as np

TINY = 5e-324  # the smallest subnormal double


def drift_tables() -> dict[str, tuple[dict, dict]]:
    """Name -> (reference columns, current columns). None is a null; str makes a text column."""
    draw = np.random.default_rng(20260101)

    def normal(rows, mean=0.0, spread=1.0):
        return [float(v) for v in draw.normal(mean, spread, rows).round(6)]

    def whole(rows, high, low=0):
        return [int(v) for v in draw.integers(low, high, rows)]

    def words(rows, names, weights):
        return [str(v) for v in draw.choice(names, rows, p=weights)]

    def holes(values, every):
        return [None if i % every == 0 else v for i, v in enumerate(values)]

    same = normal(50)
    return {
        "same": ({"x": same}, {"x": same}),
        "shuffled": ({"x": same}, {"x": same[::-1]}),
        "shifted": ({"x": normal(200)}, {"x": normal(150, 0.5)}),
        "wider": ({"x": normal(200)}, {"x": normal(150, 0.0, 3.0)}),
        "apart": ({"x": normal(40)}, {"x": normal(30, 1000.0)}),
        "ties": ({"x": whole(120, 4)}, {"x": whole(90, 5)}),
        "mostly-zero": ({"x": [0] * 95 + [1, 2, 3, 4, 5]}, {"x": [0] * 60 + [1] * 20 + [9] * 20}),
        "mostly-one": ({"x": [1] * 98 + [0] * 2}, {"x": [0] * 40 + [1] * 10}),
        "two-values": ({"x": [0, 1] * 30}, {"x": [0, 0, 1] * 20}),
        "constant-both": ({"x": [7.5] * 20}, {"x": [7.5] * 25}),
        "constant-reference": ({"x": [7.5] * 20}, {"x": normal(25, 7.5)}),
        "constant-current": ({"x": normal(25, 7.5)}, {"x": [7.5] * 20}),
        "one-row-each": ({"x": [1.0]}, {"x": [2.0]}),
        "one-row-current": ({"x": normal(30)}, {"x": [0.25]}),
        "two-rows": ({"x": [1.0, 2.0]}, {"x": [2.0, 3.0]}),
        "nine-rows": ({"x": list(range(1, 10))}, {"x": [0, 5, 5, 10]}),
        "ten-rows": ({"x": list(range(1, 11))}, {"x": [1, 2, 3, 10, 11, 12]}),
        "eleven-rows": ({"x": list(range(1, 12))}, {"x": [6, 6, 6]}),
        "on-the-edges": ({"x": list(range(100))}, {"x": list(range(9, 100, 10))}),
        "past-the-ends": ({"x": list(range(100))}, {"x": [-1] * 10 + [100] * 10 + [50] * 10}),
        "negative-zero": ({"x": ["-0.0", "0.0", "-1", "1"] * 10}, {"x": ["0", "-0", "1", "1"] * 8}),
        "subnormal": ({"x": [TINY * i for i in range(1, 31)]}, {"x": [TINY * i for i in range(10, 60, 2)]}),
        "huge": ({"x": [1.7e308, -1.7e308] * 10 + [0.0]}, {"x": [1.7e308] * 15 + [-1e308]}),
        "neighbours": ({"x": [1.0, 1.0000000000000002] * 10}, {"x": [1.0000000000000002] * 10}),
        "forms-of-one": ({"x": ["1", "1.0", "1e0", "2"] * 5}, {"x": ["1.00", "2", "0.2e1", "3"] * 5}),
        "nulls-current": ({"x": normal(60)}, {"x": holes(normal(60), 2)}),
        "nulls-reference": ({"x": holes(normal(60), 3)}, {"x": normal(60)}),
        "nulls-both": ({"x": holes(whole(60, 6), 4)}, {"x": holes(whole(45, 6), 5)}),
        "all-null-current": ({"x": normal(10), "y": whole(10, 3)}, {"x": [None] * 10, "y": whole(10, 3)}),
        "all-null-reference": ({"x": [None] * 10, "y": whole(10, 3)}, {"x": normal(10), "y": whole(10, 3)}),
        "no-rows-current": ({"x": normal(10)}, {"x": []}),
        "text": ({"x": words(80, ["a", "b", "c"], [0.5, 0.3, 0.2])}, {"x": words(70, ["a", "b", "d"], [0.3, 0.4, 0.3])}),
        "text-nulls": ({"x": holes(words(40, ["yes", "no"], [0.5, 0.5]), 5)}, {"x": words(40, ["yes", "no"], [0.9, 0.1])}),
        "text-one-value": ({"x": ["only"] * 12}, {"x": ["only"] * 9}),
        "text-among-numbers": ({"x": ["1", "2", "3", "many"] * 5}, {"x": ["1", "2", "2.0", "many"] * 5}),
        "many-values": ({"x": whole(300, 60)}, {"x": whole(250, 60, 5)}),
        "several-columns": (
            {"a": normal(100), "b": whole(100, 8), "c": words(100, ["p", "q"], [0.7, 0.3])},
            {"a": normal(80), "b": whole(80, 8, 3), "c": words(80, ["p", "q"], [0.2, 0.8])},
        ),
    }


def formula_tables() -> dict[str, tuple[dict, dict]]:
    """Sizes that need no file: row i is ((i * multiplier + offset) mod modulus) / divisor."""
    return {
        "ten-thousand": (
            {"rows": 10000, "multiplier": 7919, "offset": 0, "modulus": 10007, "divisor": 8},
            {"rows": 9000, "multiplier": 7919, "offset": 150, "modulus": 10007, "divisor": 8},
        ),
        "past-ten-thousand": (
            {"rows": 20000, "multiplier": 104729, "offset": 0, "modulus": 100003, "divisor": 16},
            {"rows": 15000, "multiplier": 104729, "offset": 1000, "modulus": 100003, "divisor": 15.75},
        ),
    }


def fairness_tables() -> dict[str, tuple[str, list[tuple]]]:
    """Name -> (favourable value, rows of label, prediction, group)."""
    draw = np.random.default_rng(19900101)

    def rows(sizes, favourable=1):
        made = []
        for group, (count, base, kept, wrong) in sizes.items():
            for _ in range(count):
                label = int(draw.random() < base)
                prediction = int(draw.random() < (kept if label else wrong))
                pair = (label, prediction) if favourable == 1 else (1 - label, 1 - prediction)
                made.append((*pair, group))
        return made

    return {
        "two-groups": ("1", rows({"a": (60, 0.6, 0.8, 0.3), "b": (40, 0.5, 0.6, 0.2)})),
        "zero-is-favourable": ("0", rows({"a": (60, 0.6, 0.8, 0.3), "b": (40, 0.5, 0.6, 0.2)}, favourable=0)),
        "three-groups": ("1", rows({"a": (50, 0.6, 0.8, 0.3), "b": (40, 0.5, 0.6, 0.2), "c": (30, 0.4, 0.9, 0.5)})),
        "words": ("approve", [
            ("approve" if label else "deny", "approve" if said else "deny", group)
            for label, said, group in rows({"north": (40, 0.6, 0.8, 0.3), "south": (35, 0.5, 0.6, 0.2)})
        ]),
        "three-rows": ("1", [(1, 1, "a"), (0, 0, "b"), (1, 0, "b")]),
        "perfect": ("1", [(i % 2, i % 2, "ab"[i % 3 == 0]) for i in range(30)]),
        "always-wrong": ("1", [(i % 2, 1 - i % 2, "ab"[i % 3 == 0]) for i in range(30)]),
        "one-group": ("1", rows({"a": (30, 0.6, 0.8, 0.3)})),
        "nobody-selected": ("1", [(i % 2, 0, "ab"[i % 3 == 0]) for i in range(24)]),
        "everybody-selected": ("1", [(i % 2, 1, "ab"[i % 3 == 0]) for i in range(24)]),
        "one-group-shut-out": ("1", [(i % 2, int(i % 3 != 0), "ab"[i % 3 == 0]) for i in range(24)]),
        "no-favourable-labels": ("1", [(1, 1, "a"), (0, 1, "a"), (1, 0, "a"), (0, 0, "b"), (0, 1, "b")]),
        "no-unfavourable-labels": ("1", [(1, 1, "a"), (0, 1, "a"), (1, 0, "a"), (1, 0, "b"), (1, 1, "b")]),
        "group-named-with-comma": ("1", rows({"a, b": (20, 0.6, 0.8, 0.3), 'say "c"': (20, 0.5, 0.6, 0.2)})),
    }
