"""The task `speech.commands`: recognition of spoken words from a fixed set."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Batches, ClassificationTask, Examples
from plexus.codec import Input
from plexus.metrics.calibration import fit_temperature
from plexus.metrics.classification import classification_metrics
from plexus.options import resolved
from plexus.tasks.classification import LabelledDataset
from plexus.tasks.classification_codec import sort_labels
from plexus_speech.checksums import checksums, encode_checksums, require_not_trained_on
from plexus_speech.codec import CommandCodec, CommandPrediction
from plexus_speech.dataset import load_dataset
from plexus_speech.detection import detect_words
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.metrics import OTHER_METRICS
from plexus_speech.negatives import synthesize_negatives
from plexus_speech.options import CommandOptions
from plexus_speech.recordings import UNKNOWN, Recordings, as_recordings
from plexus_speech.spectrogram import HOP_SECONDS
from plexus_speech.speech_task import SpeechTask
from plexus_speech.synthetic_voices import real_recordings, voices_language

if TYPE_CHECKING:
    import keras

    from plexus import Predictor

USUAL_STEPS, MIN_STEPS = {"embedding": 800, "convolutional": 1600}, 600
"""Steps of a training by network, where `MAX_EPOCHS` allows it, and the minimum."""
MIN_EPOCHS, MAX_EPOCHS = 8, 60
WINDOW_FACTOR, MAX_WINDOW_SECONDS, MIN_FRAMES = 1.1, 2.5, 32
"""The window is longer than 95 % of the words by this factor."""
FRAME_STRIDE = 4
"""Windows are multiples of this, by which the convolutional network reduces the time axis."""
MAX_REJECTED = 0.005
"""Share of the words of the validation split that may be rejected as unknown."""
BATCH_SIZE = 64
"""Recordings that are predicted at once in the calibration."""
CALIBRATION_RECORDINGS, CALIBRATION_STRENGTH = 1600, 0.5
"""Number of augmented recordings on which the temperature is fitted, and strength of their augmentation."""


class CommandRecognition(
    SpeechTask[LabelledDataset, CommandCodec, CommandOptions], ClassificationTask[CommandCodec, CommandOptions]
):
    """Recognition of spoken commands, with rejection of unknown words.

    Example:
        ```python
        bundle = plexus.train("speech.commands", data="fsdd", split="official")
        bundle.predict([Path("recording.wav")])
        ```
    """

    options, codec = CommandOptions, CommandCodec
    other_metrics = OTHER_METRICS
    label_smoothing = 0.1
    pseudoword_share = 0.25
    trial_options = {
        "data": "spoken",
        "network": "convolutional",
        "epochs": 16,
        "batch_size": 16,
        "channels": 8,
        "averaging": 0.95,
    }

    def load_dataset(self, options: CommandOptions) -> LabelledDataset:
        """Read words and their speakers; see `plexus_speech.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset, whose splits are `Recordings`.
        """
        return load_dataset(self.locate(options.data), options)

    def texts_to_speak(self, train: Recordings) -> list[str]:
        """Return the words, without the label of unknown ones.

        Args:
            train: The training split.

        Returns:
            The words.
        """
        return [word for word in super().texts_to_speak(train) if word != UNKNOWN]

    def fit_codec(self, dataset: LabelledDataset, options: CommandOptions) -> CommandCodec:
        """Fit words, sampling rate, filterbank and window.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        train, network = real_recordings(as_recordings(dataset["train"])), options.network or "embedding"
        words = sort_labels([word for word in train.targets if word != UNKNOWN])
        seconds = float(np.percentile([len(waveform) for waveform in train.waveforms], 95)) / train.rate
        window = options.window or min(WINDOW_FACTOR * seconds, MAX_WINDOW_SECONDS)
        frames = max(FRAME_STRIDE * math.ceil(window / HOP_SECONDS / FRAME_STRIDE), MIN_FRAMES)
        filterbank = MelFilterbank.fit(train.rate)
        training_checksums = encode_checksums(train.waveforms)
        return CommandCodec(
            [*words, UNKNOWN],
            train.rate,
            filterbank,
            frames,
            training_checksums=training_checksums,
            network=network,
        )

    def resolve_options(
        self, dataset: LabelledDataset, codec: CommandCodec, options: CommandOptions
    ) -> dict[str, object]:
        """Choose the epochs by recordings and network, and record the codec's network, rate and window and the voices.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        train = as_recordings(dataset["train"])
        steps = max(len(train) // resolved(options.batch_size), 1)
        epochs = max(min(round(USUAL_STEPS[codec.network] / steps), MAX_EPOCHS), MIN_STEPS // steps, MIN_EPOCHS)
        return {
            "network": codec.network,
            "epochs": epochs,
            "rate": codec.rate,
            "window": codec.window_seconds,
            "voices": voices_language(options) or "none",
        }

    def build_network(self, codec: CommandCodec, options: CommandOptions) -> "keras.Model":
        """Build the network from spectrograms to logits.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_speech.network import build_convolutional_network, build_embedding_network

        frames, labels = codec.frames, len(codec.labels)
        if options.network == "embedding":
            return build_embedding_network(frames, labels, options.dropout, codec.rate)
        return build_convolutional_network(frames, labels, options.channels, options.dropout, codec.rate)

    def build_learner(
        self, network: "keras.Model", dataset: LabelledDataset, codec: CommandCodec, options: CommandOptions
    ) -> "keras.Model":
        """Return the network itself, or the convolutional network for one length of the vocal tract.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_speech.network import tract_network

        return network if options.network == "embedding" else tract_network(network)

    def batches(
        self,
        dataset: LabelledDataset,
        codec: CommandCodec,
        learner: "keras.Model",
        options: CommandOptions,
        epoch: int,
    ) -> Batches:
        """Return all training recordings once, augmented, and synthetic negatives.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches.
        """
        from plexus_speech.batches import CommandBatches

        train, batch_size = as_recordings(dataset["train"]), resolved(options.batch_size)
        return CommandBatches(train, codec, batch_size, options.augment, options.seed, epoch).batches()

    def evaluate(
        self, predictor: "Predictor", dataset: LabelledDataset, codec: CommandCodec, split: str
    ) -> dict[str, float]:
        """Compute the metrics of classification, and of the rejection of unknown words.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics of `classification_metrics`; `unknown_auroc`, the area under the ROC curve by which unknown
            words (synthetic negatives, if the data has none) are separated from words; `refused`, the share of words
            that are rejected as unknown.

        Raises:
            InputError: If other data has recordings that the model was trained on.
        """
        recordings = as_recordings(dataset[split])
        if split == "unseen":
            require_not_trained_on(codec.training_checksums, recordings.waveforms)
        probabilities, classes = self.split_probabilities(predictor, dataset, codec, split)
        rejection = _rejection_metrics(predictor, codec, recordings, probabilities)
        return classification_metrics(probabilities, classes) | rejection

    def predict(
        self, predictor: "Predictor", codec: CommandCodec, inputs: Sequence[Input]
    ) -> Sequence[CommandPrediction]:
        """Predict the word of each recording, or all words of a longer one: the number of windows is not known before.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Recordings; see `plexus_speech.audio.RawRecording`.

        Returns:
            One prediction per recording.

        Raises:
            InputError: If a recording cannot be read; the line names it.
        """
        return [detect_words(predictor, codec, recording) for recording in inputs]

    def calibrate(self, predictor: "Predictor", dataset: LabelledDataset, codec: CommandCodec) -> CommandCodec:
        """Fit the temperature and the offset of `unknown` on the validation split.

        Validation splits are small, and often have speakers of the training split, whose words are recognized with
        certainty. The temperature is therefore fitted on several augmented copies of each recording, which resemble
        other speakers. Synthetic negatives are left out: many are ambiguous, and a temperature that fits them too is
        too high for words.

        Args:
            predictor: The trained network.
            dataset: The dataset.
            codec: The codec.

        Returns:
            The calibrated codec.
        """
        outputs, classes = self.split_outputs(predictor, dataset, codec, "val")
        unknown = len(codec.labels) - 1
        words = outputs["logits"][classes != unknown]
        margins = words[:, :-1].max(axis=1) - words[:, -1]
        offset = min(float(np.quantile(margins, MAX_REJECTED)), 0.0)
        logits, classes = _augmented_logits(predictor, as_recordings(dataset["val"]), codec)
        logits = logits + offset * (np.arange(len(codec.labels)) == unknown)
        return codec.with_calibration(fit_temperature(logits, classes), offset)

    def find_duplicates(self, examples: Examples[str], reference: Examples[str]) -> np.ndarray:
        """Return which recordings also occur in a reference, by the checksums of their samples.

        Args:
            examples: The recordings to look up.
            reference: The recordings to look in.

        Returns:
            Boolean array of shape `(examples,)`.
        """
        return np.isin(checksums(as_recordings(examples).waveforms), checksums(as_recordings(reference).waveforms))

    def draw_mistakes(
        self, dataset: LabelledDataset, codec: CommandCodec, probabilities: np.ndarray, folder: Path
    ) -> None:
        """Draw the most confident mistakes.

        Args:
            dataset: The dataset.
            codec: The codec.
            probabilities: Probabilities of the test recordings.
            folder: Folder to write to.
        """
        from plexus_speech.report import draw_mistakes

        test = dataset["test"]
        spectrograms, classes = test.encode(codec)["sound"], codec.label_indices(test.targets)
        draw_mistakes(spectrograms, probabilities, classes, codec.labels, codec.filterbank, folder / "mistakes.svg")

    def explain(self, predictor: "Predictor", codec: CommandCodec, raw_input: Input, path: Path) -> Path:
        """Draw a heat map over the spectrogram: where occluding a patch lowers the probability most.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The recording.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_speech.explain import draw_explanation

        return draw_explanation(predictor, codec, raw_input, path)


def _rejection_metrics(
    predictor: "Predictor", codec: CommandCodec, recordings: Recordings, probabilities: np.ndarray
) -> dict[str, float]:
    """Return the metrics of the rejection of unknown words; none if there are no words to separate them from."""
    from sklearn.metrics import roc_auc_score

    is_unknown = np.array([word == UNKNOWN for word in recordings.targets])
    words, negatives = probabilities[~is_unknown], probabilities[is_unknown]
    if not len(words):
        return {}
    if not len(negatives):
        negatives = codec.probabilities({"logits": _negative_logits(predictor, codec, recordings)})
    truth = np.repeat([0, 1], [len(words), len(negatives)])
    return {
        "unknown_auroc": float(roc_auc_score(truth, np.append(words[:, -1], negatives[:, -1]))),
        "refused": float(np.mean(words.argmax(axis=1) == len(codec.labels) - 1)),
    }


def _augmented_logits(
    predictor: "Predictor", recordings: Recordings, codec: CommandCodec
) -> tuple[np.ndarray, np.ndarray]:
    """Return the logits of augmented copies of recordings without negatives, and their classes."""
    from plexus_speech.batches import CommandBatches

    rows = np.resize(np.random.default_rng(0).permutation(len(recordings)), CALIBRATION_RECORDINGS)
    batches = CommandBatches(
        recordings.take(rows), codec, BATCH_SIZE, CALIBRATION_STRENGTH, seed=0, epoch=0, negative_share=0.0
    )
    pairs = [batches(number) for number in range(CALIBRATION_RECORDINGS // BATCH_SIZE)]
    logits = [predictor(inputs)["logits"] for inputs, _ in pairs]
    return np.concatenate(logits), np.concatenate([classes for _, classes in pairs])


def _negative_logits(predictor: "Predictor", codec: CommandCodec, recordings: Recordings) -> np.ndarray:
    negatives = synthesize_negatives(recordings, max(len(recordings) // 2, 1), seed=0)
    return predictor(codec.encode_waveforms(negatives))["logits"]
