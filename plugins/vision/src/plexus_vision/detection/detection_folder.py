"""The folder of annotated images and videos, and of tables of their objects."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus.utils.files import new_folder, writing_to
from plexus.utils.printable import printable

if TYPE_CHECKING:
    import polars as pl

    from plexus.codec import JsonObject

JPEG_SUFFIXES, PNG_SUFFIX, VIDEO_SUFFIX = (".jpg", ".jpeg"), ".png", ".mp4"
JPEG_QUALITY, MAX_JPEG_SIDE = 92, 65_500
MAX_STEM = 200
"""Bytes of a file's name without number and suffix; file systems limit the whole name to 255."""
FRAME_COLUMNS = ("image", "frame", "time")


class DetectionFolder:
    """A folder of results that is being filled.

    Args:
        folder: The folder as long as it is being filled.
        final: The folder that it becomes.

    Example:
        ```python
        with new_detection_folder(Path("results")) as folder:
            folder.save_image("photos/a.jpg", image)  # "results/a.jpg"
            folder.write_tables(results, labels)
        ```
    """

    def __init__(self, folder: Path, final: Path) -> None:
        self.folder, self.final = folder, final
        self._names: set[str] = set()

    def save_image(self, name: str, image: np.ndarray) -> str:
        """Write an annotated image: JPEG if the image was one, else PNG.

        Args:
            name: Name of the input.
            image: RGB, bytes of shape `(height, width, 3)`.

        Returns:
            The file when the folder is complete.
        """
        from PIL import Image

        suffix = PurePath(name).suffix
        is_jpeg = suffix.lower() in JPEG_SUFFIXES and max(image.shape) <= MAX_JPEG_SIDE
        file = self.new_file(name, suffix if is_jpeg else PNG_SUFFIX)
        Image.fromarray(image).save(file, "JPEG" if is_jpeg else "PNG", quality=JPEG_QUALITY)
        return self.final_name(file)

    def final_name(self, file: Path) -> str:
        """Return where a file is when the folder is complete.

        Args:
            file: The file.

        Returns:
            Its path.
        """
        return str(self.final / file.name)

    def new_file(self, name: str, suffix: str = VIDEO_SUFFIX) -> Path:
        """Return a file of the folder that no other input has: with a number, if several have the same name.

        Args:
            name: Name of the input.
            suffix: Suffix of the file.

        Returns:
            The file.
        """
        stem = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "-", printable(PurePath(name).stem))
        stem = stem.encode()[:MAX_STEM].decode(errors="ignore")
        number, file = 1, f"{stem}{suffix}"
        while file.lower() in self._names:
            number += 1
            file = f"{stem}-{number}{suffix}"
        self._names.add(file.lower())
        return self.folder / file

    def write_tables(self, results: "Sequence[JsonObject]", labels: Sequence[str]) -> None:
        """Write the tables: `objects.csv`, `counts.csv` and, if there is a video, `frame_counts.csv`.

        Args:
            results: The results of `plexus_vision.detection.command.run`.
            labels: All labels.
        """
        from plexus.data.spreadsheets import write_spreadsheet

        readable = [{**result, "input": printable(result["input"])} for result in results if "error" not in result]
        frames = [(result["input"], frame) for result in readable for frame in result.get("frames", ())]
        write_spreadsheet(_objects(readable), self.folder / "objects.csv")
        counts = [[result["input"], *map(result["counts"].get, labels)] for result in readable]
        write_spreadsheet(_counts(counts, FRAME_COLUMNS[:1], labels), self.folder / "counts.csv")
        if frames:
            rows = [[name, frame["frame"], frame["time"], *map(frame["counts"].get, labels)] for name, frame in frames]
            write_spreadsheet(_counts(rows, FRAME_COLUMNS, labels), self.folder / "frame_counts.csv")


@contextmanager
def new_detection_folder(folder: Path) -> Iterator[DetectionFolder]:
    """Create a folder of results whole or not at all.

    Args:
        folder: The folder; if it exists, it is empty.

    Yields:
        The folder to fill.

    Raises:
        InputError: If the folder has files, is the current one, is a file, or cannot be written to.
    """
    with writing_to(folder):
        if folder.is_dir() and not folder.is_symlink():
            if any(folder.iterdir()) or folder.resolve() == Path.cwd():
                reason = "is the current folder" if folder.resolve() == Path.cwd() else "is not empty"
                raise InputError(f"--out {folder} {reason}, and nothing is overwritten: name another folder")
            with _replaced(folder), new_folder(folder) as partial:
                yield DetectionFolder(partial, folder)
            return
        with new_folder(folder) as partial:
            yield DetectionFolder(partial, folder)


@contextmanager
def _replaced(folder: Path) -> Iterator[None]:
    """Remove an empty folder; create it again if no other one takes its place."""
    folder.rmdir()
    try:
        yield
    finally:
        folder.mkdir(exist_ok=True)


def _objects(results: "Sequence[JsonObject]") -> "pl.DataFrame":
    import polars as pl

    columns = {
        "image": pl.String,
        "frame": pl.Int64,
        "time": pl.Float64,
        "track": pl.Int64,
        "label": pl.String,
        **dict.fromkeys(("left", "top", "right", "bottom", "probability"), pl.Float64),
    }
    rows = [
        [result["input"], part.get("frame"), part.get("time"), each.get("track"), each["label"], *each["box"],
         round(each["probability"], 4)]
        for result in results
        for part in result.get("frames", (result,))
        for each in part["objects"]
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


def _counts(rows: list[list[object]], first: Sequence[str], labels: Sequence[str]) -> "pl.DataFrame":
    import polars as pl

    names = [*first]
    for label in labels:
        name = label
        while name in names:
            name = f"{name} (label)"
        names.append(name)
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
