"""The section of the model card that all tasks of tables have."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from plexus import Metric, SupervisedDataset
from plexus.utils.formatting import number
from plexus.utils.messages import note
from plexus.utils.printable import printable
from plexus_tables.column_kinds import MAX_NAMES, describe_kinds
from plexus_tables.options import TableOptions
from plexus_tables.table_codec import TableCodec

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_tables.dataset import TableDataset

CodecT = TypeVar("CodecT", bound=TableCodec)
MAX_LABELS = 20


class TableCard(Generic[CodecT]):
    """Mixin of the tasks of tables that describes columns and model in the model card and in `plexus data check`.

    Attributes:
        metric: The metric that ranks the models, a loss.

    Example:
        ```python
        class Regress(TableCard[NumberCodec], RegressionTask[NumberCodec, TableOptions]): ...
        ```
    """

    metric: ClassVar[Metric]

    def check_dataset(self, dataset: SupervisedDataset[Any], options: TableOptions) -> None:
        """Check that a training could start with the data; print the names of all columns that are features.

        Args:
            dataset: The dataset.
            options: The options.

        Raises:
            InputError: If the data cannot be used.
        """
        cast("Any", self).fit_codec(dataset, options)
        table = cast("TableDataset[Any]", dataset)
        if max(Counter(table.kinds.values()).values()) > MAX_NAMES:  # else the line of the dataset has all
            note(f"all columns: {describe_kinds(table.kinds, {}, None)}")

    def card_section(
        self, predictor: "Predictor", dataset: SupervisedDataset[Any], codec: CodecT, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write the section of the model card about columns and model; note a model that is not useful.

        Args:
            predictor: Not used.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        table = cast("TableDataset[Any]", dataset)
        items = [
            f"Target: {_target(table)}.",
            f"Columns: {describe_kinds(table.kinds, table.left_out, None)}.",
            f"Folds: {int(table.folds.max()) + 1}; the model of a fold has not learned from its rows.",
            f"Model: {codec.ensemble.describe(codec.comparison[0].model)}.",
            "Coverage: prediction intervals, or label sets, hold the true value of "
            f"{100 * codec.coverage:.4g} % of new rows.",
            *_similar_rows(codec),
            *self.card_items(table, codec),
        ]
        line = not_better(self.metric, metrics)
        if line:
            note(line)
            items.append(f"{line[0].upper()}{line[1:]}.")
        return ["## Columns and model", "", *(f"- {printable(item).replace('<', '&lt;')}" for item in items)]

    def note_verdict(self, metrics: Mapping[str, float]) -> None:
        """Print that the model is not better than the trivial one on other rows than those of the training.

        Args:
            metrics: Metrics of the rows; of rows with one label alone, which the trivial model cannot miss, no line is
                printed.
        """
        line = not_better(self.metric, metrics, "these rows") if metrics[self.metric.baseline or ""] else ""
        if line:
            note(line)

    def card_items(self, dataset: "TableDataset[Any]", codec: CodecT) -> Sequence[str]:
        """Return what only this task states.

        Args:
            dataset: The dataset.
            codec: The calibrated codec.

        Returns:
            Sentences; none by default.
        """
        return []


def not_better(metric: Metric, metrics: Mapping[str, float], rows: str = "the test split") -> str:
    """Return the line about a model that is not better than the trivial one, which predicts the same for all rows.

    Args:
        metric: The metric that ranks the models, a loss.
        metrics: Metrics of these rows.
        rows: What the rows are called.

    Returns:
        The line; empty if the model is better: its loss is lower than the baseline, and so is the upper bound of the
        interval if the loss is the log loss.
    """
    loss, baseline = metrics[metric.name], metrics[metric.baseline or ""]
    values = f"{metric.name} {number(loss)}", f"{metric.baseline} {number(baseline)}"
    if loss >= baseline:
        return f"the model is not better than the baseline on {rows}: {values[0]}, {values[1]}"
    # An outlier makes the interval of squared errors wide, and the baseline larger.
    if "prior_log_loss" not in metrics or metrics["log_loss_high"] < baseline:
        return ""
    interval = f"(95 % interval {number(metrics['log_loss_low'])} to {number(metrics['log_loss_high'])})"
    return f"the model may be no better than the baseline: {values[0]} {interval} on {rows}, {values[1]}"


def _similar_rows(codec: TableCodec) -> list[str]:
    """Return the sentence about training rows in the bundle, if there are any."""
    if codec.similar_rows is None:
        return []
    return [
        f"Training rows: the bundle holds {len(codec.similar_rows):,} of them, with the columns above and the target; "
        f"an explanation shows up to {codec.similar_rows.count} that are most similar."
    ]


def _target(dataset: "TableDataset[Any]") -> str:
    targets = dataset["train"].targets
    if not isinstance(targets[0], str):
        return f"{dataset.target}, numbers from {min(targets):,.12g} to {max(targets):,.12g}"
    counts = Counter(targets).most_common()
    more = f" and {len(counts) - MAX_LABELS:,} more" if len(counts) > MAX_LABELS else ""
    labels = ", ".join(f"{label} {count:,}" for label, count in counts[:MAX_LABELS])
    return f"{dataset.target}; training rows by label: {labels}{more}"
