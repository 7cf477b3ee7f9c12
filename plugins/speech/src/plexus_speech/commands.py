"""The task: which word was said."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, Metric, SupervisedDataset
from plexus.metrics.calibration import fit_temperature
from plexus.metrics.classification import classification_metrics
from plexus_speech.codec import Heard, WordCodec
from plexus_speech.dataset import read_commands
from plexus_speech.features import HOP
from plexus_speech.fingerprints import fingerprints, require_unheard
from plexus_speech.hearing import Hearing
from plexus_speech.options import CommandsOptions
from plexus_speech.recordings import UNKNOWN, Recordings
from plexus_speech.strangers import strangers
from plexus_speech.words import surest_stretch, words_in

if TYPE_CHECKING:
    import keras

    from plexus.task import Predictor

STEPS, MOST_EPOCHS, FEWEST_STEPS = 1600, 60, 600
ROOM = 1.1
"""How much longer a window is than nineteen of twenty words."""
REFUSED = 0.005
"""The share of the words of the validation split that may be taken for unknown."""


class Commands(Hearing):
    """`speech.commands`."""

    options = CommandsOptions
    codec = WordCodec
    metric = Metric("accuracy", baseline="majority_accuracy")
    trial_options = {"data": "spoken", "epochs": 16, "batch_size": 16, "channels": 8, "averaging": 0.95}

    def load_dataset(self, options: CommandsOptions) -> SupervisedDataset:
        """Words in three splits, by speakers where they are known."""
        return read_commands(options)

    def fit_codec(self, dataset: SupervisedDataset, options: CommandsOptions) -> WordCodec:
        """The words, their rate, and how long they take."""
        train = dataset["train"]
        labels = sorted(
            set(train.labels) - {UNKNOWN}, key=lambda label: (len(label) if label.isdecimal() else 0, label)
        )
        seconds = np.percentile([len(sound) for sound in train.sounds], 95) / train.rate
        window = options.window or min(ROOM * seconds, 2.5)
        return WordCodec(labels, train.rate, max(4 * math.ceil(window / HOP / 4), 32), heard=fingerprints(train.sounds))

    def resolve_options(self, dataset: SupervisedDataset, codec: WordCodec, options: CommandsOptions) -> dict[str, Any]:
        """Epochs by the data; the rate and window that it has."""
        steps = max(dataset.count("train") // options.batch_size, 1)
        return {
            "epochs": max(min(round(STEPS / steps), MOST_EPOCHS), FEWEST_STEPS // steps, 8),
            "rate": codec.rate,
            "window": codec.window,
        }

    def build_network(self, codec: WordCodec, options: CommandsOptions) -> "keras.Model":
        """A spectrogram to logits."""
        from plexus_speech.networks import word_network

        return word_network(codec.frames, len(codec.labels) + 1, options.channels, options.dropout, codec.rate)

    def build_learner(
        self, network: "keras.Model", dataset: SupervisedDataset, codec: WordCodec, options: CommandsOptions
    ) -> "keras.Model":
        """The network for one length of the vocal tract: in training, lengths are varied."""
        import keras

        from plexus_speech.networks import ONE

        one = network.get_layer(ONE)
        return keras.Model(one.input, one.output)  # not the layer itself: compiled, it could not be loaded alone

    def loss(self, options: CommandsOptions) -> Any:
        """Cross-entropy of smoothed labels (Szegedy et al. 2016, arXiv:1512.00567, section 7)."""
        from plexus_speech.learner import smoothed_cross_entropy

        return {"logits": smoothed_cross_entropy}

    def batches(
        self, dataset: SupervisedDataset, codec: WordCodec, learner: "keras.Model", options: CommandsOptions, epoch: int
    ) -> Batches:
        """All training recordings once, each as another voice might have said it, and sounds that are no word."""
        from plexus_speech.drawn import Drawn

        return Drawn(dataset["train"], codec, options.batch_size, options.augment, options.seed, epoch).batches()

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset, codec: WordCodec, split: str
    ) -> dict[str, float]:
        """Accuracy, macro F1, calibration; how well what is no word is told from words (`unknown_auroc`)."""
        recordings = dataset[split]
        if split == "unseen":
            require_unheard(codec.heard, recordings.sounds)
        targets = codec.targets(recordings.labels)
        probabilities = codec.probabilities(predictor(recordings.encode(codec)))
        return classification_metrics(probabilities, targets) | _of_unknown(predictor, codec, recordings, probabilities)

    def predict(self, predictor: "Predictor", codec: WordCodec, raws: Sequence[Any]) -> list[Heard]:
        """The word of each recording, or all words of a longer one, with their times."""
        return [words_in(predictor, codec, raw) for raw in raws]

    def calibrate(self, predictor: "Predictor", dataset: SupervisedDataset, codec: WordCodec) -> WordCodec:
        """The temperature, and what is taken for unknown, on the validation split and sounds made up from it."""
        recordings = dataset["val"]
        known = predictor(recordings.encode(codec))["logits"]
        strange = _strange_logits(predictor, codec, recordings)
        targets = np.append(codec.targets(recordings.labels), np.full(len(strange), len(codec.labels)))
        temperature = fit_temperature(np.concatenate([known, strange]), targets)
        words = known[codec.targets(recordings.labels) < len(codec.labels)]
        ahead = words[:, :-1].max(axis=1) - words[:, -1]
        return codec.calibrated(temperature, min(float(np.quantile(ahead, REFUSED)), 0.0))

    def report(self, predictor: "Predictor", dataset: SupervisedDataset, codec: WordCodec, folder: Path) -> None:
        """The confusion of words, calibration, and the recordings that were mistaken with most confidence."""
        from plexus.report.confusion_matrix import draw_confusion_matrix
        from plexus.report.reliability_diagram import draw_reliability_diagram
        from plexus_speech.pictures import draw_mistakes

        recordings = dataset["test"]
        sounds, targets = recordings.encode(codec), codec.targets(recordings.labels)
        probabilities = codec.probabilities(predictor(sounds))
        names = [*codec.labels, UNKNOWN]
        found = probabilities.argmax(axis=1)
        draw_confusion_matrix(found, targets, names, folder / "confusion.png")
        draw_reliability_diagram(probabilities.max(axis=1), found == targets, folder / "calibration.png")
        draw_mistakes(sounds["sound"], probabilities, targets, names, codec.rate, folder / "mistakes.png")

    def explain(self, predictor: "Predictor", codec: WordCodec, raw: Any, to: Path) -> Path:
        """The spectrogram, warm where hiding a patch costs the answer most."""
        from plexus_speech.pictures import write_explanation

        seen, answer = surest_stretch(predictor, codec, raw)
        return write_explanation(predictor, codec, seen, answer, to)


def _of_unknown(
    predictor: "Predictor", codec: WordCodec, recordings: Recordings, probabilities: np.ndarray
) -> dict[str, float]:
    """How well unknown words are told from known ones, or made-up sounds where the data has no unknown ones."""
    from sklearn.metrics import roc_auc_score

    unknown = np.array([label == UNKNOWN for label in recordings.labels])
    strange = probabilities[unknown, -1]
    if not len(strange):
        strange = codec.probabilities({"logits": _strange_logits(predictor, codec, recordings)})[:, -1]
    known = probabilities[~unknown]
    if not len(known):
        return {}  # nothing that the unknown ones could be told from
    truth = np.repeat([0, 1], [len(known), len(strange)])
    return {
        "unknown_auroc": float(roc_auc_score(truth, np.append(known[:, -1], strange))),
        "refused": float(np.mean(known.argmax(axis=1) == len(codec.labels))),
    }


def _strange_logits(predictor: "Predictor", codec: WordCodec, recordings: Recordings) -> np.ndarray:
    sounds = strangers(recordings, max(len(recordings) // 2, 1), seed=0)
    return predictor(codec.encode_sounds(sounds))["logits"]
