"""Speech's table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """What can be learned from recordings."""
    return [
        Entry("speech.commands", "Which word was said, by whomever", "plexus_speech.commands:Commands"),
        Entry("speech.transcribe", "What is read out, letter by letter", "plexus_speech.transcribe:Transcribe"),
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Named sets of recordings."""
    at = "plexus_speech.datasets"
    return [
        Entry("spoken", "Eight words by sixteen made-up voices; comes with Plexus", f"{at}:SPOKEN"),
        Entry("fsdd", "Spoken digits, 8 kHz, fifty times each by six speakers", f"{at}:FSDD"),
        Entry("speech_commands", "105,829 recordings of 35 words by 2,618 speakers, 16 kHz", f"{at}:SPEECH_COMMANDS"),
    ]
