"""The task: what is read out."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, Metric, SupervisedDataset
from plexus_speech.alphabet import written
from plexus_speech.fingerprints import fingerprints, require_unheard
from plexus_speech.hearing import Hearing
from plexus_speech.options import TranscribeOptions
from plexus_speech.recordings import Recordings
from plexus_speech.speeches import log_probabilities, transcript_of
from plexus_speech.text_codec import TextCodec, Transcript
from plexus_speech.transcripts import read_transcripts

if TYPE_CHECKING:
    import keras

    from plexus.task import Predictor

STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 3200, 15, 300
JOINED = 4
CURRICULUM = 0.3
"""The share of the training after which strings are as long as they get: short ones are learned sooner (Amodei et al.
2016, arXiv:1512.02595, section 3.2), and after which no guide is given."""
GUIDED = 3.0
"""The weight of the guide in the beginning."""
MOST_WORDS, OFTEN = 200, 5
"""Different words, at most, each said so often on average, that decoding keeps to."""
TOGETHER = 16


class Transcribe(Hearing):
    """`speech.transcribe`."""

    options = TranscribeOptions
    codec = TextCodec
    metric = Metric("wer", baseline="empty_wer", higher_is_better=False)
    trial_options = {
        "data": "spoken-strings",
        "epochs": 20,
        "batch_size": 16,
        "channels": 6,
        "join": 3,
        "augment": 0.3,
        "dropout": 0,
        "averaging": 0.9,
        "evaluate_every": 5,
    }

    def load_dataset(self, options: TranscribeOptions) -> SupervisedDataset:
        """Recordings and texts in three splits."""
        return read_transcripts(options)

    def fit_codec(self, dataset: SupervisedDataset, options: TranscribeOptions) -> TextCodec:
        """The alphabet, the rate, and the words if there are few."""
        train = dataset["train"]
        counts = Counter(word for label in train.labels for word in label.split())
        few = len(counts) <= MOST_WORDS and counts.total() >= OFTEN * len(counts)
        closed = options.vocabulary == "closed" or (options.vocabulary == "auto" and few)
        return TextCodec(
            options.alphabet, train.rate, options.beam, sorted(counts) if closed else None, fingerprints(train.sounds)
        )

    def resolve_options(
        self, dataset: SupervisedDataset, codec: TextCodec, options: TranscribeOptions
    ) -> dict[str, Any]:
        """Epochs by the data; words are joined to strings, longer recordings are left alone."""
        train = dataset["train"]
        alone = np.mean([len(label.split()) for label in train.labels]) > 1.5
        join = options.join or (1 if alone else JOINED)
        steps = max(len(train) // options.batch_size, 1)
        return {
            "join": join,
            "epochs": min(max(round(STEPS / steps), FEWEST_EPOCHS), MOST_EPOCHS),
            "rate": codec.rate,
        }

    def build_network(self, codec: TextCodec, options: TranscribeOptions) -> "keras.Model":
        """A spectrogram to logits of letters."""
        from plexus_speech.networks import letter_network

        return letter_network(len(codec.alphabet), options.channels, options.dropout)

    def build_learner(
        self, network: "keras.Model", dataset: SupervisedDataset, codec: TextCodec, options: TranscribeOptions
    ) -> "keras.Model":
        """The network with CTC's loss."""
        from plexus_speech.learner import TranscriptLearner

        return TranscriptLearner(network, _most_letters(dataset, options))

    def batches(
        self,
        dataset: SupervisedDataset,
        codec: TextCodec,
        learner: "keras.Model",
        options: TranscribeOptions,
        epoch: int,
    ) -> Batches:
        """Training recordings, some joined to longer ones, each as another voice might have read it."""
        from plexus_speech.joined import Joined

        done = epoch / (CURRICULUM * options.epochs)
        return Joined(
            dataset["train"],
            codec,
            options.batch_size,
            most=min(options.join, 1 + int(options.join * done)),
            longest=_most_letters(dataset, options),
            guided=GUIDED * max(1 - done, 0),
            amount=options.augment,
            seed=(options.seed, epoch),
        ).batches()

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset, codec: TextCodec, split: str
    ) -> dict[str, float]:
        """Word and letter error rates, of greedy decoding too; of saying nothing, 1."""
        import jiwer

        recordings = dataset[split]
        if split == "unseen":
            require_unheard(codec.heard, recordings.sounds)
        each = _logs(predictor, codec, recordings)
        texts = [written(codec.letters(logs), codec.alphabet) for logs in each]
        plain = [written(codec.letters(logs, beam=0), codec.alphabet) for logs in each]
        truth = list(recordings.labels)
        return {
            "wer": float(jiwer.wer(truth, texts)),
            "cer": float(jiwer.cer(truth, texts)),
            "greedy_wer": float(jiwer.wer(truth, plain)),
            "right_texts": float(np.mean([a == b for a, b in zip(truth, texts, strict=True)])),
            "empty_wer": 1.0,
        }

    def predict(self, predictor: "Predictor", codec: TextCodec, raws: Sequence[Any]) -> list[Transcript]:
        """What is read out in each recording, with the words' times."""
        return [transcript_of(predictor, codec, raw) for raw in raws]

    def report(self, predictor: "Predictor", dataset: SupervisedDataset, codec: TextCodec, folder: Path) -> None:
        """The transcripts with most errors, beside the truth."""
        from plexus_speech.text_report import write_mistakes

        recordings = dataset["test"]
        each = _logs(predictor, codec, recordings)
        write_mistakes(recordings, [codec.transcript(logs).text for logs in each], folder / "mistakes.html")

    def explain(self, predictor: "Predictor", codec: TextCodec, raw: Any, to: Path) -> Path:
        """The spectrogram with the words where they are heard, warm where hiding a patch costs the answer most."""
        from plexus_speech.text_pictures import write_transcript

        return write_transcript(predictor, codec, raw, to)


def _most_letters(dataset: SupervisedDataset, options: TranscribeOptions) -> int:
    return (max(map(len, dataset["train"].labels)) + 1) * options.join


def _logs(predictor: "Predictor", codec: TextCodec, recordings: Recordings) -> list[np.ndarray]:
    """Log-probabilities of letters at each step of each recording, those of a length answered together."""
    order = np.argsort([len(sound) for sound in recordings.sounds], kind="stable")
    found: dict[int, np.ndarray] = {}
    for start in range(0, len(order), TOGETHER):
        rows = order[start : start + TOGETHER].tolist()
        found |= zip(rows, log_probabilities(predictor, codec, [recordings.sounds[row] for row in rows]), strict=True)
    return [found[row] for row in range(len(recordings))]
