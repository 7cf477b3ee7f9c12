"""Labelled examples and datasets of them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

import numpy as np

from plexus.codec import Arrays, Codec, Input
from plexus.data.findings import Findings
from plexus.data.splits import MAX_HELD_OUT, TEST_SHARE, split_rows
from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.dataset import Dataset

TargetT = TypeVar("TargetT")


@dataclass
class Examples(Generic[TargetT]):
    """Raw inputs and their targets. They are encoded once for a codec and cached.

    Args:
        inputs: An array, or a list of files, texts or rows.
        targets: One target per input: labels as strings, numbers for regression.

    Example:
        ```python
        examples = Examples(["good film", "bad film"], ["positive", "negative"])
        ```
    """

    inputs: Sequence[Input] | np.ndarray
    targets: Sequence[TargetT]
    _encoded: tuple[Codec, Arrays] | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.inputs)

    def encode(self, codec: Codec) -> Arrays:
        """Return the network's inputs for all examples.

        Args:
            codec: The codec.

        Returns:
            Arrays by name, the first axis along the examples.
        """
        if self._encoded is None or self._encoded[0] is not codec:
            self._encoded = codec, codec.encode(cast("Sequence[Input]", self.inputs))  # an array is indexed like one
        return self._encoded[1]

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the examples.

        Args:
            rows: Indices of shape `(n,)`.

        Returns:
            The examples of these rows.
        """
        inputs = self.inputs[rows] if isinstance(self.inputs, np.ndarray) else [self.inputs[i] for i in rows]
        return type(self)(inputs, [self.targets[i] for i in rows])


ExamplesT = TypeVar("ExamplesT", bound="Examples[Any]")


class SupervisedDataset(Generic[ExamplesT]):
    """Labelled examples in the splits `train`, `val` and `test`.

    Args:
        parts: `train`, and `val` and `test` if the data came with them. Missing splits are split off the training
            examples, stratified by the targets. Data without `train` can be evaluated alone.
        seed: Random seed of the splits.
        findings: What was repaired or dropped while the data was read.
        licence: Licence of the data, for the model card.
        val_share: Share of the validation split among all that is not for testing, if `val` is missing.
        evaluation_protocol: How the test split was made, for the model card; None for the task's own words.
        whole: All examples, for data without an official test split that is divided already.

    Attributes:
        splits: The examples of each split by name.
        unlabelled: Training inputs without labels; None if there are none.
        same_source: Whether these come from the labelled data: their labels are not used.
        fingerprint: Checksum of inputs and targets.

    Example:
        ```python
        dataset = SupervisedDataset({"train": Examples(texts, labels)}, seed=0, findings=Findings())
        dataset["test"].targets
        ```
    """

    unlabelled: "Examples[Any] | None" = None
    same_source = False

    def __init__(
        self,
        parts: Mapping[str, ExamplesT],
        seed: int,
        findings: Findings,
        licence: str = "not stated",
        val_share: float = 0.1,
        evaluation_protocol: str | None = None,
        whole: ExamplesT | None = None,
    ) -> None:
        self.parts, self.seed, self.findings, self.licence = dict(parts), seed, findings, licence
        self.val_share, self.evaluation_protocol, self.whole = val_share, evaluation_protocol, whole
        self.splits = self._complete()

    def __getitem__(self, split: str) -> ExamplesT:
        if split == "unseen":
            return self._unseen()
        if split not in self.splits:
            raise InputError(
                f"the data has no {split} split, only {' and '.join(self.splits)}: it can be evaluated alone"
            )
        return self.splits[split]

    @cached_property
    def fingerprint(self) -> str:
        """Checksum of raw inputs (of files: names and sizes) and targets, in order.

        Returns:
            SHA-256 in hexadecimal digits.
        """
        digest = hashlib.sha256()
        for name, examples in sorted(self.parts.items()):
            digest.update(f"{name} {len(examples)}\n".encode())
            _update(digest, examples)
        return digest.hexdigest()

    @cached_property
    def unlabelled_fingerprint(self) -> str | None:
        """Checksum of the inputs without labels, of files: names and sizes; a run is resumed with the same ones only.

        It is not a part of `fingerprint`: the test split is the same with other unlabelled inputs.

        Returns:
            SHA-256 in hexadecimal digits; None without such inputs.
        """
        if self.unlabelled is None:
            return None
        digest = hashlib.sha256()
        for raw_input in self.unlabelled.inputs:
            if isinstance(raw_input, Path):
                digest.update(f"{raw_input.name} {raw_input.stat().st_size}\n".encode(errors="surrogateescape"))
            else:
                digest.update(_content(raw_input))
        return digest.hexdigest()

    def count(self, split: str) -> int:
        """Return the number of examples in a split.

        Args:
            split: `train`, `val`, `test` or `unseen`.

        Returns:
            The number of examples; 0 if the data has no such split.
        """
        return len(self[split]) if split in {*self.splits, "unseen"} else 0

    def replace_train(self, examples: ExamplesT) -> "SupervisedDataset[ExamplesT]":
        """Return the dataset with other training examples; validation and test split stay as they are.

        Args:
            examples: The training examples, made from those of this dataset: with pseudo-labels, say.

        Returns:
            A new dataset. Its fingerprint is that of this one, since both were read from the same data.
        """
        parts = {**self.splits, "train": examples}
        dataset = SupervisedDataset(
            parts, self.seed, self.findings, self.licence, self.val_share, self.evaluation_protocol
        )
        dataset.fingerprint = self.fingerprint
        return dataset

    def _complete(self) -> dict[str, ExamplesT]:
        splits = dict(self.parts)
        if "train" not in splits:  # data for an evaluation alone
            return splits
        for name, share in (("test", TEST_SHARE), ("val", self.val_share)):
            if name not in splits:
                splits["train"], splits[name] = self._split(splits["train"], share)
        return splits

    def _split(self, examples: ExamplesT, share: float) -> tuple[ExamplesT, ExamplesT]:
        first, second = split_rows(examples.targets, min(share, MAX_HELD_OUT / len(examples)), self.seed)
        return examples.take(first), examples.take(second)

    def _unseen(self) -> ExamplesT:
        """Return the examples for the evaluation of a model of other data: the test split, else all of them."""
        if self.whole is not None:
            return self.whole
        if "test" in self.parts or len(self.parts) > 1:
            return self.splits["test"]
        return next(iter(self.parts.values()))


def split_counts(dataset: "Dataset") -> dict[str, int]:
    """Return the numbers of examples that a model is trained and evaluated on.

    Args:
        dataset: The dataset.

    Returns:
        Numbers by split, `train`, `val` and `test`; without `val` if it is the training split, for metrics that are
        computed out of fold: the counts would not sum to the rows of the data.
    """
    names = ["train", "test"] if is_out_of_fold(dataset) else ["train", "val", "test"]
    return {name: dataset.count(name) for name in names}


def is_out_of_fold(dataset: "Dataset") -> bool:
    """Return whether validation metrics are computed from out-of-fold predictions for the training examples.

    Args:
        dataset: The dataset.

    Returns:
        Whether its validation split is its training split.
    """
    splits = dataset.splits if isinstance(dataset, SupervisedDataset) else {}
    return "val" in splits and splits["val"] is splits.get("train")


def identical_inputs(examples: Examples[TargetT], reference: Examples[TargetT]) -> np.ndarray:
    """Return which examples have the same bytes as one of a reference, whatever their targets.

    Args:
        examples: The examples to look up.
        reference: The examples to look in.

    Returns:
        Boolean array of shape `(examples,)`.
    """
    contents = set(map(_content, reference.inputs))
    return np.array([_content(raw_input) in contents for raw_input in examples.inputs], bool)


def _content(raw_input: Input) -> bytes:
    if isinstance(raw_input, Path):
        return hashlib.sha256(raw_input.read_bytes()).digest()
    content = raw_input.encode() if isinstance(raw_input, str) else np.ascontiguousarray(raw_input).data
    return hashlib.sha256(content).digest()


def _update(digest: "hashlib._Hash", examples: Examples[TargetT]) -> None:
    if isinstance(examples.inputs, np.ndarray):
        digest.update(np.ascontiguousarray(examples.inputs).data)
    else:
        for raw_input in examples.inputs:
            size = raw_input.stat().st_size if isinstance(raw_input, Path) else ""
            # A name that is not UTF-8 is hashed as the bytes that it is.
            digest.update(f"{getattr(raw_input, 'name', raw_input)} {size}\n".encode(errors="surrogateescape"))
    digest.update("\n".join(map(str, examples.targets)).encode())
