"""Registers the tasks and the named data sets of speech recognition with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Return the tasks.

    Returns:
        One entry per task.
    """
    return [
        Entry(
            "speech.commands",
            "Spoken commands: one word out of several, or unknown",
            "plexus_speech.task:CommandRecognition",
            data_kinds=("spoken words",),
        ),
        Entry(
            "speech.transcribe",
            "Transcription: the text that is spoken, with the time of each word",
            "plexus_speech.transcription.task:Transcription",
            data_kinds=("spoken words",),
        ),
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Return the named data sets.

    Returns:
        One entry per data set.
    """
    module = "plexus_speech.datasets"
    return [
        Entry(
            "spoken",
            "512 synthesized recordings of eight words by 16 voices; needs no file",
            f"{module}:SPOKEN",
            data_kinds=("spoken words",),
        ),
        Entry(
            "fsdd",
            "3,000 spoken digits, 8 kHz, fifty times each by six speakers",
            f"{module}:FSDD",
            data_kinds=("spoken words",),
        ),
        Entry(
            "speech_commands",
            "105,829 recordings of 35 words by 2,618 speakers, 16 kHz",
            f"{module}:SPEECH_COMMANDS",
            data_kinds=("spoken words",),
        ),
    ]
