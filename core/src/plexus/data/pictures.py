"""The pictures that arguments of a command name: images, folders, archives, frames of videos and of cameras."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from plexus.data.archives import USER_BYTES, USER_FILES, is_archive, unpack_archive
from plexus.data.findings import Findings
from plexus.data.folders import FileKind, find_files
from plexus.data.image_formats import IMAGES
from plexus.data.videos import SUFFIXES, Frame, camera_number, is_video, read_frames
from plexus.errors import InputError
from plexus.utils.files import read_regular
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.codec import JsonObject

CAMERA_SECONDS = 10.0
"""Default time for which a camera is read."""
PICTURES = FileKind("pictures", {*IMAGES.suffixes, *SUFFIXES}, IMAGES.classify)
"""The files that a folder is searched for: images and videos."""


class Picture(NamedTuple):
    """An image, or a frame of a video or of a camera.

    Attributes:
        input: Name of the image, the video or the camera.
        content: The file of an image; the pixels of a frame, bytes of shape `(h, w, 3)`.
        time: Time of a frame in seconds; None for an image.

    Example:
        ```python
        str(Picture("clip.mp4", frame.image, 3.0))  # "clip.mp4 at 3.0 s"
        ```
    """

    input: str
    content: Path | np.ndarray
    time: float | None = None

    def __str__(self) -> str:
        return self.input if self.time is None else f"{self.input} at {self.time:.1f} s"

    @property
    def document(self) -> "JsonObject":
        """Return the name, and the time of a frame.

        Returns:
            `input`, and of a frame `time`.
        """
        return {"input": self.input} if self.time is None else {"input": self.input, "time": round(self.time, 3)}

    def read_bytes(self) -> bytes:
        """Return the bytes of the file, or of the pixels.

        Returns:
            The bytes.
        """
        return read_regular(self.content, links=True) if isinstance(self.content, Path) else self.content.tobytes()


def find_sources(argument: str) -> Iterator[tuple[str, Path]]:
    """Find the images and videos that an argument names.

    Args:
        argument: An image, a video, a folder or an archive of these, or a camera: `camera:0`.

    Yields:
        Name and file of each; an archive is unpacked until the iteration ends. A camera is its own file.

    Raises:
        InputError: If a folder or an archive has none, or may not be read.
    """
    path = Path(argument)
    if path.is_dir():
        yield from ((str(file), file) for file in find_files(path, PICTURES))
    elif is_archive(path.name) and path.is_file():
        with TemporaryDirectory(prefix="plexus-") as folder:
            unpacked = unpack_archive(path, Path(folder) / "content", most_bytes=USER_BYTES, most_files=USER_FILES)
            yield from ((str(path / file.relative_to(unpacked)), file) for file in _find_unpacked(unpacked, argument))
    else:
        yield str(path), path


def has_frames(source: Path) -> bool:
    """Return whether a source is a video or a camera, rather than an image.

    Args:
        source: A file or a camera, as `find_sources` yields it.

    Returns:
        True for a video or a camera.
    """
    return camera_number(source) is not None or is_video(source)


def source_frames(source: Path, rate: float | None = None, seconds: float | None = None) -> Iterator[Frame]:
    """Read the frames of a video or a camera.

    Args:
        source: A video or a camera, as `find_sources` yields it.
        rate: Frames per second; by default all.
        seconds: Time at which reading ends; None for `CAMERA_SECONDS`, or the whole video.

    Returns:
        The frames.

    Raises:
        InputError: While the frames are read, as for `plexus.data.videos.read_frames`.
    """
    default = float("inf") if camera_number(source) is None else CAMERA_SECONDS
    return read_frames(source, rate, seconds or default)


def read_pictures(
    name: str, source: Path, rate: float | None = None, seconds: float | None = None
) -> Iterator[Picture]:
    """Read the frames of a video or a camera; an image is one picture, which is not read yet.

    Args:
        name: Name of the source.
        source: A file or a camera, as `find_sources` yields it.
        rate: As for `source_frames`.
        seconds: As for `source_frames`.

    Yields:
        The pictures.

    Raises:
        InputError: As for `plexus.data.videos.read_frames`.
    """
    if not has_frames(source):
        yield Picture(name, source)
        return
    for frame in source_frames(source, rate, seconds):
        yield Picture(name, frame.image, frame.time)


def describe_sources(
    arguments: Sequence[str], describe: "Callable[[str, Path], Iterable[JsonObject]]"
) -> "list[JsonObject]":
    """Describe the images, videos and cameras that arguments name, each once; if one cannot be read, the others.

    Args:
        arguments: Images, videos, folders, archives and cameras, as for `find_sources`.
        describe: Gets the name and the file of each; it returns documents.

    Returns:
        The documents; of what cannot be read, `input` and `error` after the documents before the error. The errors are
        printed.

    Raises:
        InputError: If nothing could be read.
    """
    results: list[JsonObject] = []
    names: set[str] = set()
    for argument in arguments:
        with _errors_in(results, argument):
            for name, source in find_sources(argument):
                if name not in names:
                    names.add(name)
                    with _errors_in(results, name, source):
                        results.extend(describe(name, source))
    errors = [result["error"] for result in results if "error" in result]
    if len(errors) == len(results):
        raise InputError(f"{errors[-1]}" + (f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""))
    for line in errors:
        note(f"plexus: {line}")
    return results


@contextmanager
def _errors_in(results: "list[JsonObject]", name: str, source: Path | None = None) -> Iterator[None]:
    """Append an error to the results; its line names the input, instead of an unpacked file."""
    try:
        yield
    except InputError as error:
        line = str(error) if source is None else str(error).replace(str(source), name)
        results.append({"input": name, "error": line})


def _find_unpacked(folder: Path, archive: str) -> list[Path]:
    """Find the files of an archive; messages name the archive instead of the folder."""
    findings = Findings()
    try:
        files = find_files(folder, PICTURES, findings)
    except InputError as error:
        raise InputError(str(error).replace(str(folder), archive)) from error
    for line in findings.lines():
        note(line.replace(str(folder), archive))
    return files
