"""Fields of a form for typed options."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BeforeValidator

from plexus.options import Options
from plexus.utils.option_names import flag_of, label_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from plexus.utils.option_group import OptionGroup

PREFIX = "option."
"""Start of the names of options in a form."""
UNLIMITED = 1e12
"""A bound from this on excludes no value that anybody enters: it is not shown."""
MAX_TITLE = 40
"""Maximum length of a label that is taken from a description, in characters."""
YES, NO = "yes", "no"
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
"""The flag of an option in a text."""
Kind = Literal["check", "flag", "choice", "integer", "number", "text"]


@dataclass(frozen=True)
class FormField:
    """A field of a form, made from an option.

    Args:
        name: Name of the option.
        kind: `check` for a Boolean, `flag` for one that may be None, `choice`, `integer`, `number` or `text`.
        help: Description of the option.
        default: Its default as text; empty for None.
        optional: Whether None is a value of it.
        choices: The values of a choice.
        bounds: The bounds of a number in words: `0 to 1`, `above 0`; empty if there are none.
        is_automatic: Whether None stands for a value that is computed from the data.
        is_required: Whether there is no default.
        title: Label that the name does not say; empty for none.

    Example:
        ```python
        [field.label for field in form_fields(task.options)]  # ["Data", "From", "Seed", …]
        ```
    """

    name: str
    kind: Kind
    help: str
    default: str
    optional: bool
    choices: tuple[str, ...] = ()
    bounds: str = ""
    is_automatic: bool = False
    is_required: bool = False
    title: str = ""

    @property
    def label(self) -> str:
        """The title, or else the name in words."""
        return self.title or label_of(self.name)

    @property
    def flag(self) -> str:
        """The flag of the command line, which errors name."""
        return flag_of(self.name)

    def value(self, form: Mapping[str, str]) -> object:
        """Return the value in a form that was sent.

        Args:
            form: Texts by name; a checkbox that is not checked is left out.

        Returns:
            The value for `OptionGroup.parse`; None if it is left to the option's default.
        """
        if self.kind == "check":
            return self.name in form
        text = form.get(self.name, "")
        if text != self.default:  # which may start or end with a space
            text = text.strip()
        if self.kind == "flag":
            return {YES: True, NO: False}.get(text)
        return text or None


def form_fields(options: "type[OptionGroup]") -> list[FormField]:
    """Return the fields for options.

    Args:
        options: The options.

    Returns:
        One field per option.
    """
    return [replace(field, help=with_labels(options, field.help)) for field in _fields(options)]


def with_labels(options: "type[OptionGroup]", text: str) -> str:
    """Replace the flags of options in a text by the labels of the form.

    Args:
        options: The options.
        text: The text, such as a description, an error or a line of a log.

    Returns:
        The text in the words of the form: `Data is a database` for `--data is a database`.
    """
    return FLAG.sub(lambda flag: _labels(options).get(flag[0], flag[0]), text)


@cache
def _labels(options: "type[OptionGroup]") -> dict[str, str]:
    return {field.flag: field.label for field in _fields(options)}


def _fields(options: "type[OptionGroup]") -> list[FormField]:
    return [
        replace(_field(name, info, name in options.automatic), title=_data_title(info) if name == "data" else "")
        for name, info in options.model_fields.items()
    ]


def form_values(options: "type[OptionGroup]", form: Mapping[str, str]) -> dict[str, object]:
    """Return the options in a form that was sent.

    Args:
        options: The options.
        form: Texts by name.

    Returns:
        Values by name for `OptionGroup.parse`; empty fields are left to their defaults.
    """
    values = {field.name: field.value(form) for field in form_fields(options)}
    return {name: value for name, value in values.items() if value is not None}


def form_texts(options: "type[OptionGroup]", values: Mapping[str, object]) -> dict[str, str]:
    """Return the texts that stand in a form for values of options.

    Args:
        options: The options.
        values: Values by name.

    Returns:
        Texts by name, as a browser sends them: a checkbox that is not checked is left out.
    """
    texts: dict[str, str] = {}
    for field in form_fields(options):
        value = values.get(field.name)
        if field.kind == "check":
            texts |= {field.name: YES} if value else {}
        elif isinstance(value, bool):
            texts[field.name] = YES if value else NO
        else:
            texts[field.name] = "" if value is None else str(value)
    return texts


def option_texts(form: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of the options in a form that was sent.

    Args:
        form: The form.

    Returns:
        Texts by name of the option.
    """
    return {
        name.removeprefix(PREFIX): value
        for name, value in form.items()
        if name.startswith(PREFIX) and isinstance(value, str)
    }


def _field(name: str, info: "FieldInfo", is_automatic: bool) -> FormField:
    annotation, optional = _without_none(info.annotation)
    default = None if info.is_required() else info.default
    text = "" if default is None else str(default)
    kind, choices = _kind(annotation, optional)
    if kind == "flag" and default is not None:
        text = YES if default else NO
    if any(isinstance(each, BeforeValidator) for each in info.metadata):  # it takes words, too: `auto`
        kind = "text"
    bounds = _bounds(info) if kind in ("integer", "number") else ""
    return FormField(
        name, kind, info.description or "", text, optional, choices, bounds, is_automatic, info.is_required()
    )


def _data_title(info: "FieldInfo") -> str:
    """Return what a task calls its data if these are no files, such as `Environment`; empty for other tasks."""
    description = info.description or ""
    title = re.split("[:;,.]", description, maxsplit=1)[0]
    return title if description != Options.model_fields["data"].description and len(title) <= MAX_TITLE else ""


def _without_none(annotation: object) -> tuple[object, bool]:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation, False
    types = [each for each in get_args(annotation) if each is not type(None)]
    return (types[0] if len(types) == 1 else str), len(types) < len(get_args(annotation))


def _kind(annotation: object, optional: bool) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        return "choice", tuple(map(str, get_args(annotation)))
    if annotation is bool:
        return ("flag", (YES, NO)) if optional else ("check", ())
    if annotation is int:
        return "integer", ()
    return ("number" if annotation is float else "text"), ()


def _is_limit(bound: object) -> bool:
    """Return whether a bound is less than `UNLIMITED`."""
    value: float = next((getattr(bound, name) for name in ("ge", "gt", "le", "lt") if hasattr(bound, name)), 0)
    return abs(value) < UNLIMITED


def _bounds(info: "FieldInfo") -> str:
    low = high = ""
    for each in filter(_is_limit, info.metadata):
        if isinstance(each, Ge):
            low = f"{each.ge:,.12g}"
        elif isinstance(each, Gt):
            low = f"above {each.gt:,.12g}"
        elif isinstance(each, Le):
            high = f"{each.le:,.12g}"
        elif isinstance(each, Lt):
            high = f"below {each.lt:,.12g}"
    if low and high:
        return f"{low} to {high}"
    if high:
        return high if high.startswith("below") else f"at most {high}"
    return f"at least {low}" if low and not low.startswith("above") else low
