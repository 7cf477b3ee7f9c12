"""Size of the inputs of a request once they are decoded, estimated before that."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

from plexus.data.audio import open_recording
from plexus.data.images import image_shape
from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.inference.limits import input_limits
from plexus.runtime.memory import release_memory

if TYPE_CHECKING:
    from plexus.codec import Input

REQUEST_BYTES = 1 << 30
"""Decoded inputs of a request."""
CHUNK_BYTES = 1 << 26
"""Decoded inputs that are predicted at once, unless a single one is larger."""
LARGE_BYTES = 1 << 24
"""Work with more decoded bytes is done one at a time, whichever model it is for."""
CHARACTER_BYTES = 200
"""Of a text: its words, n-grams and tokens, measured with `sentiment.classify`."""
NUMBER_BYTES = 64
"""Of a number in JSON."""
_PNG = b"\x89PNG\r\n\x1a\n"
_SOUNDS = (b"RIFF", b"fLaC", b"OggS", b"FORM", b"ID3")
LONG_SECONDS = 3600.0
"""Assumed length of a recording whose header has none."""


class _LargeWorkLock:
    """The lock of work that takes much memory: one piece of work at a time has it."""

    def __init__(self) -> None:
        self._holder: Cancellation | None = None
        self._changed = Condition()

    def acquire(self, cancellation: Cancellation) -> None:
        """Wait for the lock; work whose thread was abandoned loses it.

        Args:
            cancellation: That of the work.

        Raises:
            InferenceCancelledError: If the work was cancelled.
        """
        with self._changed:
            while self._holder is not None and not self._holder.abandoned:
                self._changed.wait(timeout=0.05)
                cancellation.check()
            self._holder = cancellation

    def release(self, cancellation: Cancellation) -> None:
        """Release the lock, unless the work has lost it.

        Args:
            cancellation: That of the work.
        """
        with self._changed:
            if self._holder is cancellation:
                self._holder = None
                self._changed.notify()


_large_work = _LargeWorkLock()


def decoded_size(value: "Input") -> int:
    """Estimate the memory of a decoded input, from its header if it is a file.

    Args:
        value: A JSON value, or the bytes of a file.

    Returns:
        Bytes.
    """
    if isinstance(value, bytes):
        return max(_size_of_file(value), len(value))
    if isinstance(value, str):
        return CHARACTER_BYTES * len(value)
    if isinstance(value, dict):
        return NUMBER_BYTES + sum(map(decoded_size, value.values()))
    return NUMBER_BYTES + sum(map(decoded_size, value)) if isinstance(value, list) else NUMBER_BYTES


def is_estimated_fast(value: "Input") -> bool:
    """Return whether `decoded_size` takes microseconds: of a text, or of a picture in the most frequent format.

    Args:
        value: A JSON value, or the bytes of a file.

    Returns:
        Whether it does; the sizes of all others are estimated in a thread.
    """
    return isinstance(value, str) or (isinstance(value, bytes) and value.startswith(_PNG))


def chunks(values: "Sequence[Input]", max_length: int) -> Iterator[tuple[list["Input"], int]]:
    """Divide inputs into parts that fit in memory.

    Args:
        values: The inputs.
        max_length: Inputs of a part.

    Yields:
        The inputs of a part, and their decoded size in bytes.
    """
    part: list[Input] = []
    total = 0
    for value in values:
        size = decoded_size(value)
        if part and (len(part) == max_length or total + size > CHUNK_BYTES):
            yield part, total
            part, total = [], 0
        part.append(value)
        total += size
    if part:
        yield part, total


@contextmanager
def memory_for(size: int, cancellation: Cancellation) -> Iterator[None]:
    """Wait until work of a size may begin: of work that takes much memory, one at a time.

    Args:
        size: Decoded size of the inputs in bytes.
        cancellation: Ends the waiting.

    Yields:
        Nothing.

    Raises:
        InferenceCancelledError: If it was cancelled.
    """
    if size <= LARGE_BYTES:
        yield
        return
    _large_work.acquire(cancellation)
    cancellation.frees_memory = True
    try:
        yield
    finally:
        cancellation.frees_memory = False
        _large_work.release(cancellation)
        release_memory()


def _size_of_file(content: bytes) -> int:
    """Return the size of the pixels of an image, or of the samples of a recording.

    It is 0 if the content is neither, or if it exceeds the limits of a single input: it is refused undecoded.
    """
    limits = input_limits()
    try:
        if content.startswith(_SOUNDS) and content[8:12] != b"WEBP":
            with open_recording(content, "the recording") as file:
                seconds = min(limits.seconds, LONG_SECONDS) if file.seconds is None else file.seconds
                return int(4 * seconds * file.rate) if seconds <= limits.seconds else 0
        if content.startswith(_PNG) and len(content) > 24:  # the most frequent format: Pillow takes 50 µs
            width, height = struct.unpack(">II", content[16:24])
        else:
            height, width, _ = image_shape(content)
    except InputError:  # the task reports it
        return 0
    return 4 * int(width) * int(height) if width * height <= limits.pixels else 0
