"""The task `speech.transcribe`: transcription of speech."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Batches, Metric
from plexus.codec import Input
from plexus.options import resolved
from plexus_speech.checksums import encode_checksums, require_not_trained_on
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.recordings import Recordings
from plexus_speech.speech_task import SpeechTask
from plexus_speech.synthetic_voices import real_recordings, voices_language
from plexus_speech.transcription.codec import Transcript, TranscriptCodec
from plexus_speech.transcription.dataset import STRINGS_SUFFIX, TranscriptDataset, load_dataset
from plexus_speech.transcription.metrics import OTHER_METRICS
from plexus_speech.transcription.options import TranscriptionOptions
from plexus_speech.transcription.recognition import log_probabilities, transcribe_recording

if TYPE_CHECKING:
    import keras

    from plexus import Predictor

USUAL_STEPS, MIN_EPOCHS, MAX_EPOCHS = 3200, 15, 300
"""Steps of a training, as far as the bounds of the epochs allow."""
DEFAULT_JOIN = 4
"""Words that are joined to one training example, at most, where the recordings are single words."""
MAX_WORDS_TO_JOIN = 1.5
"""Recordings with more words on average are texts, which are not joined."""
CURRICULUM_SHARE = 0.3
"""Share of the training after which examples have their full length: short ones are learned sooner (Amodei et al. 2016,
arXiv:1512.02595, section 3.2). The flat alignment ends there too."""
ALIGNMENT_WEIGHT = 3.0
"""Initial weight of the flat alignment."""
MAX_CLOSED_WORDS, MIN_OCCURRENCES = 200, 5
"""The vocabulary is closed by default if it has at most so many words, which occur so often on average."""
BATCH_SIZE = 16
"""Recordings that are evaluated at once."""


class Transcription(SpeechTask[TranscriptDataset, TranscriptCodec, TranscriptionOptions]):
    """Transcription by connectionist temporal classification.

    Example:
        ```python
        bundle = plexus.train("speech.transcribe", data="LJSpeech-1.1")
        bundle.predict([Path("recording.wav")])[0].text
        ```
    """

    options, codec = TranscriptionOptions, TranscriptCodec
    metric = Metric("wer", "Word error rate", baseline="empty_wer", higher_is_better=False)
    other_metrics = OTHER_METRICS
    target_name = "transcript"
    figure_captions = {
        "mistakes.html": "Transcripts with the most errors",
    }
    trial_options = {
        "data": "spoken-strings",
        "network": "convolutional",
        "epochs": 20,
        "batch_size": 16,
        "channels": 6,
        "join": 3,
        "augment": 0.3,
        "dropout": 0,
        "averaging": 0.9,
        "evaluate_every": 5,
    }

    def target_labels(self, target: str) -> tuple[str, ...]:
        """Return no label: a transcript is none.

        Args:
            target: The transcript.

        Returns:
            Nothing.
        """
        return ()

    def load_dataset(self, options: TranscriptionOptions) -> TranscriptDataset:
        """Read recordings and texts; see `plexus_speech.transcription.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        as_strings = options.data.endswith(STRINGS_SUFFIX) and not Path(options.data).exists()
        name = options.data.removesuffix(STRINGS_SUFFIX) if as_strings else options.data
        return load_dataset(self.locate(name), options, as_strings)

    def fit_codec(self, dataset: TranscriptDataset, options: TranscriptionOptions) -> TranscriptCodec:
        """Fit sampling rate, filterbank, and the vocabulary if it is closed.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        train = real_recordings(dataset["train"])
        counts = Counter(word for text in train.targets for word in text.split())
        is_small = len(counts) <= MAX_CLOSED_WORDS and counts.total() >= MIN_OCCURRENCES * len(counts)
        is_closed = options.vocabulary == "closed" or (options.vocabulary == "auto" and is_small)
        filterbank, words = MelFilterbank.fit(train.rate), sorted(counts) if is_closed else None
        checksums, network = encode_checksums(train.waveforms), options.network or _default_network(train)
        return TranscriptCodec(options.alphabet, train.rate, filterbank, options.beam, words, checksums, network)

    def resolve_options(
        self, dataset: TranscriptDataset, codec: TranscriptCodec, options: TranscriptionOptions
    ) -> dict[str, object]:
        """Choose the epochs by the number of recordings, and join single words; record network, rate and voices.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        train = dataset["train"]
        steps = max(len(train) // resolved(options.batch_size), 1)
        return {
            "network": codec.network,
            "join": DEFAULT_JOIN if _are_words(train) else 1,
            "epochs": min(max(round(USUAL_STEPS / steps), MIN_EPOCHS), MAX_EPOCHS),
            "rate": codec.rate,
            "voices": voices_language(options) or "none",
        }

    def build_network(self, codec: TranscriptCodec, options: TranscriptionOptions) -> "keras.Model":
        """Build the network from spectrograms to logits of letters.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_speech.transcription.network import build_convolutional_network, build_embedding_network

        letters = len(codec.alphabet)
        if options.network == "embedding":
            return build_embedding_network(letters, options.dropout, codec.rate)
        return build_convolutional_network(letters, options.channels, options.dropout)

    def build_learner(
        self,
        network: "keras.Model",
        dataset: TranscriptDataset,
        codec: TranscriptCodec,
        options: TranscriptionOptions,
    ) -> "keras.Model":
        """Add the CTC loss.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_speech.transcription.learner import CtcLearner

        return CtcLearner(network, _max_letters(dataset, options))

    def batches(
        self,
        dataset: TranscriptDataset,
        codec: TranscriptCodec,
        learner: "keras.Model",
        options: TranscriptionOptions,
        epoch: int,
    ) -> Batches:
        """Return all training recordings once, augmented, some joined to longer ones.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches.
        """
        from plexus_speech.transcription.batches import TranscriptBatches

        progress = epoch / (CURRICULUM_SHARE * resolved(options.epochs))
        join = resolved(options.join)
        return TranscriptBatches(
            dataset["train"],
            codec,
            resolved(options.batch_size),
            max_joined=min(join, 1 + int(join * progress)),
            max_letters=_max_letters(dataset, options),
            alignment_weight=ALIGNMENT_WEIGHT * max(1 - progress, 0),
            strength=options.augment,
            seed=(options.seed, epoch),
        ).batches()

    def evaluate(
        self, predictor: "Predictor", dataset: TranscriptDataset, codec: TranscriptCodec, split: str
    ) -> dict[str, float]:
        """Compute error rates with jiwer.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            `wer` and `cer`, the error rates of words and characters; `greedy_wer`, that of greedy decoding;
            `right_texts`, the share of texts without an error; `empty_wer`, the word error rate of empty texts.

        Raises:
            InputError: If other data has recordings that the model was trained on.
        """
        import jiwer

        recordings = dataset[split]
        if split == "unseen":
            require_not_trained_on(codec.training_checksums, recordings.waveforms)
        logs = _split_log_probabilities(predictor, codec, recordings)
        texts, truth = [codec.decode_text(row) for row in logs], list(recordings.targets)
        return {
            "wer": float(jiwer.wer(truth, texts)),
            "cer": float(jiwer.cer(truth, texts)),
            "greedy_wer": float(jiwer.wer(truth, [codec.decode_text(row, beam=0) for row in logs])),
            "right_texts": float(np.mean([a == b for a, b in zip(truth, texts, strict=True)])),
            "empty_wer": 1.0,
        }

    def predict(self, predictor: "Predictor", codec: TranscriptCodec, inputs: Sequence[Input]) -> Sequence[Transcript]:
        """Transcribe recordings of any length, segment by segment.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Recordings; see `plexus_speech.audio.RawRecording`.

        Returns:
            One transcript per recording.

        Raises:
            InputError: If a recording cannot be read; the line names it.
        """
        return [transcribe_recording(predictor, codec, recording) for recording in inputs]

    def report(self, predictor: "Predictor", dataset: TranscriptDataset, codec: TranscriptCodec, folder: Path) -> None:
        """Write a page of the transcripts with the most errors on the test split.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            folder: Folder to write to.
        """
        from plexus_speech.transcription.report import write_mistakes

        recordings = dataset["test"]
        texts = [codec.decode_text(logs) for logs in _split_log_probabilities(predictor, codec, recordings)]
        write_mistakes(recordings, texts, folder / "mistakes.html")

    def explain(self, predictor: "Predictor", codec: TranscriptCodec, raw_input: Input, path: Path) -> Path:
        """Draw the spectrogram with the words, and where occluding a patch lowers the probability of the text most.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The recording.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_speech.transcription.explain import draw_explanation

        return draw_explanation(predictor, codec, raw_input, path)


def _are_words(train: Recordings) -> bool:
    return bool(np.mean([len(text.split()) for text in train.targets]) <= MAX_WORDS_TO_JOIN)


def _default_network(train: Recordings) -> str:
    """Return the network for words or for texts: the embedding was trained on recordings of keywords."""
    return "embedding" if _are_words(train) else "convolutional"


def _max_letters(dataset: TranscriptDataset, options: TranscriptionOptions) -> int:
    return (max(map(len, dataset["train"].targets)) + 1) * resolved(options.join)


def _split_log_probabilities(
    predictor: "Predictor", codec: TranscriptCodec, recordings: Recordings
) -> list[np.ndarray]:
    """Return the log-probabilities of each recording; recordings of similar length are computed together."""
    order = np.argsort([len(waveform) for waveform in recordings.waveforms], kind="stable").tolist()
    logs: dict[int, np.ndarray] = {}
    for start in range(0, len(order), BATCH_SIZE):
        rows = order[start : start + BATCH_SIZE]
        batch = log_probabilities(predictor, codec, [recordings.waveforms[row] for row in rows])
        logs |= zip(rows, batch, strict=True)
    return [logs[row] for row in range(len(recordings))]
