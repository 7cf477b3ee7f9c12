"""Parsing of arguments in two stages: first a command's own, then the options of the task that they name."""

import argparse
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Literal, NoReturn, get_args, get_origin

from plexus.errors import InputError, unknown
from plexus.utils.option_names import flag_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from plexus.utils.option_group import OptionGroup

SHARED = "options of every training"
_OPTION = "option:"
"""Prefix of the attributes that hold options, so that they never collide with a command's own arguments."""
_METAVARS = {int: "N", float: "X", str: "S"}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `InputError`s, and which suggests the nearest flag for an unknown one.

    Args:
        prog: Name of the program or command, for usage and errors.
        description: Description in the help.
        add_help: Whether there is a flag `--help`.

    Example:
        ```python
        parser = Parser(prog="plexus evaluate")
        parser.add_argument("bundle")
        parser.parse(["vision.classify/mnist"]).bundle
        ```
    """

    def __init__(self, prog: str | None = None, description: str | None = None, add_help: bool = True) -> None:
        super().__init__(prog, description=description, add_help=add_help, allow_abbrev=False)

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse arguments; flags and positional arguments may come in any order.

        Args:
            argv: The arguments.

        Returns:
            The values.

        Raises:
            InputError: If a flag is unknown, a value is missing or not one of the choices, or an argument is left over.
        """
        arguments, rest = self.parse_known_intermixed_args(argv)
        for argument in rest:
            if argument.startswith("-"):
                flags = [flag for action in self._actions for flag in action.option_strings]
                raise unknown("option", argument.split("=")[0], flags)
        if rest:
            raise InputError(f"unexpected argument {rest[0]!r}: see {self.prog} --help")
        return arguments

    def error(self, message: str) -> NoReturn:
        """Raise the message instead of printing the usage.

        Args:
            message: The message of argparse.

        Raises:
            InputError: Always.
        """
        raise InputError(message)


def parse_command(name: str, summary: str, command: ModuleType, argv: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments of a command.

    A command is a module with `add_arguments(parser)`. If it also has `option_groups(arguments)`, the options in the
    groups that this function returns are flags, too, under the groups' titles. It is called with the command's own
    arguments, which name the task or bundle, or with None as long as they are not known.

    Args:
        name: Name of the command.
        summary: One line about the command, for its help.
        command: Module of the command.
        argv: The arguments after the command's name.

    Returns:
        The values; `passed_options` returns those of the options.

    Raises:
        InputError: If an argument is wrong, or the named task or bundle does not exist.
    """
    parser = Parser(prog=f"plexus {name}", description=f"{summary[:1].upper()}{summary[1:]}.")
    _add_own_arguments(parser, command)
    if hasattr(command, "option_groups"):
        for title, options in _named_groups(command, argv).items():
            add_options(parser, options, title)
    return parser.parse(argv)


def _add_own_arguments(parser: Parser, command: ModuleType) -> None:
    command.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output, nothing else")
    parser.add_argument("--debug", action="store_true", help="print the traceback of an error")


def _named_groups(command: ModuleType, argv: Sequence[str]) -> "dict[str, type[OptionGroup]]":
    """Return the options of the task or bundle that a command's own arguments name."""
    groups: dict[str, type[OptionGroup]] = command.option_groups(None)
    parser = Parser(add_help=False)
    _add_own_arguments(parser, command)
    for title, options in groups.items():
        add_options(parser, options, title)
    try:
        arguments, rest = parser.parse_known_intermixed_args(argv)
    except InputError:  # the second stage reports it, unless help is asked for
        return groups
    try:
        groups = command.option_groups(arguments)
    except InputError as error:
        if not rest or rest[0] != argv[0]:
            raise
        raise InputError(f"{error} (options of a task, bundle or app, like {rest[0]}, come after its name)") from error
    return groups


def add_options(parser: argparse.ArgumentParser, options: "type[OptionGroup]", title: str) -> None:
    """Add a flag for each option. Values stay strings; `OptionGroup.parse` validates them.

    Args:
        parser: The parser.
        options: The options. Those of every training come in a group of their own.
        title: Title of the group in the help.
    """
    from plexus.utils.option_group import OptionGroup

    shared = [base for base in options.__mro__ if issubclass(base, OptionGroup)][-2]
    if options is shared:
        _add_group(parser, title, options.model_fields)
        return
    fields = options.model_fields
    _add_group(parser, title, {name: field for name, field in fields.items() if name not in shared.model_fields})
    _add_group(parser, SHARED, {name: fields[name] for name in shared.model_fields})


def add_import_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--import MODULE`, for commands that may need a module of the user's.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument(
        "--import",
        dest="modules",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a module first, installed or in this folder, for instance one that registers environments; "
        "may be repeated",
    )


def passed_options(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the options that were passed as flags.

    Args:
        arguments: The result of `parse_command`.

    Returns:
        Values by option name, for `OptionGroup.parse`.
    """
    values = vars(arguments).items()
    return {name.removeprefix(_OPTION): value for name, value in values if name.startswith(_OPTION)}


def _add_group(parser: argparse.ArgumentParser, title: str, fields: "dict[str, FieldInfo]") -> None:
    group = parser.add_argument_group(title)
    for name, field in fields.items():
        default = "" if field.default is None or field.is_required() else f" [default: {field.default}]"
        flag, dest = flag_of(name), _OPTION + name
        text = f"{field.description}{default}".replace("%", "%%")
        if field.annotation in (bool, bool | None):
            action = argparse.BooleanOptionalAction
            group.add_argument(flag, dest=dest, default=argparse.SUPPRESS, help=text, action=action)
        else:
            metavar = _metavar(field.annotation)
            group.add_argument(flag, dest=dest, default=argparse.SUPPRESS, help=text, metavar=metavar)


def _metavar(annotation: object) -> str:
    types = [annotation] if get_origin(annotation) is Literal else get_args(annotation) or [annotation]
    for kind in types:
        if get_origin(kind) is Literal:
            return "{" + ",".join(map(str, get_args(kind))) + "}"
    return next((_METAVARS[kind] for kind in types if kind in _METAVARS), "X")
