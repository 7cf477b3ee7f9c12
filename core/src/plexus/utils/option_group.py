"""Groups of typed options."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from plexus.errors import InputError, unknown
from plexus.utils.option_names import field_of, flag_of


class OptionGroup(BaseModel):
    """Typed options: each field is a flag of the command line, with a description and bounds.

    Attributes:
        groups: Names of options by the title of their group, in the order of a help or a form. A subclass inherits it;
            its own options need no entry.
        automatic: Options whose default, None, stands for a value that is computed from the data.

    Example:
        ```python
        class TextOptions(OptionGroup):
            column: str | None = Field(None, description="Column of the texts.")

        TextOptions.parse({"column": "review"})
        ```
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    groups: ClassVar[dict[str, tuple[str, ...]]] = {}
    automatic: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def fields_by_group(cls, own: str) -> dict[str, dict[str, FieldInfo]]:
        """Return the fields in groups, for a help or a form.

        Args:
            own: Title of the group of the fields that no group of `groups` has: those of a task.

        Returns:
            Fields by name, by the title of their group, those of `own` first. No group is empty.
        """
        grouped = {name for names in cls.groups.values() for name in names}
        groups = {own: [name for name in cls.model_fields if name not in grouped], **cls.groups}
        return {title: {name: cls.model_fields[name] for name in names} for title, names in groups.items() if names}

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
