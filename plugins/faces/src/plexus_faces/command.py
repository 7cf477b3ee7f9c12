"""`plexus faces`: enrolment, identification, verification, deletion, audit and grouping."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError

if TYPE_CHECKING:
    from plexus.codec import JsonObject

PASSPHRASE = "PLEXUS_GALLERY_PASSPHRASE"  # noqa: S105 - the name of the environment variable
USAGE = {
    "enrol": "BUNDLE PATH... --as NAME",
    "identify": "BUNDLE PATH...",
    "verify": "BUNDLE IMAGE IMAGE",
    "forget": "NAME",
    "audit": "BUNDLE",
    "group": "BUNDLE PATH...",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("action", choices=tuple(USAGE), help="what to do; audit searches for mistakes of enrolment")
    parser.add_argument(
        "values",
        nargs="*",
        default=[],
        metavar="ARGUMENT",
        help="; ".join(f"{action} {usage}" for action, usage in USAGE.items()),
    )
    parser.add_argument("--as", dest="name", metavar="NAME", help="with enrol: name of the person")
    parser.add_argument(
        "--gallery",
        type=Path,
        default=Path("gallery.faces"),
        metavar="FILE",
        help="file of the enrolled persons [default: %(default)s]",
    )
    parser.add_argument(
        "--top", type=int, default=3, metavar="N", help="with identify: candidates of each face [default: %(default)s]"
    )
    parser.add_argument(
        "--passphrase",
        action="store_true",
        help=f"prompt for the passphrase that encrypts the gallery [default: environment variable {PASSPHRASE}]",
    )


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Run an action.

    Args:
        arguments: The parsed arguments.

    Returns:
        `action`, and of enrol `person`, `enrolled`, `skipped`, `pictures`, `persons`; of identify `threshold`,
        `results`; of verify `same_person`, `similarity`, `threshold`, `probability`; of forget `person`, `pictures`,
        `persons`; of audit `threshold`, `findings`; of group `threshold`, `groups`, `results`.

    Raises:
        InputError: If an argument is missing or not valid, or none of the images can be used.
    """
    action = arguments.action
    usage = f"plexus faces {action} {USAGE[action]}"
    least, most = _counts(USAGE[action])
    if not least <= len(arguments.values) <= most:
        raise InputError(f"expected {usage}, got {len(arguments.values)} arguments")
    if (action == "enrol") != (arguments.name is not None):
        raise InputError(f"--as NAME: expected with enrol, and only there: {usage}")
    if arguments.top < 1:
        raise InputError(f"--top must be at least 1, not {arguments.top}")
    from plexus_faces.actions import ACTIONS  # with NumPy, which --help does not need

    return {"action": action, **ACTIONS[action](arguments)}


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Returns:
        One line per image, face, finding or group.
    """
    from plexus_faces.action_lines import LINES

    return LINES[result["action"]](result)


def status(result: "JsonObject") -> int:
    """Return the exit status.

    Args:
        result: The result of `run`.

    Returns:
        2 if an image of identify or group could not be read, else 0.
    """
    return 2 if any("error" in image for image in result.get("results", ())) else 0


def _counts(usage: str) -> tuple[float, float]:
    """Return the smallest and largest number of positional arguments."""
    names = usage.partition(" --")[0].split()
    return len(names), float("inf") if names[-1].endswith("...") else len(names)
