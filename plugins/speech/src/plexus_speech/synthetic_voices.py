"""Training examples by synthetic voices, for data of few speakers."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from plexus import Findings
from plexus.utils.messages import note
from plexus_speech.datasets import LANGUAGES
from plexus_speech.espeak import Utterance, accents, speak, variants
from plexus_speech.options import SpeechOptions
from plexus_speech.recordings import UNKNOWN, LabelledRecording, Recordings

MAX_PER_TEXT, MAX_RECORDINGS = 120, 12_000
"""Recordings of each text, and of all texts together unless there are more texts."""
TEMPO_RANGE, PITCH_RANGE = (110, 220), (20, 85)
"""Words per minute, and eSpeak NG's pitch."""
MAX_SECONDS = 30.0
"""Longest speech in one recording."""
MAX_SPEAKERS = 50
"""With so many speakers, data has no synthetic voices by default."""
SHOWN_TEXTS = 3
SPEAKER_PREFIX = "eSpeak NG "
DISTRIBUTION_MODULE = "espeakng_loader"


def voices_language(options: SpeechOptions, train: Recordings) -> str | None:
    """Return the language of the synthetic voices of a training.

    Args:
        options: The options.
        train: The training split, with or without synthetic voices.

    Returns:
        A language tag; None for no synthetic voices.
    """
    if options.voices is not None:
        return None if options.voices == "none" else options.voices
    return _default_language(options, train) if find_spec(DISTRIBUTION_MODULE) else None


def add_synthetic_voices(train: Recordings, options: SpeechOptions) -> Recordings:
    """Add recordings by synthetic voices to a training split, as the option `voices` says.

    Args:
        train: The training split.
        options: The options.

    Returns:
        The training split, followed by the synthetic recordings; the same object without synthetic voices.

    Raises:
        InputError: If eSpeak NG is not installed or has no such language.
    """
    language = voices_language(options, train)
    if language is None:
        if options.voices is None and _default_language(options, train):
            note("no synthetic voices: they need eSpeak NG: pip install 'plexus-speech[voices]'")
        return train
    texts = sorted(set(train.targets) - {UNKNOWN})
    added = synthesize(texts, language, train.rate, options.seed)
    without = sorted(set(texts) - set(added.targets))
    if without:
        shown = ", ".join(map(repr, without[:SHOWN_TEXTS]))
        note(f"eSpeak NG does not speak {len(without):,} of {len(texts):,} labels or texts, such as {shown}")
    note(f"{len(added):,} recordings by synthetic voices (eSpeak NG, {language}) are added to the training split")
    return replace(
        train,
        inputs=[*train.inputs, *added.inputs],
        targets=[*train.targets, *added.targets],
        speakers=[*train.speakers, *added.speakers],
        waveforms=[*train.waveforms, *added.waveforms],
    )


def synthesize(texts: Sequence[str], language: str, rate: int, seed: int) -> Recordings:
    """Synthesize each text with random accents, voices, tempos and pitches of eSpeak NG.

    Args:
        texts: The texts or labels; underscores are read as spaces.
        language: Language tag, as `en`.
        rate: Sampling rate of the result in hertz.
        seed: Random seed.

    Returns:
        Up to `MAX_PER_TEXT` recordings of each text; none of texts without a letter or digit, and of texts that
        last longer than `MAX_SECONDS`.

    Raises:
        InputError: If eSpeak NG is not installed or has no such language.
    """
    generator, language_accents, voice_variants = np.random.default_rng(seed), accents(language), variants()
    count = min(max(MAX_RECORDINGS // max(len(texts), 1), 1), MAX_PER_TEXT)
    labels = [text for text in texts for _ in range(count)]
    utterances = [
        Utterance(
            label.replace("_", " "),
            str(generator.choice(language_accents)),
            str(generator.choice(voice_variants)),
            int(generator.integers(*TEMPO_RANGE)),
            int(generator.integers(*PITCH_RANGE)),
        )
        for label in labels
    ]
    listed = [
        LabelledRecording(waveform, label, f"{SPEAKER_PREFIX}{utterance.accent}+{utterance.variant}")
        for waveform, label, utterance in zip(speak(utterances), labels, utterances, strict=True)
    ]
    return Recordings.read(listed, rate, MAX_SECONDS, Findings())[0]


def _default_language(options: SpeechOptions, train: Recordings) -> str | None:
    speakers = {speaker for speaker in train.speakers if not speaker.startswith(SPEAKER_PREFIX)}
    return LANGUAGES.get(options.data) if len(speakers) < MAX_SPEAKERS else None
