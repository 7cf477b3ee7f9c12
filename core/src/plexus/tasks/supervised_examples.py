"""Views of the examples of supervised datasets."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plexus.data.examples import split_counts
from plexus.tasks.example_views import ExampleViews

if TYPE_CHECKING:
    from plexus.data.examples import Examples, SupervisedDataset


class SupervisedExamples(ExampleViews):
    """Mixin for tasks that learn from a `SupervisedDataset`; `ClassificationTask` and `RegressionTask` have it.

    With it a task is `plexus.tasks.abilities.ShowsExamples`.

    Example:
        ```python
        class Count(SupervisedExamples, Task[CountDataset, CountCodec, CountOptions]): ...


        task.show_example(task.example_splits(dataset)["train"], 0)
        ```
    """

    def example_splits(self, dataset: "SupervisedDataset[Any]") -> "Mapping[str, Examples[Any]]":
        """Return the examples of the splits that are not empty.

        Args:
            dataset: The dataset.

        Returns:
            Examples by split; without `val` if it is the training split.
        """
        return {split: dataset[split] for split, count in split_counts(dataset).items() if count}
