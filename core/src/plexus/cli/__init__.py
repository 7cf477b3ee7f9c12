"""The command line: one module per command, imported when the command is called."""

import argparse
import json
import os
import sys
from importlib import import_module

from plexus import __version__
from plexus.cli.parser import Parser, parse_command
from plexus.errors import InputError, unknown

COMMANDS = {
    "list": "list tasks, data sets, apps and shipped models",
    "train": "train a task, evaluate it once on the test split, save a bundle",
    "tune": "search a task's options, and train a bundle with the best",
    "evaluate": "compute a bundle's metrics on its test split, or on other data",
    "predict": "predict for files, folders, texts or a table",
    "data": "check data before training",
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
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except InputError as error:
        print(f"plexus: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except ModuleNotFoundError as error:
        if (requirement := _requirement_of(error.name or "")) is None:
            raise
        print(f"plexus: this needs {error.name}, which is not installed: pip install '{requirement}'", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print("plexus: stopped", file=sys.stderr)  # noqa: T201
        return 1
    except BrokenPipeError:  # the program that reads the output has ended: `plexus list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(argv: list[str]) -> int:
    name = _command_name(argv[:1])
    command = import_module(f"plexus.cli.{name}")
    arguments = parse_command(name, COMMANDS[name], command, argv[1:])
    for module in getattr(arguments, "modules", ()):
        from plexus.plugins.user_modules import import_user_module  # not needed for --help

        import_user_module(module)
    result = command.run(arguments)
    if arguments.json:
        print(json.dumps(result, indent=2, ensure_ascii=False))  # noqa: T201
    else:
        for line in command.show(result):
            print(line)  # noqa: T201
    return int(command.status(result)) if hasattr(command, "status") else 0


def _requirement_of(module: str) -> str | None:
    from plexus.plugins.extras import requirement_of
    from plexus.plugins.registry import registry

    return requirement_of(module, ["plexus-core", *(plugin.distribution for plugin in registry().plugins)])


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
