"""`plexus detect`: the objects of images, videos and cameras."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("bundle", metavar="BUNDLE", help="folder of a bundle, or TASK/NAME of a shipped model")
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="images, videos, folders or archives of these, or a camera: camera:0"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="new folder of annotated images and videos, and of tables: objects.csv, counts.csv, and of videos "
        "frame_counts.csv",
    )
    parser.add_argument(
        "--tiles",
        action="store_true",
        help="cut images that are larger than the training images into tiles of their size",
    )
    parser.add_argument(
        "--min-probability",
        type=float,
        metavar="P",
        help="probability from which an object counts, above 0 and below 1 [default: the threshold of its label]",
    )
    parser.add_argument(
        "--frame-rate",
        type=float,
        metavar="N",
        help="frames per second of a video or a camera that are read [default: all]",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="N",
        help="seconds of a video or a camera that are read [default: the whole video, 10 of a camera]",
    )


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Detect objects.

    Args:
        arguments: The parsed arguments.

    Returns:
        `out`, None without `--out`, and `results`. Of an image `input`, `counts` by label, and `objects`; of a video
        `input`, `counts` of distinct objects, and `frames`, each with `frame`, `time`, `counts` and `objects`, which
        have a `track`. With `--out` also `annotated`, the file. Of what cannot be read `input` and `error`.

    Raises:
        InputError: If an argument is not valid, `--out` is not empty, or none of the paths can be read.
    """
    _check(arguments)
    from plexus_vision.detection.path_objects import detect_paths  # with NumPy, which --help does not need

    return detect_paths(arguments)


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        One line per image and video with its counts.
    """
    from plexus_vision.detection.prediction import DetectionPrediction

    for each in result["results"]:
        if "error" not in each:
            counts = DetectionPrediction(objects=[], counts=each["counts"])
            frames = len(each.get("frames", ()))
            of_video = f" in {frames:,} frame{'' if frames == 1 else 's'}" if frames else ""
            yield f"{each['input']}  {counts}{of_video}"
    if result["out"] is not None:
        yield f"annotated images and tables: {result['out']}"


def status(result: "JsonObject") -> int:
    """Return the exit status.

    Args:
        result: The result of `run`.

    Returns:
        2 if an input could not be read, else 0.
    """
    return 2 if any("error" in each for each in result["results"]) else 0


def _check(arguments: argparse.Namespace) -> None:
    probability = arguments.min_probability
    if probability is not None and not 0 < probability < 1:
        raise InputError(f"--min-probability must be above 0 and below 1, not {probability}")
    for option, value in (("--frame-rate", arguments.frame_rate), ("--seconds", arguments.seconds)):
        if value is not None and not 0 < value < float("inf"):
            raise InputError(f"{option} must be above 0, not {value}")
