"""The training graph."""

import keras
from keras import ops

from plexus_medical.augmentation import ScanAugmentation
from plexus_medical.batches import FOLD
from plexus_medical.network import LOGITS, member_networks


class MedicalLearner(keras.Model):
    """Trains the member of each fold on the images of all other folds.

    In batches of `fold_batches`, the images that a member learns from are at the same places: no others are computed.
    In other batches the loss of a member is still of images of other folds alone.

    Args:
        network: The result of `build_network`.
        augmentation: The augmentation layer, if any.

    Example:
        ```python
        learner = MedicalLearner(network, ScanAugmentation(1.0, mirror=False, seed=0))
        learner({"image": images, "fold": folds}, training=True)  # shape (n, folds, 2)
        ```
    """

    def __init__(self, network: keras.Model, augmentation: ScanAugmentation | None) -> None:
        super().__init__(name="learner")
        self.network, self.augmentation = network, augmentation
        self.members = member_networks(network)

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> keras.KerasTensor:
        """Compute the logits of each member for the images at the places that it learns from.

        Args:
            inputs: `image` of shape `(n, height, width, channels)`, and `fold` of shape `(n,)`; n is a multiple of the
                number of folds.
            training: Whether to augment.

        Returns:
            Logits of shape `(folds, n / folds * (folds - 1), 2)`.
        """
        images = inputs["image"]
        if training and self.augmentation is not None:
            images = self.augmentation(images)
        return ops.stack(
            [
                member({"image": rows_of_others(images, fold, len(self.members))}, training=training)[LOGITS]
                for fold, member in enumerate(self.members)
            ]
        )

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: keras.KerasTensor = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the mean cross-entropy of the members, each on images of other folds.

        Args:
            x: The inputs, with `fold`.
            y: 1 or 0, shape `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        members = len(self.members)
        outcomes = ops.stack([rows_of_others(ops.cast(y, "int32"), fold, members) for fold in range(members)])
        folds = ops.stack([rows_of_others((x or {})[FOLD], fold, members) for fold in range(members)])
        learns = ops.cast(folds != ops.arange(members, dtype=folds.dtype)[:, None], "float32")
        losses = keras.losses.sparse_categorical_crossentropy(outcomes, y_pred, from_logits=True)
        means = ops.sum(losses * learns, axis=1) / ops.maximum(ops.sum(learns, axis=1), 1.0)
        return ops.mean(means) + sum(self.losses, start=0.0)


def rows_of_others(values: keras.KerasTensor, fold: int, folds: int) -> keras.KerasTensor:
    """Return the rows at the places of other folds: all but each `folds`-th row from `fold` on.

    Args:
        values: Tensor of shape `(n, …)`; n is a multiple of the number of folds.
        fold: The fold whose rows are left out, counted from 0.
        folds: Number of folds.

    Returns:
        Tensor of shape `(n / folds * (folds - 1), …)`.
    """
    shape = ops.shape(values)[1:]
    turns = ops.reshape(values, (-1, folds, *shape))
    others = ops.concatenate([turns[:, :fold], turns[:, fold + 1 :]], axis=1)
    return ops.reshape(others, (-1, *shape))
