"""Views of the examples of a dataset of any kind."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plexus.data.example_view import ExampleView

if TYPE_CHECKING:
    from plexus.data.examples import Examples


class ExampleViews:
    """Mixin for tasks that show examples; a task adds `example_splits` to be `plexus.tasks.abilities.ShowsExamples`.

    Of a task that learns from a `SupervisedDataset`, `SupervisedExamples` is the mixin.

    Example:
        ```python
        class Detect(ExampleViews, Task[TransactionDataset, FraudCodec, DetectOptions]):
            def example_splits(self, dataset):
                return {split: dataset.examples(split) for split in dataset.splits}
        ```
    """

    def show_example(self, examples: "Examples[Any]", row: int) -> ExampleView:
        """Return the view of an example by the type of its raw input.

        Args:
            examples: Examples of a split.
            row: Index of the example.

        Returns:
            The view.
        """
        return ExampleView.of(examples.inputs[row])

    def target_labels(self, target: Any) -> Sequence[str]:
        """Return the label of an example.

        Args:
            target: The target.

        Returns:
            The target, if it is a label and not empty.
        """
        return (target,) if isinstance(target, str) and target else ()
