"""The ability `AppliesOptions` of a task."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from plexus.codec import Input
    from plexus.utils.option_group import OptionGroup


@runtime_checkable
class AppliesOptions(Protocol):
    """A task whose options of `plexus predict` belong to each input: the target language of a text.

    The options of other tasks are for predictions without inputs, or for tables.

    Example:
        ```python
        def apply_options(self, raw_input, options):
            return Question(raw_input, language=options.language)
        ```
    """

    def apply_options(self, raw_input: "Input", options: "OptionGroup") -> "Input":
        """Return a raw input with options.

        Args:
            raw_input: A raw input of `Task.parse_argument`.
            options: The options of `Task.predict_options`.

        Returns:
            The raw input to predict for.

        Raises:
            InputError: If an option cannot be used, such as a file that cannot be read.
        """
        ...
