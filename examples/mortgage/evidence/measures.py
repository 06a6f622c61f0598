"""What the evaluation rows say about a model."""

import pandas as pd
from fairlearn.metrics import (
    MetricFrame, count, demographic_parity_difference, demographic_parity_ratio,
    equal_opportunity_difference, equalized_odds_difference,
    false_positive_rate, selection_rate, true_positive_rate,
)
from sklearn.metrics import (
    accuracy_score, balanced_accuracy_score, brier_score_loss, precision_score, recall_score, roc_auc_score,
)

from models import score


def predictions(model: dict, rows: pd.DataFrame) -> pd.DataFrame:
    """application, deny (truth), predicted, score (probability of denial), afam, single."""
    scores = score(model, rows)
    table = rows[["application", "deny"]].copy()
    table["predicted"] = (scores >= model["threshold"]).astype("int64")
    table["score"] = scores.round(6)
    table["afam"] = rows["afam"]
    table["single"] = rows["single"].map({0: "no", 1: "yes"})
    return table


def performance(table: pd.DataFrame) -> dict[str, float]:
    """Figures about denial as the predicted event, 12 digits."""
    truth, predicted = table["deny"], table["predicted"]
    figures = {
        "accuracy": accuracy_score(truth, predicted),
        "balanced_accuracy": balanced_accuracy_score(truth, predicted),
        "brier_score": brier_score_loss(truth, table["score"]),
        "denial_rate": predicted.mean(),
        "evaluation_rows": len(table),
        "precision": precision_score(truth, predicted),
        "recall": recall_score(truth, predicted),
        "roc_auc": roc_auc_score(truth, table["score"]),
    }
    return {name: round(float(value), 12) for name, value in figures.items()}


def fairness(table: pd.DataFrame) -> dict:
    """Fairlearn's figures for race; the favourable outcome is approval, `deny` = 0."""
    truth, chosen, group = table["deny"] == 0, table["predicted"] == 0, table["afam"]
    frame = MetricFrame(
        metrics={
            "count": count, "selection_rate": selection_rate,
            "true_positive_rate": true_positive_rate, "false_positive_rate": false_positive_rate,
        },
        y_true=truth, y_pred=chosen, sensitive_features=group,
    )
    rate = dict(y_true=truth, y_pred=chosen, sensitive_features=group)
    return {
        "by_group": {
            name: {str(key): float(value) for key, value in column.items()}
            for name, column in frame.by_group.astype(float).items()
        },
        "demographic_parity_difference": float(demographic_parity_difference(**rate)),
        "demographic_parity_ratio": float(demographic_parity_ratio(**rate)),
        "equal_opportunity_difference": float(equal_opportunity_difference(**rate)),
        "equalized_odds_difference": float(equalized_odds_difference(**rate)),
    }
