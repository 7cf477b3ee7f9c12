"""Labelled images, and training images without labels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.data.examples import Examples, SupervisedDataset, identical_inputs
from plexus.data.findings import Counted
from plexus.data.label_spreading import image_descriptors, spread_labels
from plexus.data.splits import draw_evenly
from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.codec import Codec, Input
    from plexus.tasks.classification_codec import ClassificationCodec

LEFT_OUT = Counted(
    "unlabelled image is an example of the validation or test split and was left out",
    "unlabelled images are examples of the validation or test split and were left out",
)


class PartlyLabelledImages(SupervisedDataset[Examples[str]]):
    """Labelled images in the splits `train`, `val` and `test`, and training images without labels.

    Unlabelled images with the same bytes as one of the validation or the test split are left out and counted in
    `findings`. The fingerprint is that of the labelled data: the test split is the same with and without unlabelled
    images.

    Args:
        dataset: The labelled data.
        unlabelled: Images without labels, in addition to those that `labels` leaves over.
        labels: Number of labelled training examples, drawn by the seed, as equally per label as possible; or their
            rows in the training split, of shape `(labels,)`. At most as many validation examples are used then. The
            other examples of both splits are used without their labels. By default all labels are used.

    Attributes:
        unlabelled: The images without labels; their targets are empty.
        same_source: Whether all of them come from the labelled data, by `labels`.

    Raises:
        InputError: If there are fewer labels than `labels`, `labels` is below the number of classes, a row of it is
            not in the training split, a class is in none of the rows, or there is no unlabelled image.

    Example:
        ```python
        dataset = PartlyLabelledImages(task.load_dataset(options), unlabelled=files)
        len(dataset.unlabelled), dataset.findings.lines()
        ```
    """

    unlabelled: Examples[str]

    def __init__(
        self,
        dataset: SupervisedDataset[Examples[str]],
        unlabelled: "Sequence[Input] | np.ndarray" = (),
        labels: int | np.ndarray | None = None,
    ) -> None:
        super().__init__(
            dataset.splits,
            dataset.seed,
            dataset.findings,
            dataset.licence,
            dataset.val_share,
            dataset.evaluation_protocol,
            dataset.whole,
        )
        self.parts, self.fingerprint = dataset.parts, dataset.fingerprint
        self.same_source = not len(unlabelled)
        inputs = [unlabelled]
        if labels is not None:
            rows = _labelled_rows(dataset, labels)
            val_rows = draw_evenly(dataset["val"].targets, len(rows), dataset.seed)
            for split, labelled in {"train": rows, "val": val_rows}.items():
                self.splits[split], rest = _divide(dataset[split], labelled)
                inputs.append(rest)
        self._graph_labels: tuple[Codec, np.ndarray] | None = None
        self.unlabelled = self._without_duplicates(_joined([part for part in inputs if len(part)]))

    def graph_labels(self, codec: "ClassificationCodec") -> np.ndarray:
        """Return labels of the unlabelled images, spread from the labelled ones over a graph of similar images.

        They are computed once for a codec.

        Args:
            codec: The codec, which encodes images as `image`.

        Returns:
            Probabilities of shape `(unlabelled images, labels)`.
        """
        if self._graph_labels is None or self._graph_labels[0] is not codec:
            train = self["train"]
            labelled, unlabelled = (image_descriptors(part.encode(codec)["image"]) for part in (train, self.unlabelled))
            spread = spread_labels(labelled, codec.label_indices(train.targets), unlabelled, self.seed)
            self._graph_labels = codec, spread
        return self._graph_labels[1]

    def _without_duplicates(self, inputs: "Sequence[Input] | np.ndarray") -> Examples[str]:
        if not len(inputs):
            raise InputError(
                f"there is no unlabelled image: all {self.count('train'):,} training examples are labelled; pass "
                "others with --unlabelled, or a smaller number of --labels"
            )
        examples = Examples(inputs, [""] * len(inputs))
        repeated = np.zeros(len(inputs), bool)
        for split in ("val", "test"):
            repeated |= identical_inputs(examples, self[split])
        for row in np.flatnonzero(repeated).tolist():
            self.findings.remark(LEFT_OUT, _place(inputs[row], row))
        if repeated.all():
            raise InputError(
                self.findings.describe_in("all unlabelled images are examples of the validation or test split")
            )
        return examples.take(np.flatnonzero(~repeated))


def _labelled_rows(dataset: SupervisedDataset[Examples[str]], labels: int | np.ndarray) -> np.ndarray:
    """Return the training rows that are used with their labels."""
    train = dataset["train"]
    if isinstance(labels, np.ndarray):
        _check_rows(train, labels)
        return np.unique(labels)
    classes = len(set(train.targets))
    if labels > len(train):
        raise InputError(f"--labels {labels}: the training split has {len(train):,} labelled examples only")
    if labels < classes:
        raise InputError(f"--labels {labels}: expected at least one for each of the {classes} labels of the data")
    return draw_evenly(train.targets, labels, dataset.seed)


def _check_rows(train: Examples[str], rows: np.ndarray) -> None:
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise InputError(f"labels: expected an array of row numbers, got {rows.dtype} of shape {rows.shape}")
    outside = rows[(rows < 0) | (rows >= len(train))]
    if len(outside):
        raise InputError(f"labels: row {outside[0]} is not in the training split, rows 0 to {len(train) - 1:,}")
    absent = sorted(set(train.targets) - {train.targets[row] for row in rows.tolist()})
    if absent:
        raise InputError(f"labels: none of the {len(rows)} rows has the label {absent[0]!r}: add one for each label")


def _divide(examples: Examples[str], labelled: np.ndarray) -> "tuple[Examples[str], Sequence[Input] | np.ndarray]":
    """Return the examples that are used with their labels, and the inputs of the others."""
    others = np.setdiff1d(np.arange(len(examples)), labelled)
    return examples.take(labelled), examples.take(others).inputs


def _joined(parts: "list[Sequence[Input] | np.ndarray]") -> "Sequence[Input] | np.ndarray":
    """Concatenate inputs: to one array if all are arrays of the same kind, else to a list."""
    kinds = {(part.shape[1:], part.dtype) if isinstance(part, np.ndarray) else None for part in parts}
    if len(kinds) == 1 and None not in kinds:
        return np.concatenate([np.asarray(part) for part in parts])
    joined: list[Any] = [raw for part in parts for raw in part]
    return joined


def _place(raw: object, row: int) -> str:
    return f"image {row + 1:,}" if isinstance(raw, np.ndarray | bytes) else str(raw)
