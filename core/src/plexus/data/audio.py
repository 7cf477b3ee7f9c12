"""Opening of recordings in the supported formats."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError

if TYPE_CHECKING:
    import soundfile

FORMATS = {
    "AIFF": (".aiff", ".aif"),
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "OGG": (".ogg",),
    "WAV": (".wav",),
    "WAVEX": (".wav",),
}
"""The supported formats by libsndfile's name, with their suffixes.

WAVEX is a WAV with the longer header that 24 bits or several channels need."""
SUFFIXES = {suffix for suffixes in FORMATS.values() for suffix in suffixes}


def open_recording(content: Path | bytes, name: str) -> "soundfile.SoundFile":
    """Open a recording without reading its samples.

    libsndfile supports twenty more formats, some without a header, for which it accepts any bytes as samples. They are
    refused, whatever the suffix of the file is.

    Args:
        content: A path, or the bytes of a file.
        name: Name of the recording in error messages.

    Returns:
        The open file.

    Raises:
        InputError: If the format is not one of `FORMATS`.
    """
    import soundfile

    problem = f"{name} is not a recording in a known format ({', '.join(sorted(SUFFIXES))})"
    try:
        file = soundfile.SoundFile(io.BytesIO(content) if isinstance(content, bytes) else content)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a path that ends in .raw
        raise InputError(f"{problem}: convert it to one of these") from error
    if file.format not in FORMATS:
        actual = file.format_info
        file.close()
        raise InputError(f"{problem} but {actual}: convert it to one of these")
    return file
