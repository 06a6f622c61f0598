"""The model card: Hugging Face front matter and sections, in plain words, with measured figures."""

WHAT = {
    "1.0.0": (
        "All twelve answers of the form are inputs. Outcomes are weighted so that denials and approvals count the same, "
        "because only one application in eight was denied. Nothing is done about differences between groups."
    ),
    "2.0.0": (
        "The unemployment rate of the applicant's industry is no longer an input: it says something about an area and a trade, "
        "not about the applicant. Training rows are reweighed so that race and outcome are independent in the weighted data. "
        "The threshold was chosen on the training rows: the lowest at which approval rates of the two groups come within 15 per cent."
    ),
    "3.0.0": (
        "As version 2.0.0, and the unemployment rate of the applicant's industry is back, with its square, to tell "
        "booming from struggling trades. Reweighing and the choice of threshold are those of version 2.0.0."
    ),
}
LIMITS = {
    "1.0.0": "Black applicants who did get their loan in the records are turned down far more often than others: see Evaluation.",
    "2.0.0": "The high threshold lets most risky applications through to a person: recall is low by choice.",
    "3.0.0": "The square of the unemployment rate has only been fitted between 1.8 and 4.3 per cent; nothing is known beyond that range.",
}
FIGURES = ["accuracy", "balanced_accuracy", "roc_auc", "precision", "recall"]


def card(model: dict, digest: str, performance: dict, fairness: dict) -> str:
    """Markdown. `digest` is that of model.json; `performance` and `fairness` as from `measures`."""
    version = model["version"]
    results = "".join(f"    - type: {name}\n      value: {performance[name]:.4f}\n" for name in FIGURES)
    rows = "".join(f"| {name} | {performance[name]:.4f} |\n" for name in FIGURES)
    groups = fairness["by_group"]
    denied = {key: 1 - rate for key, rate in groups["selection_rate"].items()}
    inputs = ", ".join(f"`{name}`" for name in dict.fromkeys(term["feature"] for term in model["terms"]))
    return f"""---
language: en
license: apache-2.0
library_name: scikit-learn
pipeline_tag: tabular-classification
tags:
- credit
- logistic-regression
datasets:
- AER/HMDA
metrics:
- accuracy
- roc_auc
model-index:
- name: {model["name"]}
  results:
  - task:
      type: tabular-classification
      name: Mortgage denial
    dataset:
      type: AER/HMDA
      name: Boston mortgage applications, 1990
      split: evaluation
    metrics:
{results}---

# {model["name"]} {version}

A logistic regression that estimates how likely a mortgage application is to be denied.
The model is the file with the digest `{digest}`.

## Intended use

Sorts applications for a person who decides. A score of {model["threshold"]:g} or more marks the application for a careful
second look. It must not turn anybody down by itself, and must not set a price.

## How it works

Inputs: {inputs}. Race is not an input.
{WHAT[version]}

## Training data

1,000 of the 2,380 applications in the Boston mortgage records of 1990, drawn at random among those
with an unemployment rate below 5 per cent in the applicant's industry, with equal shares of denials and groups in each part.
Race is used for weights and for measuring, never for a prediction.

## Evaluation

On 800 other applications from the same part of the records.

| measure | value |
|---|---|
{rows}
Denied: {denied["yes"]:.1%} of {groups["count"]["yes"]:.0f} Black applicants, {denied["no"]:.1%} of {groups["count"]["no"]:.0f} others.
Ratio of approval rates: {fairness["demographic_parity_ratio"]:.3f} (the four-fifths rule asks for 0.8).
Among people who did get their loan, the model would give it to {groups["true_positive_rate"]["yes"]:.1%} and {groups["true_positive_rate"]["no"]:.1%}.

## Limitations

{LIMITS[version]}
The records are from one city and one year. Applications from industries with 5 per cent unemployment or more were neither
trained on nor evaluated. What happened after a loan was given is not in the records: "denied" is what lenders did, not who would have paid.

## Ethical considerations

The labels are decisions of lenders in 1990 and carry their bias. Credit and public records (`chist`, `phist`) differ between
groups for historical reasons and can stand in for race. Differences between groups must be measured with every version, and
denials looked at by a person who can overrule the score.

## Contact

Team lending-ml. Questions and complaints: lending-oncall.
"""
