"""Opening recordings, of the formats that are read and of no other."""

import io
from pathlib import Path
from typing import Any

from plexus.errors import InputError

FORMATS = {
    "AIFF": (".aiff", ".aif"),
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "OGG": (".ogg",),
    "WAV": (".wav",),
    "WAVEX": (".wav",),
}
"""The formats that are read, by libsndfile's name, and their suffixes.

WAVEX is a WAV with the longer header that 24 bits or several channels have."""
SUFFIXES = {suffix for suffixes in FORMATS.values() for suffix in suffixes}


def open_sound(raw: Path | bytes, name: str) -> Any:
    """A recording as a `soundfile.SoundFile`, its samples not yet read.

    libsndfile knows twenty formats more, some without a header: what it makes of them is not a recording that anybody
    meant, so they are refused whatever the file is called.

    Args:
        raw: a path, or the bytes of a file.
        name: what the line of an error calls it.

    Raises:
        InputError: it is not in one of `FORMATS`.
    """
    import soundfile  # type: ignore[import-untyped]

    known = f"{name} is not a recording in a known format ({', '.join(sorted(SUFFIXES))})"
    try:
        file = soundfile.SoundFile(io.BytesIO(raw) if isinstance(raw, bytes) else raw)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a path that ends in .raw
        raise InputError(f"{known}: convert it to one of these") from error
    if file.format not in FORMATS:
        kind = file.format_info
        file.close()
        raise InputError(f"{known} but {kind}: convert it to one of these")
    return file
