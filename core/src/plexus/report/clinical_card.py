"""Section of a model card for a clinical prediction model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plexus.report.clinical_sections import evaluation_limits, markdown_table, performance_table, subgroup_lines

if TYPE_CHECKING:
    import polars as pl

MAX_PREDICTORS = 40
NOT_STATED = (
    "setting and eligibility (6), treatments (6c), how and when outcome and predictors were assessed (8, 9), "
    "justification of the sample size (10), measures for fairness (14), ethics approval (17), funding and registration "
    "(18), patient and public involvement (19), intended use and users (3, 27)"
)
"""Items of the checklist that data do not hold."""


@dataclass(frozen=True)
class ClinicalStudy:
    """Facts about the data and the protocol of a clinical prediction model.

    Args:
        source: Data set, file or address.
        outcome: The outcome, such as `diagnosis = malignant`.
        predictors: Names of the predictors.
        rows: Number of rows of each split, `train`, `val` and `test`.
        cases: Number of rows with the outcome of each split.
        threshold_rule: How the threshold was chosen, such as `sensitivity of 0.9 on out-of-fold probabilities`.
        missing_handling: How missing values are handled.
        patients: Number of patients of each split, none of whom is in two splits; empty if the data name none.
        missing: Share of missing values of each predictor that has some, from 0 to 1.
        licence: Licence of the data.

    Example:
        ```python
        study = ClinicalStudy(
            source="breast_cancer",
            outcome="target = malignant",
            predictors=["mean radius", "mean texture"],
            rows={"train": 455, "test": 114},
            cases={"train": 170, "test": 42},
            threshold_rule="sensitivity of 0.9 on out-of-fold probabilities",
            missing_handling="median of the training rows, and a flag",
        )
        lines = clinical_card(study, clinical_metrics(probabilities, outcomes, threshold=0.2))
        ```
    """

    source: str
    outcome: str
    predictors: Sequence[str]
    rows: Mapping[str, int]
    cases: Mapping[str, int]
    threshold_rule: str
    missing_handling: str
    patients: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, float] = field(default_factory=dict)
    licence: str = "not stated"


def clinical_card(
    study: ClinicalStudy, metrics: Mapping[str, float], subgroups: "pl.DataFrame | None" = None
) -> list[str]:
    """Write the section of a model card that follows TRIPOD+AI (Collins et al. 2024, doi:10.1136/bmj-2023-078378).

    It has the items that data and protocol answer, by their numbers in the checklist, and names those they do not.

    Args:
        study: Data and protocol.
        metrics: Metrics of the test split, the result of `plexus.metrics.clinical.clinical_metrics`.
        subgroups: The result of `plexus.metrics.subgroups.subgroup_table`; None: no subgroups were evaluated.

    Returns:
        Lines of Markdown.
    """
    return [
        "## Clinical evaluation",
        "",
        "**Not for clinical use.** The model has not been evaluated in practice, and no authority has approved it.",
        "",
        "Items by their numbers in the checklist TRIPOD+AI (Collins et al. 2024).",
        "",
        *markdown_table(("item", "TRIPOD+AI", "content"), _items(study, metrics)),
        "",
        "### Performance on the test split (item 23)",
        "",
        *performance_table(metrics),
        "",
        "### Subgroups (item 23)",
        "",
        *subgroup_lines(subgroups),
        "",
        "### Limitations (item 26)",
        "",
        *(f"- {line}" for line in _limitations(study, metrics, subgroups)),
    ]


def _items(study: ClinicalStudy, metrics: Mapping[str, float]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("Source of data", "5", f"{study.source}; licence: {study.licence}"),
        ("Participants", "6, 20", _participants(study)),
        ("Outcome", "8", study.outcome),
        ("Prevalence of the outcome", "20", _prevalence(study)),
        ("Predictors", "9", _predictors(study)),
        ("Sample size", "10", _sample_size(study)),
        ("Missing data", "11", _missing(study)),
        ("Training and evaluation", "16", "separate splits of the same source; the test split is evaluated once"),
    ]
    if "threshold" in metrics:
        output = f"probability; positive from {metrics['threshold']:.4f}: {study.threshold_rule}"
        rows.append(("Model output", "15", output))
    return rows


def _participants(study: ClinicalStudy) -> str:
    if not study.patients:
        return f"rows: {_counts(study.rows)}; the data name no patients, each row counts as one"
    return f"patients: {_counts(study.patients)}; rows: {_counts(study.rows)}; no patient is in two splits"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {split}" for split, count in counts.items())


def _prevalence(study: ClinicalStudy) -> str:
    return ", ".join(
        f"{study.cases[split] / rows:.1%} {split} ({study.cases[split]:,} of {rows:,})"
        for split, rows in study.rows.items()
        if rows
    )


def _predictors(study: ClinicalStudy) -> str:
    names = list(study.predictors)
    more = f", and {len(names) - MAX_PREDICTORS} more" if len(names) > MAX_PREDICTORS else ""
    return f"{len(names)}: {', '.join(names[:MAX_PREDICTORS])}{more}"


def _sample_size(study: ClinicalStudy) -> str:
    cases = study.cases["train"]
    smaller = min(cases, study.rows["train"] - cases)
    per_predictor = smaller / max(len(study.predictors), 1)
    return f"{smaller:,} training rows of the rarer outcome, {per_predictor:.1f} for each predictor"


def _missing(study: ClinicalStudy) -> str:
    if not study.missing:
        return f"no missing values in the training rows; later ones: {study.missing_handling}"
    ranked = sorted(study.missing.items(), key=lambda item: -item[1])
    shares = ", ".join(f"{name} {share:.1%}" for name, share in ranked[:MAX_PREDICTORS])
    return f"{study.missing_handling}; missing in the training rows: {shares}"


def _limitations(study: ClinicalStudy, metrics: Mapping[str, float], subgroups: "pl.DataFrame | None") -> list[str]:
    tested, cases = study.rows["test"], study.cases["test"]
    lines = evaluation_limits(tested, cases, metrics, subgroups, has_patients=bool(study.patients))
    return [*lines, f"Not stated here, as the data do not hold it: {NOT_STATED}."]
