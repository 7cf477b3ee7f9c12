"""The task `faces.recognize`: whether two images show the same person, and who it is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from plexus import Examples, Metric, Task
from plexus.codec import Input
from plexus.data.example_view import ExampleView
from plexus.tasks.image_inputs import ImageInputs
from plexus.tasks.supervised_examples import SupervisedExamples
from plexus_faces.codec import FaceCodec
from plexus_faces.dataset import FaceDataset, is_frozen
from plexus_faces.face import Face
from plexus_faces.face_finder import find_faces
from plexus_faces.options import RecognizeOptions
from plexus_faces.prediction import FacesPrediction

if TYPE_CHECKING:
    import keras

    from plexus import Batches, Predictor
    from plexus.codec import JsonObject
    from plexus_faces.enrolled_picture import EnrolledPicture
    from plexus_faces.gallery import Gallery


class Recognize(ImageInputs, SupervisedExamples, Task[FaceDataset, FaceCodec, RecognizeOptions]):
    """Face recognition: verification, identification and enrolment.

    Example:
        ```python
        bundle = plexus.train("faces.recognize", data="persons/")
        a, b = bundle.task.find_faces(bundle.predictor, bundle.codec, [Path("a.jpg"), Path("b.jpg")])
        bundle.codec.match_probability(float(a[0].embedding @ b[0].embedding))
        ```
    """

    options, codec = RecognizeOptions, FaceCodec
    metric = Metric("equal_error_rate", baseline="pixel_equal_error_rate", higher_is_better=False)
    other_metrics: ClassVar[Sequence[Metric]] = (
        Metric("pixel_equal_error_rate", title="Equal error rate of aligned pixels", higher_is_better=False),
        Metric("true_accept_rate", title="True accept rate at the stated false match rate"),
        Metric("rank_1_rate", title="Images whose nearest image is of the same person"),
        Metric("false_match_rate", title="False match rate at the threshold", higher_is_better=False),
        Metric("false_non_match_rate", title="False non-match rate at the threshold", higher_is_better=False),
    )
    figure_captions: ClassVar[Mapping[str, str]] = {
        "det.svg": "Detection error trade-off: false non-match rate by false match rate, on persons of the test split",
        "similarities.svg": "Similarities of pairs of one person and of two persons, and the threshold",
        "mistakes.svg": "The least similar pairs of one person and the most similar pairs of two persons",
    }
    trial_options: ClassVar[Mapping[str, object]] = {"data": "drawn_faces", "weights": "none", "epochs": 2}
    evaluation_protocol = "on persons that training never saw"
    target_name = "person"
    explanation_suffix = ".png"

    def show_example(self, examples: Examples[Any], row: int) -> ExampleView:
        """Return the view of a face, aligned as for the network.

        Args:
            examples: Faces of a split.
            row: Index of the face.

        Returns:
            The view.
        """
        face: Face = examples.inputs[row]
        return ExampleView("image", face.chip, name=face.name.rpartition(" ")[0])

    def describe_metric(self, name: str) -> Metric:
        """Return the title and direction of a metric of all persons, or of a group.

        Args:
            name: A key of the result of `evaluate`.

        Returns:
            The description.
        """
        group, _, metric = name.rpartition(":")
        described = super().describe_metric(metric)
        return replace(described, name=name, title=f"{described.label}, group {group}") if group else described

    def load_dataset(self, options: RecognizeOptions) -> FaceDataset:
        """Read images of persons; see `plexus_faces.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        from plexus_faces.dataset import load_dataset

        return load_dataset(self.locate(options.data), options)

    def fit_codec(self, dataset: FaceDataset, options: RecognizeOptions) -> FaceCodec:
        """Return the codec, whose threshold is fitted after the training.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.

        Raises:
            InputError: If a split has too few persons for a training.
        """
        from plexus_faces.dataset import require_training_persons

        require_training_persons(dataset, options)
        return FaceCodec(options.false_match_rate, options.identification_rate)

    def resolve_options(self, dataset: FaceDataset, codec: FaceCodec, options: RecognizeOptions) -> dict[str, object]:
        """Choose epochs and learning rate by the initial weights.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        from plexus_faces.options import EPOCHS, FINE_TUNING_EPOCHS, FINE_TUNING_RATE, LEARNING_RATE

        if is_frozen(options):
            return {"epochs": 0, "learning_rate": FINE_TUNING_RATE}
        if options.weights == "none":
            return {"epochs": EPOCHS, "learning_rate": LEARNING_RATE}
        return {"epochs": FINE_TUNING_EPOCHS, "learning_rate": FINE_TUNING_RATE}

    def build_network(self, codec: FaceCodec, options: RecognizeOptions) -> "keras.Model":
        """Build the network from aligned faces to embeddings.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_faces.embedder import build_embedder

        return build_embedder(options, self.package)

    def build_learner(
        self, network: "keras.Model", dataset: FaceDataset, codec: FaceCodec, options: RecognizeOptions
    ) -> "keras.Model":
        """Add augmentation and the loss of persons.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner; the network itself without epochs.
        """
        from plexus_faces.learner import build_learner

        return build_learner(network, dataset["train"], codec, options)

    def batches(
        self, dataset: FaceDataset, codec: FaceCodec, learner: "keras.Model", options: RecognizeOptions, epoch: int
    ) -> "Batches":
        """Return batches of several images of several persons.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches.
        """
        from plexus_faces.sampling import person_batches

        return person_batches(dataset["train"], codec, options, epoch)

    def evaluate(self, predictor: "Predictor", dataset: FaceDataset, codec: FaceCodec, split: str) -> dict[str, float]:
        """Compare all pairs of images of a split.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            Equal error rate, that of plain pixels, true accept rate and rank-1 rate; of a calibrated codec also the
            error rates at its threshold, and those of groups of persons; see `plexus_faces.group_metrics`.
        """
        from plexus_faces.evaluation import evaluate_split

        return evaluate_split(predictor, dataset[split], codec, dataset.groups)

    def calibrate(self, predictor: "Predictor", dataset: FaceDataset, codec: FaceCodec) -> FaceCodec:
        """Fit threshold and match probability on the validation split, and print how uncertain the stated rate is.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.

        Returns:
            The calibrated codec.
        """
        from plexus.utils.messages import note
        from plexus_faces.calibration import describe_resolution, fit_calibration
        from plexus_faces.evaluation import embed_split

        embeddings, persons = embed_split(predictor, dataset["val"], codec)
        calibration = fit_calibration(embeddings, persons, codec.false_match_rate)
        if limits := describe_resolution(dataset["val"].targets, codec.false_match_rate):
            note(f"--false-match-rate {codec.false_match_rate:g}: {limits}")
        return codec.with_calibration(calibration)

    def report(self, predictor: "Predictor", dataset: FaceDataset, codec: FaceCodec, folder: Path) -> None:
        """Draw the trade-off of errors, the similarities and the worst mistakes on the test split.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        from plexus_faces.report import draw_report

        draw_report(predictor, dataset["test"], codec, folder)

    def card_section(
        self, predictor: "Predictor", dataset: FaceDataset, codec: FaceCodec, metrics: Mapping[str, float]
    ) -> Sequence[str]:
        """Return the intervals of the error rates, those of groups, and what the model may be used for.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics on the test split.

        Returns:
            Lines of Markdown.
        """
        from plexus_faces.report import card_lines

        return card_lines(predictor, dataset, codec, metrics)

    def predict(self, predictor: "Predictor", codec: FaceCodec, inputs: Sequence[Input]) -> list[FacesPrediction]:
        """Detect all faces of images and compute their embeddings.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Images; see `plexus.data.images.read_image`.

        Returns:
            One prediction per image, with any number of faces.

        Raises:
            InputError: If an image cannot be read.
        """
        return list(map(codec.describe, self.find_faces(predictor, codec, inputs)))

    def find_faces(
        self, predictor: "Predictor", codec: FaceCodec, inputs: Sequence[Input], thorough: bool = False
    ) -> list[list[Face]]:
        """Detect all faces of images and compute their embeddings.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Images, or faces of which the embedding is computed.
            thorough: Whether small faces are searched for in a portrait, too.

        Returns:
            The faces of each image, the largest first.

        Raises:
            InputError: If an image cannot be read; the line names it.
        """
        detections = iter(find_faces([raw for raw in inputs if not isinstance(raw, Face)], thorough))
        groups = [[raw] if isinstance(raw, Face) else next(detections) for raw in inputs]
        faces = [face for group in groups for face in group]
        embeddings = iter(codec.embed(predictor(codec.encode(faces)), faces) if faces else [])
        return [[next(embeddings) for _ in group] for group in groups]

    def explain(self, predictor: "Predictor", codec: FaceCodec, raw_input: Input, path: Path) -> Path:
        """Draw the detected faces, and where occluding the largest one changes its embedding most.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The image.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_faces.explain import draw_explanation

        return draw_explanation(predictor, codec, raw_input, path)

    def error_rates(self, codec: FaceCodec) -> tuple[list[float], list[float], list[float]]:
        """Return the error rates of verification on the pairs of the calibration.

        Args:
            codec: The calibrated codec.

        Returns:
            Thresholds in ascending order, and the false match rate and false non-match rate at each.
        """
        thresholds, matches, non_matches = zip(*codec.calibration.error_rates, strict=True)
        return list(thresholds), list(matches), list(non_matches)

    def group_faces(self, codec: FaceCodec, faces: Sequence[Face]) -> list[int]:
        """Group faces that are taken for one person.

        Args:
            codec: The calibrated codec.
            faces: Faces of `find_faces`.

        Returns:
            Number of the group of each face, from 0 on, the largest group first.

        Raises:
            InputError: If there are too many faces.
        """
        from plexus_faces.grouping import group

        if not faces:
            return []
        return [int(label) for label in group(np.stack([face.unit_embedding for face in faces]), codec.threshold)]

    def enrolled_picture(self, face: Face, label: str) -> "EnrolledPicture":
        """Return the record of a face for a gallery.

        Args:
            face: A face of `find_faces`.
            label: Name of its picture.

        Returns:
            The record, without the picture itself.
        """
        from plexus_faces.enrolled_picture import EnrolledPicture

        return EnrolledPicture.of(face.unit_embedding, face.chip.tobytes(), label)

    def gallery_model(self, manifest: "JsonObject") -> str:
        """Return the fingerprint of a bundle for its galleries: embeddings of other networks cannot be compared.

        Args:
            manifest: The manifest of the bundle.

        Returns:
            Checksum of the network and the alignment, 64 hexadecimal digits.
        """
        parts = manifest["files"]["network.onnx"], manifest["codec"]["alignment"]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    def new_gallery(self, manifest: "JsonObject") -> "Gallery":
        """Return an empty gallery of persons for a bundle.

        Args:
            manifest: The manifest of the bundle.

        Returns:
            The gallery.
        """
        from plexus_faces.gallery import Gallery

        return Gallery(self.gallery_model(manifest))
