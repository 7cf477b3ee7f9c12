"""Groups of typed options."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from plexus.errors import InputError, unknown
from plexus.utils.option_names import field_of, flag_of


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
            values: Values by option name; `from` stands for `from_`.

        Returns:
            The options.

        Raises:
            InputError: If an option is unknown or out of bounds; the line names it, its bounds and the value.
        """
        fields = {field_of(key): value for key, value in values.items()}
        for name in fields.keys() - cls.model_fields.keys():
            raise unknown("option", name.rstrip("_"), [each.rstrip("_") for each in cls.model_fields])
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            first = error.errors()[0]
            reason = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
            if not first["loc"]:  # of a validator of several options, which names them
                raise InputError(reason) from error
            name = str(first["loc"][0])
            raise InputError(f"{flag_of(name)} must be {reason}, not {first['input']!r}") from error
