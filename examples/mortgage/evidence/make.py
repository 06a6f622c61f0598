"""Trains the three versions and writes models, evidence and traffic: `make.py FOLDER`."""

import hashlib
import json
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import card
import measures
import models
import records
import tracking


def main(folder: Path) -> None:
    slices = records.load()
    for name in ("evaluation", "calm", "turned"):
        write_csv(folder / "data" / f"{name}.csv", getattr(slices, name))
    builders = {"v1": models.unmitigated, "v2": models.mitigated, "v3": models.extended}
    for name, build in builders.items():
        write_version(folder / "evidence" / name, build(slices.training), slices)


def write_version(folder: Path, model: dict, slices: records.Slices) -> None:
    """All files of one version. Their names are the keys of the evidence ConfigMap."""
    text = json_text(model)
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    table = measures.predictions(model, slices.evaluation)
    performance, fairness = measures.performance(table), measures.fairness(table)
    params = {
        "inputs": len(models.features(model)), "kind": model["kind"], "seed": records.SEED,
        "threshold": model["threshold"], "training_rows": len(slices.training),
    }
    write(folder / "model.json", text)
    write(folder / "metrics.json", json_text(tracking.log_run(model, digest, performance, params)))
    write(folder / "fairlearn.json", json_text(fairness))
    write(folder / "model-card.md", card.card(model, digest, performance, fairness))
    # All inputs in every version, used or not: one reference for drift that a policy can name by its digest.
    for name, rows in {
        "predictions": table, "training": slices.training[records.INPUTS], "recent": slices.calm[records.INPUTS],
    }.items():
        write_csv(folder / f"{name}.csv", rows)
        pq.write_table(pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(), folder / f"{name}.parquet")


def json_text(document: dict) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def write_csv(path: Path, rows: pd.DataFrame) -> None:
    write(path, rows.to_csv(index=False, lineterminator="\n"))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
