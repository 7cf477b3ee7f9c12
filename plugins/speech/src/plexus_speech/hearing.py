"""What both tasks of speech are asked with."""

import sys
from pathlib import Path
from typing import Any

from plexus import InputError, Task
from plexus_speech.audio import recordings_in
from plexus_speech.microphone import listened
from plexus_speech.options import MicrophoneFlags


class Hearing(Task):
    """A task whose raw inputs are recordings."""

    asking = MicrophoneFlags
    restore_best_weights = False

    request_description = "the bytes of a recording, as a file"

    def parse_argument(self, given: str) -> list[tuple[str, Any]]:
        """A recording, every recording in a folder, or the bytes of one on standard input (`-`)."""
        if given == "-":
            return [(given, sys.stdin.buffer.read())]
        path = Path(given)
        return [(str(file), file) for file in recordings_in(path)] if path.is_dir() else [(given, path)]

    def parse_request(self, codec: Any, value: Any) -> bytes:
        """A recording's bytes."""
        if not isinstance(value, bytes):
            raise InputError("a recording is wanted, as a file")
        return value

    def default_inputs(self, flags: MicrophoneFlags) -> list[tuple[str, Any]]:
        """What the microphone hears."""
        if flags.microphone is None:
            return list(super().default_inputs(flags))
        return [("microphone", listened(flags.microphone))]
