"""The training graph of a classifier of pictures."""

import keras
from keras import ops, random

from plexus.nets.augmentation import Augmentation
from plexus_vision.options import ClassifyOptions


class PictureLearner(keras.Model):
    """Augmentation before the network; smoothed and mixed labels in its loss.

    Mixing (mixup: Zhang et al. 2018, arXiv:1710.09412; cutmix: Yun et al. 2019, arXiv:1905.04899) pairs each picture
    with its neighbour in the batch. `call` gives the logits and the share that the neighbour's label gets.
    """

    def __init__(self, network: keras.Model, augmentation: Augmentation | None, options: ClassifyOptions) -> None:
        super().__init__(name="learner")
        self.network, self.augmentation = network, augmentation
        self.smoothing, self.mixup, self.cutmix = options.label_smoothing, options.mixup, options.cutmix
        self.classes = network.output["logits"].shape[-1]
        self.seed = random.SeedGenerator(options.seed + 1)

    def call(self, inputs: dict, training: bool = False) -> dict:
        """Logits `(n, classes)`, and `mixed`, the neighbours' shares `(n,)`."""
        pictures = inputs["image"]
        mixed = ops.zeros((ops.shape(pictures)[0],))
        if training and self.augmentation is not None:
            pictures = self.augmentation(pictures)
        if training and self.mixup:
            pictures, mixed = self._mix(pictures)
        elif training and self.cutmix:
            pictures, mixed = self._cut(pictures)
        return {**self.network({"image": pictures}, training=training), "mixed": mixed}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> object:
        """Cross-entropy with smoothed labels (Szegedy et al. 2016), and the penalties on the weights."""
        own = ops.one_hot(ops.cast(y, "int32"), self.classes)
        share = y_pred["mixed"][:, None]
        target = (1 - share) * own + share * ops.roll(own, 1, axis=0)
        target = target * (1 - self.smoothing) + self.smoothing / self.classes
        loss = ops.mean(ops.categorical_crossentropy(target, y_pred["logits"], from_logits=True))
        return loss + sum(self.losses, start=0.0)

    def _mix(self, pictures: object) -> tuple[object, object]:
        pictures = ops.cast(pictures, "float32")
        share = self._beta(pictures, self.mixup)
        weight = share[:, None, None, None]
        return (1 - weight) * pictures + weight * ops.roll(pictures, 1, axis=0), share

    def _cut(self, pictures: object) -> tuple[object, object]:
        pictures = ops.cast(pictures, "float32")
        height, width = pictures.shape[1:3]
        side = ops.sqrt(self._beta(pictures, self.cutmix))
        rows, columns = self._stretch(pictures, height, side), self._stretch(pictures, width, side)
        pasted = ops.logical_and(rows[:, :, None], columns[:, None, :])
        share = ops.mean(ops.cast(pasted, "float32"), axis=(1, 2))
        return ops.where(pasted[..., None], ops.roll(pictures, 1, axis=0), pictures), share

    def _beta(self, pictures: object, strength: float) -> object:
        """The smaller share: a draw of Beta(strength, strength), folded at one half."""
        draw = random.beta((ops.shape(pictures)[0],), strength, strength, seed=self.seed)
        return ops.minimum(draw, 1 - draw)

    def _stretch(self, pictures: object, size: int, share: object) -> object:
        middle = random.uniform((ops.shape(pictures)[0], 1), 0, size, seed=self.seed)
        return ops.abs(ops.arange(size, dtype="float32") + 0.5 - middle) <= share[:, None] * size / 2
