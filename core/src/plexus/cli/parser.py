"""Arguments, and the one line that says what is wrong with them."""

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from plexus.errors import InputError, unknown

if TYPE_CHECKING:
    from plexus.utils.option_group import OptionGroup


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `InputError`s, and that names the nearest flag to an unknown one."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(allow_abbrev=False, **arguments)

    def parse(self, argv: list[str]) -> argparse.Namespace:
        """The arguments.

        Raises:
            InputError: a flag is unknown, or a value is missing or not one of the choices.
        """
        given, rest = self.parse_known_args(argv)
        if rest:
            flag = rest[0].split("=")[0]
            if flag.startswith("-"):
                raise unknown("option", flag, self._flags(given.command))
            raise InputError(f"{rest[0]!r} is one argument too many: see plexus {given.command} --help")
        return given

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage."""
        raise InputError(message)

    def _flags(self, command: str) -> list[str]:
        subparsers = next(a for a in self._actions if isinstance(a, argparse._SubParsersAction))
        return [flag for action in subparsers.choices[command]._actions for flag in action.option_strings]


def add_options(parser: argparse.ArgumentParser, options: "type[OptionGroup]") -> None:
    """A flag for each field of a task's options; pydantic reads and checks the values."""
    group = parser.add_argument_group("options of the task")
    for name, field in options.model_fields.items():
        flag = "--" + name.replace("_", "-")
        default = "" if field.default is None or field.is_required() else f" [default: {field.default}]"
        described: dict[str, Any] = {
            "dest": name,
            "default": argparse.SUPPRESS,
            "help": f"{field.description}{default}".replace("%", "%%"),
        }
        if field.annotation in (bool, bool | None):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, **described)
        else:
            group.add_argument(flag, metavar=_metavar(field.annotation), **described)


def _metavar(annotation: Any) -> str:
    choices = getattr(annotation, "__args__", ())
    if choices and all(isinstance(choice, str) for choice in choices):
        return "{" + ",".join(choices) + "}"
    return {int: "N", float: "X", str: "S"}.get(next((c for c in choices if c is not type(None)), annotation), "X")
