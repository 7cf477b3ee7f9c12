"""Summary of `benchmarks/tables.py` as Markdown: metrics, mean ranks, paired tests, times.

Ranks and tests follow Demšar 2006, "Statistical comparisons of classifiers over multiple data sets", section 3: a set
counts once, by its mean over the folds. Folds of one set share training rows, so that tests over folds reject too often
(Nadeau & Bengio 2003, "Inference for the generalization error"); they are shown for single sets, next to the others.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import wilcoxon

PRIMARY = {"binary": "auc", "multiclass": "log_loss", "regression": "rmse"}
METRICS = ("auc", "log_loss", "brier", "cost", "expected_cost", "rmse", "r2", "coverage")
RESAMPLES = 5000
LEVEL = 0.05


def read_results(results: Path, models: Sequence[str] | None) -> pd.DataFrame:
    """Read the lines of some models; folds that not all of these models have finished are left out.

    Args:
        results: File of JSON lines that `tables.py run` wrote.
        models: Names of the models; `None` for all.

    Returns:
        One row for each set, model and fold, with a column for each metric and a column `error`: 1 - AUC, log loss or
        RMSE, by the task.
    """
    lines = pd.read_json(results, lines=True)
    models = models or list(lines["model"].unique())
    lines = lines[lines["model"].isin(models)].reset_index(drop=True)
    complete = lines.groupby(["set", "fold"])["model"].transform("nunique") == len(models)
    absent = set(lines["set"]) - set(lines["set"][complete])
    if absent:
        print(f"Left out, since not all models have finished a fold: {', '.join(sorted(absent))}.\n")
    lines = lines.join(pd.DataFrame(lines["metrics"].tolist()))[complete]
    primary = [row[PRIMARY[row["task"]]] for _, row in lines.iterrows()]
    return lines.assign(error=np.where(lines["task"] == "binary", 1 - np.array(primary), primary))


def means(lines: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the means over the folds: one row a set, one column a model."""
    table = lines.pivot_table(index="set", columns="model", values=metric, sort=False)
    return table[[name for name in lines["model"].unique() if name in table]]


def mean_ranks(errors: pd.DataFrame) -> pd.DataFrame:
    """Return the mean rank of each model over the sets, with a 95 % bootstrap interval over the sets."""
    ranks = errors.rank(axis=1).to_numpy()
    samples = np.random.default_rng(0).integers(0, len(ranks), (RESAMPLES, len(ranks)))
    low, high = np.percentile(ranks[samples].mean(axis=1), [2.5, 97.5], axis=0)
    table = pd.DataFrame({"mean rank": ranks.mean(axis=0), "low": low, "high": high}, index=errors.columns)
    return table.sort_values("mean rank")


def signed_rank_p(differences: np.ndarray) -> float:
    """Return the two-sided p-value of Wilcoxon's signed-rank test; 1 where nothing differs."""
    return wilcoxon(differences).pvalue.item() if np.any(differences) else 1.0


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Adjust p-values (Holm 1979). SciPy adjusts for the false discovery rate only; statsmodels is no dependency."""
    order, count = np.argsort(p_values), len(p_values)
    adjusted = np.maximum.accumulate(np.array(p_values)[order] * np.arange(count, 0, -1)).clip(max=1)
    return adjusted[np.argsort(order)]


def paired_tests(lines: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Compare the reference with each peer: over the sets, and over the folds of each set.

    Args:
        lines: Results with the column `error`.
        reference: Name of the model whose wins are counted.

    Returns:
        One row a peer: sets won and lost, the p-value over the sets and adjusted for the number of peers, and the sets
        won and lost with p < 0.05 over their folds, adjusted for the number of sets.
    """
    errors, rows = means(lines, "error"), []
    folds = lines.pivot_table(index=["set", "fold"], columns="model", values="error", sort=False)
    for peer in errors.columns.drop(reference):
        # Relative differences, since the errors of different sets have different units.
        total = errors[peer] + errors[reference]
        differences = ((errors[peer] - errors[reference]) / total.where(total > 0, 1)).to_numpy()
        by_set = (folds[peer] - folds[reference]).groupby("set", sort=False)
        clear = holm([signed_rank_p(values.to_numpy()) for _, values in by_set]) < LEVEL
        wins, losses = differences > 0, differences < 0
        cells = [wins.sum(), losses.sum(), signed_rank_p(differences), (wins & clear).sum(), (losses & clear).sum()]
        rows.append([peer, *cells])
    columns = ["peer", "wins", "losses", "p", f"wins, p < {LEVEL} over folds", f"losses, p < {LEVEL} over folds"]
    table = pd.DataFrame(rows, columns=columns).set_index("peer")
    table.insert(3, "p, Holm", holm(table["p"]))
    return table


def times(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the times of each model, and the fewest trials that its searches finished in the time that they had."""
    groups = lines.groupby("model", sort=False)
    return pd.DataFrame(
        {
            "mean seconds to fit": groups["fit_seconds"].mean(),
            "most": groups["fit_seconds"].max(),
            "mean seconds to predict": groups["predict_seconds"].mean(),
            "fewest trials": groups["trial_count"].min().astype("Int64"),
        }
    )


def print_table(title: str, table: pd.DataFrame) -> None:
    """Print a table as Markdown."""

    def cell(value: float) -> str:
        if pd.isna(value):
            return ""
        return str(value) if isinstance(value, int) else f"{value:.4f}" if abs(value) < 100 else f"{value:,.1f}"

    print(
        f"### {title}\n\n| {' | '.join([table.index.name, *table.columns])} |\n" + "|---" * (1 + table.shape[1]) + "|"
    )
    for name, row in table.astype(object).iterrows():
        print(f"| {name} | {' | '.join(map(cell, row))} |")
    print()


def print_summary(results: Path, models: Sequence[str] | None, reference: str) -> None:
    """Print all tables.

    Args:
        results: File of JSON lines that `tables.py run` wrote.
        models: Names of the models to compare; `None` for all.
        reference: Name of the model that the paired tests compare with the others.
    """
    lines = read_results(results, models)
    sets, folds = lines["set"].nunique(), lines.groupby("set")["fold"].nunique()
    print(f"{sets} sets, {folds.min()} to {folds.max()} outer folds of each that all models have finished.\n")
    for metric in (name for name in METRICS if name in lines):
        print_table(metric, means(lines, metric))
    primary = f"error: {', '.join(f'{name} ({task})' for task, name in PRIMARY.items())}"
    print_table(f"Mean ranks and 95 % intervals, {primary}", mean_ranks(means(lines, "error")))
    if "log_loss" in lines:
        print_table("Mean ranks and 95 % intervals, log loss", mean_ranks(means(lines, "log_loss")))
    if reference in set(lines["model"]):
        print_table(f"{reference} compared with each peer, Wilcoxon, {primary}", paired_tests(lines, reference))
    print_table("Times", times(lines))
