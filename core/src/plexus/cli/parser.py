"""Parsing of arguments in two stages: first a command's own, then the options of the task that they name."""

import argparse
from collections.abc import Collection, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args, get_origin

from plexus.errors import InputError, unknown
from plexus.utils.option_names import flag_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from plexus.utils.option_group import OptionGroup

SHARED = "options of every training"
"""Title of options whose task is not known; the groups of `Options.groups` have their own."""
_OPTION = "option:"
"""Prefix of the attributes that hold options, so that they never collide with a command's own arguments."""
_METAVARS = {int: "N", float: "X", str: "S"}
_MAX_CHOICES = 60
"""Longest list of choices that is a flag's metavar; a longer one would not fit into 80 columns."""


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
    return build_parser(name, summary, command, argv).parse(argv)


def build_parser(name: str, summary: str, command: ModuleType, argv: Sequence[str]) -> Parser:
    """Return the parser of a command, with the options of the task or bundle that the arguments name.

    Args:
        name: Name of the command.
        summary: One line about the command, for its help.
        command: Module of the command.
        argv: The arguments after the command's name.

    Returns:
        The parser.

    Raises:
        InputError: If the named task or bundle does not exist.
    """
    parser = Parser(prog=f"plexus {name}", description=f"{summary[:1].upper()}{summary[1:]}.")
    add_own_arguments(parser, command)
    if hasattr(command, "option_groups"):
        groups = _named_groups(command, argv)
        if groups:
            parser.usage = f"{_positional_usage(parser)} [options]".replace("%", "%%")
        for title, options in groups.items():
            add_options(parser, options, title)
    return parser


def add_own_arguments(parser: Parser, command: ModuleType) -> None:
    """Add the arguments of a command that do not depend on a task or bundle.

    Args:
        parser: The parser.
        command: Module of the command.
    """
    command.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output, nothing else")
    parser.add_argument("--debug", action="store_true", help="print the traceback of an error")


def _positional_usage(parser: Parser) -> str:
    """Return the usage without flags, which the help lists by group: dozens of them hide the arguments."""
    formatter = argparse.HelpFormatter(parser.prog)
    formatter.add_usage(None, [action for action in parser._actions if not action.option_strings], [], prefix="")
    return " ".join(formatter.format_help().split())


def _named_groups(command: ModuleType, argv: Sequence[str]) -> "dict[str, type[OptionGroup]]":
    """Return the options of the task or bundle that a command's own arguments name."""
    groups: dict[str, type[OptionGroup]] = command.option_groups(None)
    parser = Parser(add_help=False)
    add_own_arguments(parser, command)
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
        options: The options, which come in the groups of `OptionGroup.fields_by_group`.
        title: Title of the group of those that are in no other, in the help.
    """
    for group, fields in options.fields_by_group(title).items():
        _add_group(parser, group, fields, options.automatic)


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


def _add_group(
    parser: argparse.ArgumentParser, title: str, fields: "dict[str, FieldInfo]", automatic: Collection[str]
) -> None:
    group = parser.add_argument_group(title)
    for name, field in fields.items():
        flag, dest, choices = flag_of(name), _OPTION + name, option_choices(field.annotation)
        text, default = field.description or "", _default(name, field, automatic)
        if field.annotation in (bool, bool | None):
            switch = argparse.BooleanOptionalAction
            group.add_argument(flag, dest=dest, default=argparse.SUPPRESS, help=_escaped(text + default), action=switch)
            continue
        metavar = "{" + ",".join(choices) + "}" if choices else _metavar(field.annotation)
        if len(metavar) > _MAX_CHOICES:
            metavar, text = "S", f"{text.removesuffix('.')}: {', '.join(choices)}."
        action = group.add_argument(
            flag, dest=dest, default=argparse.SUPPRESS, help=_escaped(text + default), metavar=metavar
        )
        action.completions = choices  # type: ignore[attr-defined]  # for `plexus.cli.completion`


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _default(name: str, field: "FieldInfo", automatic: Collection[str]) -> str:
    if field.is_required() or (field.default is None and name not in automatic):
        return ""
    return f" [default: {'automatic' if field.default is None else field.default}]"


def option_choices(annotation: object) -> list[str]:
    """Return the values that an option can have.

    Args:
        annotation: The annotation of its field.

    Returns:
        Those of its `Literal`; none if it has no `Literal`.
    """
    for kind in _types(annotation):
        if get_origin(kind) is Literal:
            return [str(value) for value in get_args(kind)]
    return []


def _metavar(annotation: object) -> str:
    return next((_METAVARS[kind] for kind in _types(annotation) if kind in _METAVARS), "X")


def _types(annotation: object) -> Sequence[Any]:
    return [annotation] if get_origin(annotation) is Literal else get_args(annotation) or [annotation]
