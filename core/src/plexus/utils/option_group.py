"""Groups of typed options."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from plexus.errors import InputError, unknown


class OptionGroup(BaseModel):
    """Typed options: each field is a flag of the command line, with a description and bounds.

    Example:
        ```python
        class TextOptions(OptionGroup):
            column: str | None = Field(None, description="Column of the texts.")

        TextOptions.parse({"column": "review"})
        ```
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, values: Mapping[str, object]) -> Self:
        """Validate values that a user passed.

        Args:
            values: Values by option name.

        Returns:
            The options.

        Raises:
            InputError: If an option is unknown or out of bounds; the line names it, its bounds and the value.
        """
        for name in values.keys() - cls.model_fields.keys():
            raise unknown("option", name, cls.model_fields)
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else "options"
            reason = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
            raise InputError(f"--{name.replace('_', '-')} must be {reason}, not {first['input']!r}") from error
