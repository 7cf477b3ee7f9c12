"""The base class of the speech tasks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Generic

from plexus import InputError, OptionGroup, Task
from plexus.codec import Input
from plexus.data.archives import opened_folder
from plexus.data.audio import find_recordings
from plexus.task import CodecT, DatasetT, OptionsT
from plexus.utils.files import read_standard_input
from plexus.utils.printable import printable
from plexus_speech.microphone import record
from plexus_speech.options import MicrophoneOptions


class SpeechTask(Task[DatasetT, CodecT, OptionsT], Generic[DatasetT, CodecT, OptionsT]):
    """A task whose raw inputs are recordings: files, bytes of a request, or the microphone.

    Example:
        ```python
        class LanguageIdentification(SpeechTask[LanguageDataset, LanguageCodec, LanguageOptions]): ...
        ```
    """

    predict_options = MicrophoneOptions
    # Validation splits are small, and often have the speakers of the training split: their best epoch is chance.
    restore_best_weights = False
    request_description = "the bytes of a recording, as a file"
    explanation_suffix = ".png"

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return a recording, all recordings of a folder or an archive, or the bytes of one on standard input (`-`).

        Args:
            argument: The argument.

        Returns:
            Pairs of a name and a recording.

        Raises:
            InputError: If a folder has no recordings.
        """
        if argument == "-":
            return [(argument, read_standard_input())]
        with opened_folder(Path(argument)) as folder:
            if folder is None:
                return [(argument, Path(argument))]
            return [(printable(str(file)), file) for file in find_recordings(folder)]

    def default_inputs(self, options: OptionGroup | None) -> Iterable[tuple[str, Input]]:
        """Record from the microphone.

        Args:
            options: `MicrophoneOptions`.

        Returns:
            A name and a recording.

        Raises:
            InputError: If no microphone is asked for, or none can be opened.
        """
        if isinstance(options, MicrophoneOptions) and options.microphone is not None:
            return [("microphone", record(options.microphone))]
        return super().default_inputs(options)

    def parse_request(self, codec: CodecT, value: Input) -> bytes:
        """Return the bytes of a recording.

        Args:
            codec: The codec.
            value: The bytes of a file.

        Returns:
            The bytes.

        Raises:
            InputError: If the value is not a file.
        """
        if not isinstance(value, bytes):
            raise InputError(f"expected a recording as a file, got {type(value).__name__}")
        return value
