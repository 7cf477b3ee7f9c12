"""Exploration of a dataset before a training: counts, classes, columns, duplicates and label errors."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from plexus.data.column_summary import ColumnSummary, summarize_column, summarize_table
from plexus.data.duplicate_examples import DuplicateGroup, Place, equal_examples, near_duplicates
from plexus.data.example_classifier import ExampleClassifier
from plexus.data.example_view import ExampleView
from plexus.data.examples import Examples, split_counts
from plexus.data.label_errors import FOLDS, LabelError, checked_rows, find_label_errors
from plexus.data.table_rows import TableRows
from plexus.errors import InputError
from plexus.tasks.abilities import FindsDuplicates, FindsMissingLabels, ShowsExamples

if TYPE_CHECKING:
    import polars as pl

    from plexus.dataset import Dataset
    from plexus.options import Options
    from plexus.task import AnyTask

MAX_CHECKED = 20_000
"""Examples whose labels are checked; of more, a random sample."""


class Exploration:
    """Statistics and views of a dataset, of any task.

    A task that is not `ShowsExamples` has counts and findings alone. What takes long is computed on first use.

    Args:
        task: The task.
        options: The options that the dataset was read with.
        dataset: The dataset.

    Attributes:
        splits: Examples by split; empty if the task shows none.
        kind: Kind of the examples, as of `ExampleView`; empty if there are none.

    Example:
        ```python
        options = task.options.parse({"data": "digits"})
        exploration = Exploration(task, options, task.load_dataset(options))
        exploration.class_counts["train"]["7"]
        ```
    """

    def __init__(self, task: "AnyTask", options: "Options", dataset: "Dataset") -> None:
        self.task, self.options, self.dataset = task, options, dataset
        self._shown = task if isinstance(task, ShowsExamples) else None
        self.splits: Mapping[str, Examples[Any]] = {} if self._shown is None else self._shown.example_splits(dataset)
        first = next(((split, 0) for split, examples in self.splits.items() if len(examples)), None)
        self.kind = "" if first is None else self.view(Place(*first)).kind

    @cached_property
    def counts(self) -> dict[str, int]:
        """Count the examples of each split.

        Returns:
            The numbers.
        """
        if self.splits:
            return {split: len(examples) for split, examples in self.splits.items()}
        return split_counts(self.dataset)

    @cached_property
    def class_counts(self) -> dict[str, Counter[str]]:
        """Count the examples, or the objects in them, of each label.

        Returns:
            A counter of labels by split; empty if the targets are no labels.
        """
        if self._shown is None:
            return {}
        counts = {
            split: Counter(label for target in examples.targets for label in self.labels(target))
            for split, examples in self.splits.items()
        }
        return counts if any(counts.values()) else {}

    @cached_property
    def label_rows(self) -> dict[str, dict[str, np.ndarray]]:
        """List the examples of each label, in ascending order.

        Returns:
            Indices by split and label.
        """
        indices = dict[str, dict[str, np.ndarray]]()
        for split, examples in self.splits.items():
            rows = defaultdict[str, list[int]](list)
            for row, target in enumerate(examples.targets):
                for label in dict.fromkeys(self.labels(target)):
                    rows[label].append(row)
            indices[split] = {label: np.array(values) for label, values in rows.items()}
        return indices

    @cached_property
    def labels_by_frequency(self) -> list[str]:
        """List all labels, the most frequent first.

        Returns:
            The labels.
        """
        return [label for label, _ in sum(self.class_counts.values(), Counter[str]()).most_common()]

    @cached_property
    def target_summary(self) -> ColumnSummary | None:
        """Summarize targets that are numbers.

        Returns:
            The statistics; None if the targets are no numbers.
        """
        targets = [target for examples in self.splits.values() for target in examples.targets]
        return self._summarize_targets(targets)

    @cached_property
    def target_summaries(self) -> dict[str, ColumnSummary]:
        """Summarize targets that are numbers, in each split.

        Returns:
            The statistics by split; empty if the targets are no numbers.
        """
        if self.target_summary is None:
            return {}
        summaries = {split: self._summarize_targets(examples.targets) for split, examples in self.splits.items()}
        return {split: summary for split, summary in summaries.items() if summary is not None}

    @cached_property
    def label_problem(self) -> str:
        """Say why label errors cannot be searched for.

        Returns:
            The reason; empty if they can.
        """
        if not self.class_counts:
            return f"{self.task.id} has no class labels in this dataset"
        targets = (target for examples in self.splits.values() for target in examples.targets)
        if all(len(self.labels(target)) == 1 for target in targets):
            return ""
        hint = ": with a model, see plexus data check --bundle" if isinstance(self.task, FindsMissingLabels) else ""
        return f"the search needs exactly one label per example{hint}"

    @cached_property
    def columns(self) -> list[ColumnSummary]:
        """Summarize the columns of a table.

        Returns:
            The statistics in the order of the columns; empty for other examples.
        """
        return summarize_table(self.table) if self.kind == "row" else []

    @cached_property
    def table(self) -> "pl.DataFrame":
        """Join the rows of all splits, one below the other.

        Returns:
            The table.
        """
        import polars as pl

        return pl.concat([_frame(examples) for examples in self.splits.values()], how="vertical_relaxed")

    @cached_property
    def duplicates(self) -> list[DuplicateGroup]:
        """Group equal examples.

        Returns:
            The groups: those with different targets first, then those of several splits, then the others.
        """
        if self.kind == "row":
            hashes = self._features_of_rows().hash_rows().to_list()
            ends = np.cumsum([len(examples) for examples in self.splits.values()])[:-1].tolist()
            bounds = zip([0, *ends], [*ends, len(hashes)], strict=True)
            digests = {split: hashes[start:end] for split, (start, end) in zip(self.splits, bounds, strict=True)}
            return equal_examples(digests, self.splits)
        sizes = {split: len(examples) for split, examples in self.splits.items()}
        digests = {split: [self.view(Place(split, row)).digest() for row in range(n)] for split, n in sizes.items()}
        return equal_examples(digests, self.splits)

    @cached_property
    def near_duplicates(self) -> tuple[int, list[DuplicateGroup]]:
        """Find examples that are nearly one of the training split, and the first pairs.

        Returns:
            Their number, and the pairs.
        """
        if not isinstance(self.task, FindsDuplicates):
            return 0, []
        return near_duplicates(self.task.find_duplicates, self.splits, self.duplicates)

    def labels(self, target: Any) -> Sequence[str]:
        """Return the labels in a target.

        Args:
            target: The target.

        Returns:
            The labels.
        """
        return () if self._shown is None else self._shown.target_labels(target)

    def view(self, place: Place) -> ExampleView:
        """Return an example as a person sees, hears or reads it.

        Args:
            place: The example.

        Returns:
            The view.

        Raises:
            InputError: If there is no such example, or its file cannot be read.
        """
        examples = self.splits.get(place.split)
        if self._shown is None or examples is None or not 0 <= place.row < len(examples):
            raise InputError(f"there is no example {place.row} in the split {place.split}")
        return self._shown.show_example(examples, place.row)

    def rows(self, split: str, label: str = "") -> np.ndarray:
        """Return the examples of a split, or those of a label.

        Args:
            split: The split.
            label: The label; empty for all examples.

        Returns:
            Indices in ascending order.
        """
        if split not in self.splits:
            return np.zeros(0, int)
        if not label:
            return np.arange(len(self.splits[split]))
        return self.label_rows[split].get(label, np.zeros(0, int))

    def places(self) -> Iterator[Place]:
        """List all examples.

        Yields:
            Their places, split by split.
        """
        for split, examples in self.splits.items():
            for row in range(len(examples)):
                yield Place(split, row)

    def find_label_errors(self, seed: int = 0) -> tuple[list[tuple[Place, str, LabelError]], str, int]:
        """Find labels that are probably wrong, by confident learning with a simple classifier.

        Args:
            seed: Random seed of the folds, and of the sample of a large dataset.

        Returns:
            Of each suspicious example its place, the suggested label and the probabilities, the most certain first;
            the method in words; and the number of examples that were checked.

        Raises:
            InputError: If labels cannot be checked; the line says why.
        """
        if self.label_problem:
            raise InputError(self.label_problem)
        places = list(self.places())
        labels = np.array([self.labels(self.splits[place.split].targets[place.row])[0] for place in places], object)
        chosen = checked_rows(labels.astype(str))
        if len(chosen) > MAX_CHECKED:
            chosen = np.sort(np.random.default_rng(seed).permutation(chosen)[:MAX_CHECKED])
            chosen = chosen[checked_rows(labels[chosen].astype(str))]
        if self.kind == "row":
            classifier = ExampleClassifier.of_table(self._features_of_rows()[chosen])
        else:
            classifier = ExampleClassifier.of([self.view(places[row]) for row in chosen])
        names, classes = np.unique(labels[chosen].astype(str), return_inverse=True)
        probabilities = classifier.out_of_fold(classes, FOLDS, seed)
        errors = find_label_errors(probabilities, classes)
        placed = [(places[chosen[error.row]], str(names[error.suggested]), error) for error in errors]
        return placed, classifier.description, len(chosen)

    def _summarize_targets(self, targets: Sequence[Any]) -> ColumnSummary | None:
        import polars as pl

        if not len(targets) or not all(isinstance(target, int | float | np.number) for target in targets):
            return None
        return summarize_column(pl.Series(self.task.target_name, np.asarray(targets, float)))

    def _features_of_rows(self) -> "pl.DataFrame":
        """Return the table without columns that hold the labels in other words."""
        targets = [str(target) for examples in self.splits.values() for target in examples.targets]
        codes = np.unique(targets, return_inverse=True)[1]
        names = [series.name for series in self.table if not _names_labels(series, codes)]
        return self.table.select(names)


def _frame(examples: Examples[Any]) -> "pl.DataFrame":
    import polars as pl

    if isinstance(examples.inputs, TableRows):
        return examples.inputs.frame
    return pl.DataFrame([dict(cast("Mapping[str, object]", row)) for row in examples.inputs], infer_schema_length=None)


def _names_labels(series: "pl.Series", codes: np.ndarray) -> bool:
    """Return whether each value of a column stands for one label, and each label for one value."""
    values = np.unique(series.cast(str, strict=False).fill_null("").to_numpy(), return_inverse=True)[1]
    pairs = len(np.unique(np.stack([values, codes]), axis=1).T)
    return bool(pairs == values.max(initial=0) + 1 == codes.max(initial=0) + 1)
