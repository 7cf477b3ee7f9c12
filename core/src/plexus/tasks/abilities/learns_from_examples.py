"""The ability `LearnsFromExamples` of a task."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.finds_duplicates import FindsDuplicates

if TYPE_CHECKING:
    from plexus.codec import Input
    from plexus.data.examples import Examples


@runtime_checkable
class LearnsFromExamples(FindsDuplicates, Protocol):
    """A task that learns from labelled examples in memory; `plexus.Estimator` needs it.

    Example:
        ```python
        def make_examples(self, inputs, targets):
            return Examples(list(inputs), list(targets))
        ```
    """

    def make_examples(self, inputs: "Sequence[Input]", targets: Sequence[str]) -> "Examples[str]":
        """Return labelled examples.

        Args:
            inputs: Raw inputs.
            targets: One target per input.

        Returns:
            The examples.

        Raises:
            InputError: If the inputs cannot be used.
        """
        ...
