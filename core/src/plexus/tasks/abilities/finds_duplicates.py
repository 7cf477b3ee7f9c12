"""The ability `FindsDuplicates` of a task."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

    from plexus.data.examples import Examples


@runtime_checkable
class FindsDuplicates(Protocol):
    """A task that recognizes examples that occur twice; `plexus data check` counts them.

    Example:
        ```python
        def find_duplicates(self, examples, reference):
            return np.isin(examples.inputs, reference.inputs)
        ```
    """

    def find_duplicates(self, examples: "Examples[str]", reference: "Examples[str]") -> "np.ndarray":
        """Return which examples also occur in a reference, exactly or nearly.

        Args:
            examples: The examples to look up.
            reference: The examples to look in.

        Returns:
            Boolean array of shape `(examples,)`.
        """
        ...
