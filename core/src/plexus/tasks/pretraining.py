"""The base class of tasks that learn features without labels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic

import numpy as np

from plexus.data.examples import Examples, SupervisedDataset
from plexus.metric import Metric
from plexus.metrics.effective_rank import effective_rank, embedding_spread
from plexus.task import CodecT, OptionsT, Task
from plexus.tasks.supervised_examples import SupervisedExamples
from plexus.utils.messages import note

if TYPE_CHECKING:
    import keras

    from plexus.codec import Input
    from plexus.data.batches import Batches
    from plexus.data.findings import Findings
    from plexus.inference.predictor import Predictor

UnlabelledDataset = SupervisedDataset[Examples[str]]
"""Inputs without labels; all targets are empty."""
HELD_OUT_SHARE, MAX_HELD_OUT = 0.1, 1000
MIN_RANK, MIN_SPREAD = 2.0, 0.05
"""A representation with less has collapsed: nearly all inputs have the same features."""


class PretrainingTask(SupervisedExamples, Task[UnlabelledDataset, CodecT, OptionsT], Generic[CodecT, OptionsT]):
    """A task that learns features without labels, for trainings that start from its bundle with `--from`.

    A subclass reads the data (`load_dataset`, with `unlabelled_dataset`), fits a codec that decodes `embedding`, builds
    a network whose output is `embedding` (`build_network`), and a learner such as `BarlowTwinsLearner`. The accuracy
    that the features will lead to cannot be computed without labels. Computed are the effective rank, which ranks
    features of one method (RankMe), and the spread, both of which show a collapse.

    Example:
        ```python
        class PretrainFlowers(PretrainingTask[EmbeddingCodec, PretrainOptions]):
            options, codec = PretrainOptions, EmbeddingCodec

            def load_dataset(self, options): ...
            def fit_codec(self, dataset, options): ...
            def build_network(self, codec, options): ...
            def build_learner(self, network, dataset, codec, options): ...
        ```
    """

    metric = Metric("effective_rank", title="Effective rank of the embeddings")
    other_metrics: ClassVar[Sequence[Metric]] = (
        Metric("embedding_spread", title="Spread of the embeddings", higher_is_better=None),
    )
    evaluation_protocol = "on inputs that training never saw"
    restore_best_weights = False

    def loss(self, options: OptionsT) -> None:
        """Leave the loss to the learner.

        Args:
            options: The options.
        """

    def batches(
        self, dataset: UnlabelledDataset, codec: CodecT, learner: "keras.Model", options: OptionsT, epoch: int
    ) -> "Batches":
        """Return all training inputs once, shuffled by seed and epoch.

        Args:
            dataset: The dataset.
            codec: The fitted codec.
            learner: The training graph.
            options: The resolved options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches; their targets are zeros, which no learner uses.
        """
        from plexus.data.batches import Batches

        train = dataset["train"]
        x, y = train.encode(codec), np.zeros(len(train), np.float32)
        return Batches.shuffled(x, y, options.batch_size or 1, options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: UnlabelledDataset, codec: CodecT, split: str
    ) -> dict[str, float]:
        """Compute effective rank and spread of the embeddings.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            `effective_rank` and `embedding_spread`.
        """
        embeddings = predictor(dataset[split].encode(codec))["embedding"]
        return {"effective_rank": effective_rank(embeddings), "embedding_spread": embedding_spread(embeddings)}

    def has_same_outputs(self, codec: CodecT, other: CodecT) -> bool:
        """Return that the features mean the same, so that a pretraining can go on from another one.

        Args:
            codec: The codec of the training.
            other: The codec of the bundle to start from.

        Returns:
            True: the output is that of layers which all have the same place.
        """
        return True

    def card_section(
        self, predictor: "Predictor", dataset: UnlabelledDataset, codec: CodecT, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write what the bundle is for, and whether the representation has collapsed.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        lines = [
            "## Use",
            "",
            "The features were learned without labels. Start a training from them with `--from`; a prediction is the",
            "embedding of an input. The metrics do not say how accurate a classifier with these features will be.",
        ]
        collapse = describe_collapse(metrics)
        if collapse:
            note(collapse)
            lines += ["", f"**{collapse[0].upper()}{collapse[1:]}.**"]
        return lines


def describe_collapse(metrics: Mapping[str, float]) -> str:
    """Say that a representation has collapsed, if it has.

    Args:
        metrics: `effective_rank` and `embedding_spread`.

    Returns:
        One line; empty if it has not.
    """
    rank, spread = metrics["effective_rank"], metrics["embedding_spread"]
    if rank >= MIN_RANK and spread >= MIN_SPREAD:
        return ""
    return (
        f"the representation has collapsed, nearly all inputs have the same features (effective rank {rank:.1f}, "
        f"spread {spread:.3f}): do not start from it; use more data, a larger --batch-size or a lower --learning-rate"
    )


def unlabelled_dataset(
    inputs: "Sequence[Input] | np.ndarray", seed: int, findings: "Findings", licence: str = "not stated"
) -> UnlabelledDataset:
    """Split inputs without labels.

    Args:
        inputs: Raw inputs, at least three.
        seed: Random seed of the splits.
        findings: What was repaired or dropped while the data was read.
        licence: Licence of the data.

    Returns:
        The dataset; a tenth of the inputs, at most `MAX_HELD_OUT`, is the validation split, and as many the test split.
    """
    examples = Examples(inputs, [""] * len(inputs))
    held_out = max(min(round(HELD_OUT_SHARE * len(inputs)), MAX_HELD_OUT), 1)
    order = np.random.default_rng(seed).permutation(len(inputs))
    rows = {"test": order[:held_out], "val": order[held_out : 2 * held_out], "train": order[2 * held_out :]}
    parts = {split: examples.take(np.sort(part)) for split, part in rows.items()}
    return SupervisedDataset(parts, seed, findings, licence, whole=examples)
