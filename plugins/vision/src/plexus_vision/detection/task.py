"""The task `vision.detect`: boxes and labels of the objects in an image."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plexus import Examples, Metric, SupervisedDataset, Task
from plexus.codec import Input
from plexus.data.example_view import ExampleView
from plexus.data.images import read_image
from plexus.tasks.image_inputs import ImageInputs
from plexus.tasks.supervised_examples import SupervisedExamples
from plexus.utils.messages import note
from plexus_vision.detection.codec import LEAST_SCORE, DetectionCodec
from plexus_vision.detection.image_boxes import Detections, ImageBoxes
from plexus_vision.detection.options import DetectOptions
from plexus_vision.detection.prediction import DetectionPrediction

if TYPE_CHECKING:
    import keras

    from plexus import Batches, Predictor
    from plexus.codec import JsonObject
    from plexus_vision.detection.matches import Matches
    from plexus_vision.detection.missing_labels import MissingLabel
    from plexus_vision.detection.tracking import Tracker

DetectionDataset = SupervisedDataset[Examples[ImageBoxes]]

STEPS = 1500
"""Steps of a training at least: small data sets get more epochs."""
MIN_EPOCHS, MAX_EPOCHS = 20, 200
EVALUATIONS = 25
"""Evaluations on the validation split in a training, about: each takes a third of the time of a short epoch."""
LABEL_METRICS = {
    "count_error_": ("Mean absolute error of the counts of {}", False),
    "ap50_": ("Average precision at IoU 0.5 of {}", True),
    "map_": ("Mean average precision of {} objects", True),
    "ap_": ("Average precision at IoU 0.5 to 0.95 of {}", True),
}
"""Titles of the metrics of a label or a size by the beginning of their name, and whether higher is better."""
BATCH = 64
"""Images that are in memory at once."""


class Detect(ImageInputs, SupervisedExamples, Task[DetectionDataset, DetectionCodec, DetectOptions]):
    """Object detection.

    Example:
        ```python
        bundle = plexus.train("vision.detect", data="bccd")
        bundle.predict([Path("blood.jpg")])[0].counts
        ```
    """

    options, codec = DetectOptions, DetectionCodec
    metric = Metric("map50", title="Mean average precision at IoU 0.5", baseline="baseline_map50")
    other_metrics: ClassVar[Sequence[Metric]] = (
        Metric("baseline_map50", title="Mean average precision of boxes of training images"),
        Metric("map", title="Mean average precision at IoU 0.5 to 0.95"),
        Metric("map75", title="Mean average precision at IoU 0.75"),
        Metric("ar100", title="Average recall of 100 detections per image"),
        Metric("precision", title="Precision at the thresholds"),
        Metric("recall", title="Recall at the thresholds"),
        Metric("count_error", title="Mean absolute error of the counts", higher_is_better=False),
        Metric("baseline_count_error", title="Count error of the median counts", higher_is_better=False),
        Metric("calibration_error", title="Expected calibration error", higher_is_better=False),
        Metric("uncalibrated_error", title="Expected calibration error of the scores", higher_is_better=False),
    )
    trial_options: ClassVar[Mapping[str, object]] = {
        "data": "drawn_shapes",
        "epochs": 2,
        "width": 0.5,
        "size": 64,
        "batch_size": 64,
    }
    figure_captions: ClassVar[Mapping[str, str]] = {
        "precision_recall.svg": "Precision by recall at IoU 0.5, on the test split; the dots are the thresholds",
        "f1.svg": "F1 at IoU 0.5 by the threshold of the score, on the test split; the dots are the thresholds",
        "confusion.svg": "Labels of annotated boxes and of the detections at their place, on the test split",
        "error_types.svg": "Errors of the test split by type, and the mAP50 if detections with that error were removed",
        "counts.svg": "Detected and annotated number of objects in each image of the test split",
        "mistakes.svg": "The images of the test split with the most errors: correct detections green, wrong ones "
        "red with their score, annotated objects without a correct detection dashed",
        "missing_labels.svg": "Labels that are probably missing: the training and validation images with the most "
        "objects that the model detects where no box is annotated; missing_labels.csv lists all",
        "sizes.svg": "Sizes and aspect ratios of the boxes of the training split",
    }
    evaluation_protocol = "on images that training never saw"
    explanation_suffix = ".png"

    def describe_metric(self, name: str) -> Metric:
        """Return the title, unit and direction of a metric.

        Args:
            name: A key of the result of `evaluate`.

        Returns:
            The description, also of metrics of a label.
        """
        described = super().describe_metric(name)
        prefix = next((each for each in LABEL_METRICS if name.startswith(each)), None)
        if prefix is None or described.title or name.endswith(("_low", "_high")):
            return described
        title, higher_is_better = LABEL_METRICS[prefix]
        return Metric(name, title=title.format(name.removeprefix(prefix)), higher_is_better=higher_is_better)

    def show_example(self, examples: Examples[ImageBoxes], row: int) -> ExampleView:
        """Return the view of an image with its annotated boxes.

        Args:
            examples: Images of a split.
            row: Index of the image.

        Returns:
            The view.
        """
        from plexus_vision.detection.drawing import draw_annotations

        image, boxes = examples.inputs[row], examples.targets[row]
        return replace(ExampleView.image(image), draw=lambda: draw_annotations(read_image(image), boxes))

    def target_labels(self, target: ImageBoxes) -> tuple[str, ...]:
        """Return the labels of the objects in an image.

        Args:
            target: The boxes of the image.

        Returns:
            One label per object.
        """
        return target.labels

    def load_dataset(self, options: DetectOptions) -> DetectionDataset:
        """Read images with boxes; see `plexus_vision.detection.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        from plexus_vision.detection.dataset import load_dataset

        return load_dataset(self.locate(options.data), options)

    def fit_codec(self, dataset: DetectionDataset, options: DetectOptions) -> DetectionCodec:
        """Fit labels, and the size of the network's images by those of the objects.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.

        Raises:
            InputError: If a split has no boxes, or a label that the training images do not have.
        """
        from plexus_vision.detection.training_requirements import require_trainable

        require_trainable(dataset, options.data)
        return DetectionCodec.fit(dataset["train"], options.size)

    def check_dataset(self, dataset: DetectionDataset, options: DetectOptions) -> None:
        """Check that a training could start, and remark on near-duplicates, repeated boxes and rare labels.

        Args:
            dataset: The dataset.
            options: The options.
        """
        from plexus_vision.detection.data_check import check_boxes

        super().check_dataset(dataset, options)
        dataset.findings.extend(check_boxes(dataset))

    def resolve_options(
        self, dataset: DetectionDataset, codec: DetectionCodec, options: DetectOptions
    ) -> dict[str, object]:
        """Choose the learning rate, and by the number of images the epochs and how often they are evaluated.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        from plexus_vision.detection.copy_paste import rare_labels

        labels = (label for target in dataset["train"].targets for label in target.labels)
        if options.copy_paste and not rare_labels(labels):
            note("--copy-paste: no label of the training images is rare, so no object is pasted")
        steps_per_epoch = max(dataset.count("train") // (options.batch_size or 1), 1)
        epochs = int(np.clip(round(STEPS / steps_per_epoch), MIN_EPOCHS, MAX_EPOCHS))
        rate = 2e-3 if options.weights == "none" else 5e-4
        evaluate_every = max((options.epochs or epochs) // EVALUATIONS, 1)
        return {"epochs": epochs, "learning_rate": rate, "evaluate_every": evaluate_every}

    def build_network(self, codec: DetectionCodec, options: DetectOptions) -> "keras.Model":
        """Build the network from bytes of images to scores and boxes.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_vision.detection.network import build_network

        return build_network(codec.shape, len(codec.labels), codec.strides, options)

    def build_learner(
        self, network: "keras.Model", dataset: DetectionDataset, codec: DetectionCodec, options: DetectOptions
    ) -> "keras.Model":
        """Add the assignment of points to boxes, and the loss.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_vision.detection.learner import DetectionLearner
        from plexus_vision.detection.points import network_points

        return DetectionLearner(network, network_points(codec.shape[:2], codec.strides))

    def batches(
        self,
        dataset: DetectionDataset,
        codec: DetectionCodec,
        learner: "keras.Model",
        options: DetectOptions,
        epoch: int,
    ) -> "Batches":
        """Return batches of augmented images.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches.
        """
        from plexus_vision.detection.batches import training_batches

        return training_batches(dataset["train"], codec, options, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: DetectionDataset, codec: DetectionCodec, split: str
    ) -> dict[str, float]:
        """Compute average precision by pycocotools; of a calibrated codec also errors at its thresholds.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            See `plexus_vision.detection.metrics`.

        Raises:
            InputError: If an image cannot be read, or has a label that the model does not have.
        """
        from plexus_vision.detection.metrics import average_precision_metrics, baseline_metrics, detection_metrics
        from plexus_vision.detection.training_requirements import labelled_boxes, require_labels

        examples = dataset[split]
        require_labels(examples, codec.labels, "", "model: rename the label, or remove its boxes")
        truth, labels = examples.targets, codec.labels
        detections = self.detect(predictor, codec, examples.inputs)
        if not codec.is_calibrated:
            return average_precision_metrics(detections, truth, labels)
        decision = codec.decision
        train = labelled_boxes(dataset["train"].targets, labels) if dataset.count("train") else []
        others = train or [*truth[1:], truth[0]]
        return {
            **detection_metrics(detections, truth, labels, decision.thresholds, decision.calibration),
            **baseline_metrics(others, truth, labels),
        }

    def calibrate(self, predictor: "Predictor", dataset: DetectionDataset, codec: DetectionCodec) -> DetectionCodec:
        """Choose the thresholds with the largest F1, and calibrate the scores, on the validation split.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.

        Returns:
            The calibrated codec.
        """
        from plexus_vision.detection.calibration import ScoreCalibration
        from plexus_vision.detection.decision import Decision
        from plexus_vision.detection.operating_points import choose_thresholds

        matches = self._match(predictor, codec, dataset["val"])
        return codec.with_decision(Decision(choose_thresholds(matches), ScoreCalibration.fit(matches)))

    def report(self, predictor: "Predictor", dataset: DetectionDataset, codec: DetectionCodec, folder: Path) -> None:
        """Draw precision, recall, confusion, error types, counts and the worst mistakes on the test split.

        Labels that are probably missing are searched on the training and validation splits.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        from plexus_vision.detection.missing_labels_report import SPLITS, write_missing_labels
        from plexus_vision.detection.report import draw_report

        matches = self._match(predictor, codec, dataset["test"])
        thresholds = np.array(codec.decision.thresholds)
        draw_report(matches, thresholds, dataset["test"].inputs, dataset["train"].targets, folder)
        write_missing_labels(self._missing_labels(predictor, dataset, codec, SPLITS), dataset, folder)

    def find_missing_labels(
        self, predictor: "Predictor", dataset: DetectionDataset, codec: DetectionCodec
    ) -> "list[JsonObject]":
        """Find objects without a label; see `plexus_vision.detection.missing_labels.find_missing_labels`.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The calibrated codec.

        Returns:
            `split`, `image`, `label`, `box` and `probability` of each object, the most probable first.

        Raises:
            InputError: If an image cannot be read.
        """
        return [each.to_json() for each in self._missing_labels(predictor, dataset, codec, dataset.splits)]

    def card_section(
        self,
        predictor: "Predictor",
        dataset: DetectionDataset,
        codec: DetectionCodec,
        metrics: Mapping[str, float],
    ) -> Sequence[str]:
        """Return the metrics of each label with intervals.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics on the test split.

        Returns:
            Lines of Markdown.
        """
        from plexus_vision.detection.report import card_lines

        matches = self._match(predictor, codec, dataset["test"])
        return card_lines(matches, np.array(codec.decision.thresholds))

    def predict(
        self, predictor: "Predictor", codec: DetectionCodec, inputs: Sequence[Input]
    ) -> list[DetectionPrediction]:
        """Detect the objects of images, from the threshold of each label on.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Images; see `plexus.data.images.read_image`.

        Returns:
            One prediction per image.

        Raises:
            InputError: If an image cannot be read.
        """
        return [
            codec.describe(each) for each in self.detect(predictor, codec, inputs, np.array(codec.decision.thresholds))
        ]

    def detect(
        self,
        predictor: "Predictor",
        codec: DetectionCodec,
        inputs: Sequence[Input] | np.ndarray,
        least: float | np.ndarray = LEAST_SCORE,
    ) -> list[Detections]:
        """Return all detections from a score on.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Images; see `plexus.data.images.read_image`.
            least: The score; one number, or one per label.

        Returns:
            The detections of each image.

        Raises:
            InputError: If an image cannot be read.
        """
        detections = []
        for start in range(0, len(inputs), BATCH):
            part = inputs[start : start + BATCH]
            detections += codec.detections(predictor(codec.encode(part)), part, least)
        return detections

    def new_tracker(self, codec: DetectionCodec, max_gap: int = 30) -> "Tracker":
        """Return a tracker of objects across the frames of a video.

        Args:
            codec: The calibrated codec.
            max_gap: Number of frames after which a track without a detection ends.

        Returns:
            The tracker.
        """
        from plexus_vision.detection.tracking import Tracker

        return Tracker(codec.decision.thresholds, max_gap)

    def explain(self, predictor: "Predictor", codec: DetectionCodec, raw_input: Input, path: Path) -> Path:
        """Draw the detected objects, and where occluding the image lowers the score of the most probable one most.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The image.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_vision.detection.explain import draw_explanation

        return draw_explanation(predictor, codec, raw_input, path)

    def _missing_labels(
        self, predictor: "Predictor", dataset: DetectionDataset, codec: DetectionCodec, splits: Iterable[str]
    ) -> "list[MissingLabel]":
        from plexus_vision.detection.missing_labels import find_missing_labels

        def detect(inputs: Sequence[Input] | np.ndarray, least: np.ndarray) -> list[Detections]:
            return self.detect(predictor, codec, inputs, least)

        return find_missing_labels(detect, dataset, codec, splits)

    def _match(self, predictor: "Predictor", codec: DetectionCodec, examples: Examples[ImageBoxes]) -> "Matches":
        from plexus_vision.detection.evaluation import evaluate_coco, match_detections

        detections = self.detect(predictor, codec, examples.inputs)
        evaluation = evaluate_coco(detections, examples.targets, codec.labels)
        return match_detections(evaluation, detections, examples.targets, codec.labels)
