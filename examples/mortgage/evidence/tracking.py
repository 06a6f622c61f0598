"""Logs a run with MLflow and returns it as `mlflow runs describe` prints it."""

import os
import tempfile

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")

from mlflow import MlflowClient  # noqa: E402  (reads the environment when imported)

# Run times are fixed so that the same run gives the same bytes: 1 January 2026, 00:00 UTC, and a minute later.
STARTED_MS = 1767225600000
ENDED_MS = STARTED_MS + 60000


def log_run(model: dict, digest: str, metrics: dict, params: dict) -> dict:
    """`digest` is that of model.json, `sha256:…`. Ids and places that differ from run to run are made from it."""
    with tempfile.TemporaryDirectory() as folder:
        client = MlflowClient(tracking_uri=f"file://{folder}")
        experiment = client.create_experiment(model["name"])
        run = client.create_run(experiment, start_time=STARTED_MS, run_name=f"{model['name']}-{model['version']}")
        run_id = run.info.run_id
        for name, value in sorted(params.items()):
            client.log_param(run_id, name, value)
        for name, value in sorted(metrics.items()):
            client.log_metric(run_id, name, value, timestamp=ENDED_MS)
        client.set_tag(run_id, "modelgate.dev/model-digest", digest)
        client.set_terminated(run_id, "FINISHED", end_time=ENDED_MS)
        document = client.get_run(run_id).to_dictionary()
    return steady(document, digest.removeprefix("sha256:")[:32])


def steady(document: dict, run_id: str) -> dict:
    """Replaces what MLflow draws at random or takes from the machine."""
    info = document["info"]
    for key in ("run_id", "run_uuid"):
        if key in info:
            info[key] = run_id
    info["experiment_id"] = "1"
    info["artifact_uri"] = f"mlflow-artifacts:/1/{run_id}/artifacts"
    info["user_id"] = "mia"
    return document
