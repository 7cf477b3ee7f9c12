"""Settings from outside, checked."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from plexus.errors import InputError, unknown


class Flags(BaseModel):
    """Typed settings: each field is a flag of the command line, with a description and bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def checked(cls, values: dict[str, Any]) -> Self:
        """The settings from what the user gave.

        Raises:
            InputError: a field is unknown or out of bounds; the line names it, its bounds and what was given.
        """
        for name in values.keys() - cls.model_fields.keys():
            raise unknown("option", name, cls.model_fields)
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else "options"
            reason = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
            raise InputError(f"--{name.replace('_', '-')} must be {reason}, not {first['input']!r}") from error
