"""The command line: one command a file, loaded when it is called."""

import json
import os
import sys
from importlib import import_module

from plexus import __version__
from plexus.cli.parser import Parser
from plexus.errors import InputError
from plexus.plugins.user_modules import import_own

COMMANDS = {
    "list": "what is here: tasks, data sets, apps, shipped models",
    "train": "train, measure on the test split, save a bundle",
    "tune": "options found by trying, and a bundle trained with the best",
    "evaluate": "measure a bundle, also on data it has never seen",
    "predict": "answer for files, folders, texts, tables",
    "data": "check data before an hour is spent on it",
    "serve": "answer over HTTP, by ONNX Runtime alone",
    "open": "an app's page, in the browser",
    "export": "a bundle's network for other runtimes",
    "plugins": "list, check, begin one, switch off and on",
    "demo": "every app on embedded data, trained from nothing, with pictures",
    "doctor": "versions, devices, plugins, and where things are kept",
}
IMPORTING = {"train", "tune", "evaluate", "predict", "data", "serve", "open"}
"""Commands that may need a module of the user's own."""


def main(argv: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 if done, 2 if the input is wrong, 1 for anything else."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        return _run(argv)
    except InputError as error:
        print(f"plexus: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print("plexus: stopped", file=sys.stderr)  # noqa: T201
        return 1
    except BrokenPipeError:  # the reader of our output has gone, `| head` say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(argv: list[str]) -> int:
    parser = Parser(prog="plexus", description="Deep-learning applications on one Keras core.")
    parser.add_argument("--version", action="version", version=f"plexus {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in argv if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        if name == chosen:
            module = import_module(f"plexus.cli.{name}")
            command.add_argument(
                "--json", action="store_true", help="one JSON document on standard output, nothing else"
            )
            if name in IMPORTING:
                command.add_argument(
                    "--import",
                    dest="modules",
                    action="append",
                    default=[],
                    metavar="MODULE",
                    help="import a module of your own first, installed or in this folder, as one that registers "
                    "environments; may be repeated",
                )
            module.add_arguments(command, argv)
    given = parser.parse(argv)
    for name in getattr(given, "modules", ()):
        import_own(name)
    result = module.run(given)
    if given.json:
        print(json.dumps(result, indent=2, ensure_ascii=False))  # noqa: T201
    else:
        for line in module.show(result):
            print(line)  # noqa: T201
    return int(getattr(module, "status", lambda result: 0)(result))  # noqa: ARG005
