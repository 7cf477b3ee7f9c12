"""The networks that come with the plugin: detector and landmarks."""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "networks"
DETECTOR, LANDMARKS = FOLDER / "detector.onnx", FOLDER / "landmarks.npz"


@cache
def alignment_checksum() -> str:
    """Return the checksum of what decides how faces are aligned.

    Returns:
        SHA-256 of both files in hexadecimal digits.
    """
    return hashlib.sha256(DETECTOR.read_bytes() + LANDMARKS.read_bytes()).hexdigest()
