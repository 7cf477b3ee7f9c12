"""The action of `plexus detect`: parsed arguments to a JSON document."""

import argparse
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError, load
from plexus.data.images import read_image
from plexus.data.pictures import describe_sources, has_frames, source_frames
from plexus_vision.detection.detection_folder import DetectionFolder, new_detection_folder
from plexus_vision.detection.drawing import draw_objects
from plexus_vision.detection.image_detector import ImageDetector
from plexus_vision.detection.task import Detect
from plexus_vision.detection.video_objects import VideoObjects

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def detect_paths(arguments: argparse.Namespace) -> "JsonObject":
    """Detect the objects of the images, videos and cameras that paths name.

    Args:
        arguments: The parsed arguments of `plexus detect`.

    Returns:
        The document that `plexus_vision.detection.command.run` describes.

    Raises:
        InputError: If the bundle is of another task, `--out` is not empty, or none of the paths can be read.
    """
    bundle = load(arguments.bundle)
    if not isinstance(bundle.task, Detect):
        raise InputError(f"{arguments.bundle} is a bundle of {bundle.task.id}, expected one of vision.detect")
    detector, out = ImageDetector(bundle, arguments.tiles, arguments.min_probability), arguments.out

    def describe(name: str, source: Path) -> "Iterator[JsonObject]":
        if has_frames(source):
            return _describe_video(name, source, arguments, detector, folder)
        return _describe_image(name, source, detector, folder)

    with nullcontext() if out is None else new_detection_folder(out) as folder:
        results = describe_sources(arguments.paths, describe)
        if folder is not None:
            folder.write_tables(results, detector.codec.labels)
    return {"out": None if out is None else str(out), "results": results}


def _describe_image(
    name: str, source: Path, detector: ImageDetector, folder: DetectionFolder | None
) -> "Iterator[JsonObject]":
    codec = detector.codec
    image = read_image(source, codec.pixel_range)
    detections = detector.detect([image], detector.thresholds)[0]
    document: JsonObject = {
        "input": name,
        "counts": codec.describe(detections).counts,
        "objects": detector.objects(detections),
    }
    if folder is not None:
        document["annotated"] = folder.save_image(name, draw_objects(image, document["objects"], codec.labels))
    yield document


def _describe_video(
    name: str, source: Path, arguments: argparse.Namespace, detector: ImageDetector, folder: DetectionFolder | None
) -> "Iterator[JsonObject]":
    """Describe a video; of a damaged one the part before the damage, and then the error."""
    file = folder.new_file(name) if folder is not None else None
    video, damage = VideoObjects(detector, file), None
    try:
        video.read(source_frames(source, arguments.frame_rate, arguments.seconds))
    except InputError as error:
        damage = error
    if video.frames:
        document: JsonObject = {"input": name, "counts": video.counts, "frames": video.frames}
        yield document | ({"annotated": folder.final_name(file)} if folder is not None and file is not None else {})
    if damage is not None:
        raise damage
