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
SUMMARIES = {
    "enrol": "add images of a person to a gallery",
    "identify": "name the enrolled person of each face",
    "verify": "compare the faces of two images",
    "forget": "delete a person from a gallery",
    "audit": "search a gallery for mistakes of enrolment",
    "group": "group faces without names by person",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(
        [
            "actions and their arguments:",
            *(f"  {action:9} {usage:26} {SUMMARIES[action]}" for action, usage in USAGE.items()),
        ]
    )
    parser.add_argument("action", choices=tuple(USAGE), help="one of the actions below")
    parser.add_argument(
        "values",
        nargs="*",
        default=[],
        metavar="ARGUMENT",
        help="arguments of the action; PATH is an image, a video, a folder or an archive of these, or camera:0",
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
        "--top",
        type=int,
        default=3,
        metavar="N",
        help="with identify --json: candidates of each face [default: %(default)s]",
    )
    parser.add_argument(
        "--frame-rate",
        type=float,
        default=1.0,
        metavar="N",
        help="frames per second of a video or a camera (camera:0) that are searched [default: %(default)s]",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="N",
        help="seconds of a video or a camera that are searched [default: the whole video, 10 of a camera]",
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
        `action`, and of enrol `person`, `enrolled`, `skipped`, `errors`, `pictures`, `persons`; of identify
        `threshold`, `results`, `videos`; of verify `same_person`, `similarity`, `threshold`, `probability`; of forget
        `person`, `pictures`, `persons`; of audit `threshold`, `findings`; of group `threshold`, `groups`, `results`.

    Raises:
        InputError: If an argument is missing or not valid, or none of the images can be used.
    """
    action = arguments.action
    _check(arguments, f"plexus faces {action} {USAGE[action]}")
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
        2 if an input could not be read, else 0.
    """
    return 2 if any("error" in item for item in (*result.get("results", ()), *result.get("errors", ()))) else 0


def _check(arguments: argparse.Namespace, usage: str) -> None:
    names, count = USAGE[arguments.action].partition(" --")[0].split(), len(arguments.values)
    if count < len(names):
        raise InputError(f"{names[count].removesuffix('...')} is missing: expected {usage}")
    if count > len(names) and not names[-1].endswith("..."):
        remark = " (without BUNDLE)" if arguments.action == "forget" else ""
        raise InputError(f"expected {usage}{remark}, got {count} arguments")
    if (arguments.action == "enrol") != (arguments.name is not None):
        raise InputError(f"--as NAME: expected with enrol, and only there: {usage}")
    if arguments.gallery.is_dir():
        raise InputError(f"--gallery: expected a file, got the folder {str(arguments.gallery)!r}")
    _check_numbers(arguments)


def _check_numbers(arguments: argparse.Namespace) -> None:
    if arguments.top < 1:
        raise InputError(f"--top must be at least 1, not {arguments.top}")
    for option, value in (("--frame-rate", arguments.frame_rate), ("--seconds", arguments.seconds)):
        if value is not None and not 0 < value < float("inf"):
            raise InputError(f"{option} must be above 0, not {value}")
