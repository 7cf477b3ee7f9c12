"""Training examples by synthetic voices, for data of few speakers."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted
from plexus.utils.messages import note
from plexus_speech.audio import Waveform, recording_name
from plexus_speech.datasets import LANGUAGES
from plexus_speech.espeak import Utterance, accents, speak, variants
from plexus_speech.options import SpeechOptions
from plexus_speech.pseudowords import draw_pseudowords
from plexus_speech.recordings import UNKNOWN, LabelledRecording, Recordings

MAX_PER_TEXT, MAX_RECORDINGS = 120, 12_000
"""Recordings of each text, and of all texts together; of more texts than that, some are drawn."""
TEMPO_RANGE, PITCH_RANGE = (110, 220), (20, 85)
"""Words per minute, and eSpeak NG's pitch."""
MAX_SECONDS = 30.0
"""Longest speech in one recording."""
PROCESS_SIZE = 2000
"""Utterances that one process synthesizes, whose samples at eSpeak NG's rate are in memory at once."""
SYNTHETIC = Counted(
    "recording by a synthetic voice was added to the training split",
    "recordings by synthetic voices were added to the training split",
)
PSEUDOWORD = Counted(
    "pseudoword was added to the training split as unknown", "pseudowords were added to the training split as unknown"
)
NOT_SYNTHESIZED = Counted("label or text has no synthetic recording", "labels or texts have no synthetic recording")
SPEAKER_PREFIX = "eSpeak NG "
DISTRIBUTION_MODULE = "espeakng_loader"


def voices_language(options: SpeechOptions) -> str | None:
    """Return the language of the synthetic voices of a training.

    Args:
        options: The options.

    Returns:
        A language tag; None for no synthetic voices.
    """
    if options.voices is not None:
        return None if options.voices == "none" else options.voices
    return LANGUAGES.get(options.data) if find_spec(DISTRIBUTION_MODULE) else None


def real_recordings(train: Recordings) -> Recordings:
    """Return the recordings of a training split that are not synthetic, by which a codec is fitted.

    Args:
        train: The training split.

    Returns:
        The recordings of its speakers.
    """
    return train.take(np.flatnonzero([not speaker.startswith(SPEAKER_PREFIX) for speaker in train.speakers]))


def add_synthetic_voices(
    train: Recordings, texts: Sequence[str], options: SpeechOptions, findings: Findings, pseudoword_share: float = 0.0
) -> Recordings:
    """Add recordings by synthetic voices to a training split, as the option `voices` says.

    Args:
        train: The training split.
        texts: Its different texts or labels that can be spoken.
        options: The options.
        findings: Gets a remark for each synthetic recording, and for each text without one.
        pseudoword_share: Recordings of pseudowords, which are added as unknown words, relative to those of the texts.

    Returns:
        The training split, followed by the synthetic recordings; the same object without synthetic voices.

    Raises:
        InputError: If eSpeak NG is not installed, fails, or has no such language.
    """
    language = voices_language(options)
    if language is None:
        if options.voices is None and options.data in LANGUAGES:
            note("no synthetic voices: they need eSpeak NG: pip install 'plexus-speech[voices]'")
        return train
    synthetic = synthesize(texts, language, train.rate, options.seed)
    for text in sorted(set(texts) - set(synthetic.targets)):
        findings.remark(NOT_SYNTHESIZED, repr(text))
    for speaker in synthetic.speakers:
        findings.remark(SYNTHETIC, speaker)
    parts = [train, synthetic]
    if count := round(pseudoword_share * len(synthetic)):
        parts.append(_synthesize_pseudowords(count, texts, language, train.rate, options.seed, findings))
    return _concatenate(parts, train.rate)


def synthesize(
    texts: Sequence[str], language: str, rate: int, seed: int, max_per_text: int = MAX_PER_TEXT
) -> Recordings:
    """Synthesize each text with random accents, voices, tempos and pitches of eSpeak NG.

    Args:
        texts: The texts or labels; underscores are read as spaces.
        language: Language tag, as `en`.
        rate: Sampling rate of the result in hertz.
        seed: Random seed.
        max_per_text: Recordings of each text, at most.

    Returns:
        The recordings; none of texts for which eSpeak NG has no sound, and of texts that last longer than
        `MAX_SECONDS`.

    Raises:
        InputError: If eSpeak NG is not installed, fails, or has no such language.
    """
    generator, language_accents, voice_variants = np.random.default_rng(seed), accents(language), variants()
    if len(texts) > MAX_RECORDINGS:
        texts = [texts[row] for row in np.sort(generator.choice(len(texts), MAX_RECORDINGS, replace=False))]
    labels = [text for text in texts for _ in range(min(MAX_RECORDINGS // max(len(texts), 1), max_per_text))]
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
    parts = [slice(start, start + PROCESS_SIZE) for start in range(0, len(labels), PROCESS_SIZE)]
    return _concatenate([_read(utterances[part], labels[part], rate) for part in parts], rate)


def _synthesize_pseudowords(
    count: int, texts: Sequence[str], language: str, rate: int, seed: int, findings: Findings
) -> Recordings:
    spoken = [text.replace("_", " ") for text in texts]
    words = draw_pseudowords(count, spoken, accents(language)[0], np.random.default_rng(seed))
    if not words:
        note(f"no pseudowords: eSpeak NG does not read Latin letters as words of the language {language}")
    recordings = synthesize(words, language, rate, seed, max_per_text=1)
    for word in recordings.targets:
        findings.remark(PSEUDOWORD, word)
    return replace(recordings, targets=[UNKNOWN] * len(recordings))


def _read(utterances: Sequence[Utterance], labels: Sequence[str], rate: int) -> Recordings:
    """Synthesize utterances; return them at another rate, without the samples at the rate of eSpeak NG."""
    recordings = [
        LabelledRecording(waveform, label, f"{SPEAKER_PREFIX}{utterance.accent}+{utterance.variant}")
        for waveform, label, utterance in zip(speak(utterances), labels, utterances, strict=True)
    ]
    read, _ = Recordings.read(recordings, rate, MAX_SECONDS, Findings())
    names = map(recording_name, read.inputs)
    inputs = [Waveform(samples, rate, name) for samples, name in zip(read.waveforms, names, strict=True)]
    return replace(read, inputs=inputs)


def _concatenate(parts: Sequence[Recordings], rate: int) -> Recordings:
    return Recordings(
        inputs=[recording for part in parts for recording in part.inputs],
        targets=[target for part in parts for target in part.targets],
        speakers=[speaker for part in parts for speaker in part.speakers],
        waveforms=[waveform for part in parts for waveform in part.waveforms],
        rate=rate,
    )
