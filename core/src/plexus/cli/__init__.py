"""The command line: one module per command, imported when the command is called."""

import argparse
import atexit
import gc
import os
import sys
from importlib import import_module
from types import ModuleType

from plexus import __version__
from plexus.cli.failures import report_failure
from plexus.cli.output import prepare_streams, write_json, write_lines
from plexus.cli.parser import Parser, parse_command
from plexus.plugins.core_commands import CORE_COMMANDS
from plexus.utils.printable import printable


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments; by default those of the process.

    Returns:
        The exit status: 0 if done, 2 if the input is wrong, 1 for anything else.
    """
    prepare_streams()
    atexit.register(gc.freeze)  # else Python looks for garbage in all of TensorFlow at its end, for over a second
    arguments = sys.argv[1:] if argv is None else argv
    try:
        return _run(arguments)
    except BaseException as error:
        if isinstance(error, SystemExit) and not error.code:  # of --help and --version
            raise
        return report_failure(error, _is_debugging(arguments))


def find_command(name: str) -> tuple[str, ModuleType]:
    """Return a command of Plexus or of a plugin.

    Args:
        name: Its name. The plugins are loaded only if no command of Plexus has it.

    Returns:
        The summary of the command and its module.

    Raises:
        InputError: If there is no such command, in which case the line names the nearest; or if its plugin is broken.
    """
    if name in CORE_COMMANDS:
        return CORE_COMMANDS[name], import_module(f"plexus.cli.{name}")
    from plexus.plugins.registry import registry  # the plugins are loaded only where they are needed

    module = registry().command(name)
    return registry().entries("commands")[name].summary, module


def _run(argv: list[str]) -> int:
    if "_ARGCOMPLETE" in os.environ:  # the shell asks
        from plexus.cli.completion import complete

        complete()
    if argv and argv[0].partition("=")[0] == "--install-completion":
        from plexus.cli.completion import install_completion

        write_lines(install_completion((argv[0].partition("=")[2] or "".join(argv[1:2])).strip()))
        return 0
    name = argv[0] if argv and not argv[0].startswith("-") else _parse_flag(argv[:1])
    summary, command = find_command(name)
    arguments = parse_command(name, summary, command, argv[1:])
    for module in getattr(arguments, "modules", ()):
        from plexus.plugins.user_modules import import_user_module  # not needed for --help

        import_user_module(module)
    result = command.run(arguments)
    if arguments.json:
        write_json(result)
    else:
        write_lines(command.show(result))
    return int(command.status(result)) if hasattr(command, "status") else 0


def _is_debugging(argv: list[str]) -> bool:
    """Return whether the traceback of an error is printed; the error may be one of the arguments."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--debug", action="store_true")
    try:
        return os.environ.get("PLEXUS_STRICT") == "1" or bool(parser.parse_known_args(argv)[0].debug)
    except argparse.ArgumentError:  # a value after --debug
        return False


def _parse_flag(argv: list[str]) -> str:
    """Parse `--help` or `--version`, which end the process; the error for anything else is that COMMAND is missing."""
    parser = Parser(prog="plexus", description="Deep-learning applications on one Keras core.")
    parser.add_argument("--version", action="version", version=f"plexus {__version__}")
    parser.add_argument(
        "--install-completion", metavar="SHELL", help="complete commands and options in bash, zsh or fish"
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=argparse.ArgumentParser
    )
    summaries = dict(CORE_COMMANDS)
    if argv in (["--help"], ["-h"]):
        from plexus.plugins.registry import registry  # the plugins are loaded only where they are needed

        summaries |= {name: entry.summary for name, entry in registry().entries("commands").items()}
        errors = [f"{plugin.error_message}." for plugin in registry().plugins if plugin.error]
        parser.epilog = printable(" ".join(errors))
    for name, summary in summaries.items():
        commands.add_parser(name, help=printable(summary).replace("%", "%%"), add_help=False)
    return str(parser.parse_args(argv).command)
