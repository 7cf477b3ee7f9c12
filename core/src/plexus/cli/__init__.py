"""The command line: one module per command, imported when the command is called."""

import argparse
import os
import sys
from importlib import import_module

from plexus import __version__
from plexus.cli.failures import report_failure
from plexus.cli.output import prepare_streams, write_json, write_lines
from plexus.cli.parser import Parser, parse_command
from plexus.errors import unknown

COMMANDS = {
    "list": "list tasks, data sets, apps and shipped models",
    "train": "train a task, evaluate it once on the test split, save a bundle",
    "tune": "search a task's options, and train a bundle with the best",
    "evaluate": "compute a bundle's metrics on its test split, or on other data",
    "predict": "predict for files, folders, texts or a table",
    "data": "check data before training, or compare two tables",
    "serve": "serve bundles over HTTP",
    "open": "open the page of an app in the browser",
    "export": "export a bundle's network to another format",
    "plugins": "list, check, create, disable and enable plugins",
    "demo": "run the demo of every app on embedded data",
    "doctor": "show versions, devices, plugins and folders",
}


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments; by default those of the process.

    Returns:
        The exit status: 0 if done, 2 if the input is wrong, 1 for anything else.
    """
    prepare_streams()
    arguments = sys.argv[1:] if argv is None else argv
    try:
        return _run(arguments)
    except BaseException as error:
        if isinstance(error, SystemExit) and not error.code:  # of --help and --version
            raise
        return report_failure(error, _is_debugging(arguments))


def _run(argv: list[str]) -> int:
    name = _command_name(argv[:1])
    command = import_module(f"plexus.cli.{name}")
    arguments = parse_command(name, COMMANDS[name], command, argv[1:])
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


def _command_name(argv: list[str]) -> str:
    """Parse the first argument: a command, `--help` or `--version`."""
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        raise unknown("command", argv[0], COMMANDS)
    parser = Parser(prog="plexus", description="Deep-learning applications on one Keras core.")
    parser.add_argument("--version", action="version", version=f"plexus {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=argparse.ArgumentParser
    )
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary, add_help=False)
    return str(parser.parse_args(argv).command)
