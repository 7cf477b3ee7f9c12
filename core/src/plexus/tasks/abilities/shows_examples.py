"""The ability `ShowsExamples` of a task."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import DatasetT

if TYPE_CHECKING:
    from plexus.data.example_view import ExampleView
    from plexus.data.examples import Examples


@runtime_checkable
class ShowsExamples(Protocol[DatasetT]):
    """A task whose examples people can look at, listen to or read: the data explorer.

    Tasks of the bases in `plexus.tasks` have it from `plexus.tasks.supervised_examples`.

    Example:
        ```python
        if isinstance(task, ShowsExamples):
            train = task.example_splits(dataset)["train"]
            task.show_example(train, 0).kind  # "image"
        ```
    """

    def example_splits(self, dataset: DatasetT) -> "Mapping[str, Examples[Any]]":
        """Return the examples of a dataset.

        Args:
            dataset: The dataset.

        Returns:
            Examples by split; a split whose examples are all in another one is left out.

        Raises:
            InputError: If the data cannot be split.
        """
        ...

    def show_example(self, examples: "Examples[Any]", row: int) -> "ExampleView":
        """Return an example as a person sees, hears or reads it.

        Args:
            examples: Examples of a split.
            row: Index of the example.

        Returns:
            The view.

        Raises:
            InputError: If its file cannot be read.
        """
        ...

    def target_labels(self, target: Any) -> Sequence[str]:
        """Return the labels in a target, which are counted for the balance of the classes.

        Args:
            target: A target of the examples.

        Returns:
            One label in classification, that of each object in detection; none if targets are no labels.
        """
        ...
