"""The training graph of image classification with few labels."""

from dataclasses import dataclass

import keras
from keras import ops

from plexus.nets.adaptive_thresholds import AdaptiveThresholds
from plexus.nets.network_pair import split_pair

FAIRNESS_WEIGHT = 0.01
MIN_AGREEMENT, DISPUTED_WEIGHT, AGREEMENT_DECAY = 0.9, 0.5, 0.99
"""While network and graph agree on fewer images than the first, the labels of the graph have at least the second as
weight. The last is the decay per step of the moving average of the agreement."""


@dataclass(frozen=True)
class Views:
    """The augmentations of a training with few labels: layers that map bytes of images to floats from 0 to 255.

    Args:
        weak: Shifts by whole pixels and flips, which leave images as sharp as those that are predicted later.
        strong: For the views that learn the pseudo-labels of the weak ones.
        supervised: For the network that learns from labelled images alone.

    Example:
        ```python
        views = Views(weak=ImageAugmentation(AugmentationPolicy(shift=0.08), seed=0), strong=strong, supervised=strong)
        ```
    """

    weak: keras.layers.Layer
    strong: keras.layers.Layer
    supervised: keras.layers.Layer


class SemiSupervisedLearner(keras.Model):
    """Trains two networks at the same time: one from labelled and unlabelled images, one from labelled ones alone.

    The first learns the labels of weakly and strongly augmented images, and for strongly augmented unlabelled images
    the labels that it predicts for weakly augmented ones (FixMatch, Sohn et al. 2020, arXiv:2001.07685) where they
    exceed a threshold (`AdaptiveThresholds`, FreeMatch). All views pass the network in one batch, half of them weakly
    augmented, so that the statistics of batch normalization are also those of sharp images. The predictions are
    averaged with `graph_labels`, those of `plexus.data.label_spreading`, whose weight falls from 1 to 0, or to one half
    if the network often disagrees with them: both are often wrong then, and the network would confirm its mistakes.

    Args:
        network: The result of `plexus.nets.network_pair.pair_networks`.
        views: The augmentations.
        label_smoothing: Label smoothing of the network that learns from labelled images alone.
        graph_steps: Steps until the weight of `graph_labels` has fallen.
        balanced: Whether the classes are about equally frequent in the unlabelled images. If not, no loss and no
            threshold makes the predictions more even.

    Example:
        ```python
        learner = SemiSupervisedLearner(network, views, label_smoothing=0.1, graph_steps=500)
        ```
    """

    def __init__(
        self, network: keras.Model, views: Views, label_smoothing: float, graph_steps: int, balanced: bool = True
    ) -> None:
        super().__init__(name="learner")
        self.network = network
        self.with_unlabelled, self.without_unlabelled = split_pair(network).values()
        self.weak, self.strong, self.supervised = views.weak, views.strong, views.supervised
        self.classes = self.with_unlabelled.output["logits"].shape[-1]
        self.smoothing, self.graph_steps, self.balanced = label_smoothing, graph_steps, balanced
        self.thresholds = AdaptiveThresholds(self.classes, balanced=balanced)
        self.step = self.add_weight((), "zeros", trainable=False, name="step", dtype="float32")
        self.agreement = self.add_weight((), "zeros", trainable=False, name="agreement", dtype="float32")

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute the logits of all views.

        Args:
            inputs: `image` of shape `(n, height, width, channels)`; in training also `unlabelled` of shape
                `(n, ratio, height, width, channels)` and `graph_labels` of shape `(n, ratio, classes)`.
            training: Whether to augment and to use unlabelled images.

        Returns:
            `logits`; in training `supervised` of shape `(n, classes)`, `labelled` of shape `(2 n, classes)`, and
            `strong`, `pseudo_labels` and `selected` of the unlabelled images.
        """
        image = inputs["image"]
        if not training:
            return dict(self.with_unlabelled({"image": image}, training=False))
        unlabelled = ops.reshape(inputs["unlabelled"], (-1, *image.shape[1:]))
        views = [self.weak(image), self.strong(image), self.weak(unlabelled), self.strong(unlabelled)]
        logits = self.with_unlabelled({"image": ops.concatenate(views)}, training=True)["logits"]
        first, last = 2 * ops.shape(image)[0], ops.shape(unlabelled)[0]
        graph_labels = ops.reshape(inputs["graph_labels"], (-1, self.classes))
        predictions = self._predictions(logits[first : first + last], graph_labels)
        labels, selected = self.thresholds(predictions, training=True)
        supervised = self.without_unlabelled({"image": self.supervised(image)}, training=True)["logits"]
        return {
            "logits": logits[: ops.shape(image)[0]],
            "supervised": supervised,
            "labelled": logits[:first],
            "strong": logits[first + last :],
            "pseudo_labels": labels,
            "selected": selected,
        }

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the losses of both networks, which share no weight, and the penalties on the weights.

        Args:
            x: Not used.
            y: Classes of the labelled images, shape `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The sum of the losses.
        """
        outputs = y_pred or {}
        target = ops.one_hot(ops.cast(y, "int32"), self.classes)
        both = ops.concatenate([target, target])
        loss = _cross_entropy(both, outputs["labelled"]) + _cross_entropy(target, outputs["supervised"], self.smoothing)
        return loss + self._unlabelled_loss(outputs) + sum(self.losses, start=0.0)

    def _unlabelled_loss(self, outputs: dict[str, keras.KerasTensor]) -> keras.KerasTensor:
        labels, selected = outputs["pseudo_labels"], outputs["selected"]
        consistency = keras.losses.categorical_crossentropy(labels, outputs["strong"], from_logits=True)
        loss = ops.mean(selected * consistency)
        if not self.balanced:
            return loss
        return loss + FAIRNESS_WEIGHT * self.thresholds.fairness_loss(ops.softmax(outputs["strong"]), labels, selected)

    def _predictions(self, logits: keras.KerasTensor, graph_labels: keras.KerasTensor) -> keras.KerasTensor:
        """Return the probabilities of weakly augmented images, averaged with the graph's labels."""
        probabilities = ops.softmax(logits)
        agrees = ops.equal(ops.argmax(probabilities, axis=1), ops.argmax(graph_labels, axis=1))
        weight = self._graph_weight(ops.mean(ops.cast(agrees, "float32")))
        return ops.stop_gradient((1 - weight) * probabilities + weight * graph_labels)

    def _graph_weight(self, agreement: keras.KerasTensor) -> keras.KerasTensor:
        """Return the weight of the graph's labels in this step."""
        self.agreement.assign(AGREEMENT_DECAY * self.agreement + (1 - AGREEMENT_DECAY) * agreement)
        least = ops.where(self.agreement < MIN_AGREEMENT, DISPUTED_WEIGHT, 0.0)
        weight = ops.maximum(1 - self.step / max(self.graph_steps, 1), least)
        self.step.assign(self.step + 1)
        return weight


def _cross_entropy(target: keras.KerasTensor, logits: keras.KerasTensor, smoothing: float = 0.0) -> keras.KerasTensor:
    return ops.mean(keras.losses.categorical_crossentropy(target, logits, from_logits=True, label_smoothing=smoothing))
