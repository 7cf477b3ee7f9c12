"""The base class of classification tasks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic

import numpy as np
from typing_extensions import TypeVar

from plexus.data.examples import Examples, SupervisedDataset, identical_inputs
from plexus.errors import InputError
from plexus.metric import Metric
from plexus.metrics.calibration import fit_temperature
from plexus.metrics.classification import CLASSIFICATION_METRICS, classification_metrics
from plexus.task import OptionsT, Task
from plexus.tasks.classification_codec import ClassificationCodec
from plexus.tasks.supervised_examples import SupervisedExamples

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

    from plexus.codec import Input
    from plexus.data.batches import Batches
    from plexus.inference.predictor import Predictor

ClassificationCodecT = TypeVar("ClassificationCodecT", bound=ClassificationCodec)
ExamplesT = TypeVar("ExamplesT", bound=Examples[str], default=Examples[str])
LabelledDataset = SupervisedDataset[Examples[str]]


class ClassificationTask(
    SupervisedExamples,
    Task[SupervisedDataset[ExamplesT], ClassificationCodecT, OptionsT],
    Generic[ClassificationCodecT, OptionsT, ExamplesT],
):
    """A task that assigns one label out of several.

    A subclass reads the data (`load_dataset`), fits a `ClassificationCodec` (`fit_codec`) and builds a network whose
    output is `logits` (`build_network`). Cross-entropy, shuffled batches, accuracy, macro F1, log loss, calibration by
    a temperature, confusion matrix and reliability diagram are here. The third type argument is the class of the
    examples, `Examples[str]` by default.

    Attributes:
        label_smoothing: Fraction of the target that is spread evenly over all labels (Szegedy et al. 2016,
            arXiv:1512.00567, section 7).

    Example:
        ```python
        class Flowers(ClassificationTask[FlowerCodec, FlowerOptions]):
            options, codec = FlowerOptions, FlowerCodec

            def load_dataset(self, options): ...
            def fit_codec(self, dataset, options): ...
            def build_network(self, codec, options): ...
        ```
    """

    metric = Metric("accuracy", baseline="majority_accuracy")
    other_metrics: ClassVar[Sequence[Metric]] = CLASSIFICATION_METRICS
    figure_captions: ClassVar[Mapping[str, str]] = {
        "confusion.svg": "Confusion matrix: predicted labels of each true label",
        "calibration.svg": "Reliability diagram: accuracy by predicted probability; the area of a dot is the number of "
        "predictions",
        "mistakes.svg": "Wrong predictions with the highest probability",
        "mistakes.html": "Wrong predictions with the highest probability",
    }
    label_smoothing = 0.0

    def loss(self, options: OptionsT) -> object:
        """Return the cross-entropy of the logits.

        Args:
            options: The resolved options.

        Returns:
            The loss by output name.
        """
        from plexus.nets.losses import SmoothedCrossentropy

        return {"logits": SmoothedCrossentropy(self.label_smoothing)}

    def batches(
        self,
        dataset: SupervisedDataset[ExamplesT],
        codec: ClassificationCodecT,
        learner: "keras.Model",
        options: OptionsT,
        epoch: int,
    ) -> "Batches":
        """Return all training examples once, shuffled by seed and epoch.

        Args:
            dataset: The dataset.
            codec: The fitted codec.
            learner: The training graph.
            options: The resolved options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches.
        """
        from plexus.data.batches import Batches

        train = dataset["train"]
        x, y = train.encode(codec), codec.label_indices(train.targets)
        return Batches.shuffled(x, y, options.batch_size or 1, options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset[ExamplesT], codec: ClassificationCodecT, split: str
    ) -> dict[str, float]:
        """Compute accuracy, macro F1, log loss and calibration error.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics of `classification_metrics`.
        """
        return classification_metrics(*self.split_probabilities(predictor, dataset, codec, split))

    def calibrate(
        self, predictor: "Predictor", dataset: SupervisedDataset[ExamplesT], codec: ClassificationCodecT
    ) -> ClassificationCodecT:
        """Fit the temperature on the validation split.

        Args:
            predictor: The trained networks.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            The calibrated codec.
        """
        outputs, classes = self.split_outputs(predictor, dataset, codec, "val")
        return codec.with_temperature(fit_temperature(outputs["logits"], classes))

    def report(
        self, predictor: "Predictor", dataset: SupervisedDataset[ExamplesT], codec: ClassificationCodecT, folder: Path
    ) -> None:
        """Draw the confusion matrix, the reliability diagram and the worst mistakes on the test split.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        from plexus.report.confusion_matrix import draw_confusion_matrix
        from plexus.report.reliability_diagram import draw_reliability_diagram

        probabilities, classes = self.split_probabilities(predictor, dataset, codec, "test")
        predicted = probabilities.argmax(axis=1)
        draw_confusion_matrix(predicted, classes, codec.labels, folder / "confusion.svg")
        draw_reliability_diagram(probabilities.max(axis=1), predicted == classes, folder / "calibration.svg")
        self.draw_mistakes(dataset, codec, probabilities, folder)

    def draw_mistakes(
        self,
        dataset: SupervisedDataset[ExamplesT],
        codec: ClassificationCodecT,
        probabilities: np.ndarray,
        folder: Path,
    ) -> None:
        """Draw the most confident mistakes on the test split; nothing by default.

        Args:
            dataset: The dataset.
            codec: The codec.
            probabilities: Probabilities of the test examples, shape `(n, labels)`.
            folder: Folder to write to.
        """

    def find_duplicates(self, examples: Examples[str], reference: Examples[str]) -> np.ndarray:
        """Return which examples also occur in a reference, by their bytes.

        Args:
            examples: The examples to look up.
            reference: The examples to look in.

        Returns:
            Boolean array of shape `(examples,)`.
        """
        return identical_inputs(examples, reference)

    def predict_probabilities(
        self, predictor: "Predictor", codec: ClassificationCodecT, inputs: "Sequence[Input]"
    ) -> np.ndarray:
        """Predict the probabilities of all labels, which predictions have of the best ones only.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Raw inputs, at least one.

        Returns:
            Probabilities of shape `(n, labels)`, in the order of `codec.labels`.

        Raises:
            InputError: If an input cannot be read.
        """
        return codec.probabilities(predictor(codec.encode(inputs)))

    def split_probabilities(
        self, predictor: "Predictor", dataset: SupervisedDataset[ExamplesT], codec: ClassificationCodecT, split: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities and the true classes of a split.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            Probabilities of shape `(n, labels)` and classes of shape `(n,)`.

        Raises:
            InputError: If the split is empty.
        """
        outputs, classes = self.split_outputs(predictor, dataset, codec, split)
        return codec.probabilities(outputs), classes

    def split_outputs(
        self, predictor: "Predictor", dataset: SupervisedDataset[ExamplesT], codec: ClassificationCodecT, split: str
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return the network's outputs and the true classes of a split.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            Outputs by name, the first axis along the examples, and classes of shape `(n,)`.

        Raises:
            InputError: If the split is empty.
        """
        examples = dataset[split]
        if not len(examples):
            raise InputError(f"the {split} split is empty: pass more data, at least three examples per label")
        return predictor(examples.encode(codec)), codec.label_indices(examples.targets)
