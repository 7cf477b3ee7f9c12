"""A column of the rows that a model predicts for."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RowColumn:
    """A column, as forms and examples of requests show it.

    Args:
        name: Its name.
        typical: A typical value of the training data: a number, or the text of a category or a date.
        choices: The frequent categories of a column of categories.

    Example:
        ```python
        RowColumn("purpose", "car", choices=("car", "furniture"))
        ```
    """

    name: str
    typical: float | str
    choices: Sequence[str] = ()

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return not isinstance(self.typical, str)

    @property
    def text(self) -> str:
        """The typical value as text, a number with at most ten digits."""
        return self.typical if isinstance(self.typical, str) else f"{self.typical:.10g}"
