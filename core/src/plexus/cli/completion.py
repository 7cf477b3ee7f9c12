"""Completion of the command line in a shell, by argcomplete."""

import os
import shlex
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import argcomplete
from argcomplete.completers import FilesCompleter
from argcomplete.lexers import split_line
from argcomplete.shell_integration import shellcode

from plexus.cli.parser import Parser, add_own_arguments, build_parser
from plexus.errors import InputError
from plexus.plugins.core_commands import CORE_COMMANDS
from plexus.plugins.registry import registry
from plexus.utils.files import write_whole, writing_to

if TYPE_CHECKING:
    import argparse

    from plexus.plugins.registry import Kind

FLAG = "--install-completion"
SHELLS = "bash", "zsh", "fish"
_KINDS: "dict[str, Kind]" = {"TASK": "tasks", "APP": "apps", "DATA": "data"}
"""Completions of the words of a metavar; `BUNDLE` stands for shipped models."""
_OPTIONS = {"option:data": "DATA", "option:from_": "BUNDLE"}
"""Metavars of options of tasks, by the name of the argument."""
_LOAD = {"zsh": "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"}
"""Lines before the script of argcomplete: zsh needs its completion system, which not every user loads."""


class _Names:
    """Completes names.

    Args:
        names: The names.
        files: Whether a file may be meant, too: data sets and bundles have a name or a path.
    """

    def __init__(self, names: Iterable[str], files: bool = False) -> None:
        self._names, self._files = list(names), files

    def __call__(self, prefix: str, **_context: object) -> list[str]:
        """Return the names that begin with a text, then the files.

        Args:
            prefix: The text.
            **_context: Further arguments of argcomplete.

        Returns:
            The completions.
        """
        names = [name for name in self._names if name.startswith(prefix)]
        return [*names, *FilesCompleter()(prefix)] if self._files else names


def complete() -> None:
    """Write the completions of the line in `COMP_LINE` where the shell reads them, and end the process."""
    line, point = os.environ["COMP_LINE"], int(os.environ["COMP_POINT"])
    _, prefix, _, (_, *words), _ = split_line(line, point)
    if words and not words[0].startswith("-"):
        parser = _arguments_parser(words[0], words[1:], with_options=len(words) > 1 or prefix.startswith("-"))
        os.environ["_ARGCOMPLETE"] = "2"  # the program of the parser is the second word
    else:
        parser = _command_parser()
    argcomplete.autocomplete(parser, always_complete_options=False, exclude=["-h", "--debug"])


def install_completion(shell: str) -> list[str]:
    """Install completion for a shell of the user.

    Args:
        shell: `bash`, `zsh` or `fish`; by default, for an empty text, that of the environment variable `SHELL`.

    Returns:
        Lines that say what was written.

    Raises:
        InputError: If there is no such shell, or a file cannot be written to.
    """
    shell = shell or Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        raise InputError(f"{FLAG}: expected {', '.join(SHELLS[:-1])} or {SHELLS[-1]}, got {shell!r}; name the shell")
    home = Path.home()
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    script = config / ("fish/completions/plexus.fish" if shell == "fish" else f"plexus/completion.{shell}")
    with writing_to(script.parent):
        script.parent.mkdir(parents=True, exist_ok=True)
        write_whole(script, _LOAD.get(shell, "") + shellcode(["plexus"], shell=shell))  # nosec B604 - the name of a shell
    lines = [f"completion of {shell}: {script}"]
    if shell != "fish":
        start = Path(os.environ.get("ZDOTDIR") or home) / ".zshrc" if shell == "zsh" else home / ".bashrc"
        lines.append(_source_at_start(start, script))
    return [*lines, f"open a new {shell} to use it"]


def _source_at_start(start: Path, script: Path) -> str:
    """Load a script in each new shell, once."""
    line = f"[ -f {shlex.quote(str(script))} ] && . {shlex.quote(str(script))}  # plexus {FLAG}"
    with writing_to(start):
        content = start.read_text(encoding="utf-8") if start.exists() else ""
        if line in content.splitlines():
            return f"loaded by {start}, as before"
        with start.open("a", encoding="utf-8") as stream:
            stream.write("" if content.endswith("\n") or not content else "\n")
            stream.write(f"{line}\n")
    return f"loaded by {start}: one line was added at its end"


def _command_parser() -> Parser:
    """Return a parser of commands and of the flags that stand alone."""
    parser = Parser(prog="plexus")
    parser.add_argument("--version", action="store_true")
    parser.add_argument(FLAG, choices=SHELLS)
    _set_completer(parser.add_argument("command"), _Names([*CORE_COMMANDS, *registry().entries("commands")]))
    return parser


def _arguments_parser(name: str, argv: Sequence[str], with_options: bool) -> Parser:
    """Return the parser of a command, with completers; the options of a task take long to import."""
    parser = Parser(prog="plexus")
    with suppress(InputError):  # an unknown command: there is nothing to complete
        command = import_module(f"plexus.cli.{name}") if name in CORE_COMMANDS else registry().command(name)
        options = list(argv[:-1]) if argv and argv[-1].startswith("-") else argv  # whose value is to be completed
        try:
            if with_options:
                parser = build_parser(name, name, command, options)
            else:
                add_own_arguments(parser, command)
        except InputError:  # an unknown task or bundle
            add_own_arguments(parser, command)
    for action in parser._actions:
        _complete_values(action)
    return parser


def _complete_values(action: "argparse.Action") -> None:
    """Set the completer of an argument by its metavar, as the help shows it; files are completed by default."""
    choices = getattr(action, "completions", None)
    if choices:
        _set_completer(action, _Names(choices))
        return
    metavar = _OPTIONS.get(action.dest) or (action.metavar if isinstance(action.metavar, str) else "")
    kinds = [kind for kind in metavar.split() if kind in _KINDS or kind == "BUNDLE"]
    names = [name for kind in kinds for name in _names(kind)]
    if kinds:
        _set_completer(action, _Names(names, files=not {"DATA", "BUNDLE"}.isdisjoint(kinds)))


def _names(kind: str) -> list[str]:
    if kind in _KINDS:
        return list(registry().entries(_KINDS[kind]))
    from plexus.inference.models import shipped_models  # only where it is needed

    return list(shipped_models(registry().packages))


def _set_completer(action: "argparse.Action", completer: object) -> None:
    action.completer = completer  # type: ignore[attr-defined]
