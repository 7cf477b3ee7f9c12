"""The training graph of a training with unlabelled images."""

import keras

from plexus.nets.network_pair import pair_networks, split_pair
from plexus.nets.semi_supervised import SemiSupervisedLearner, Views
from plexus_medical.learner import rows_of_others
from plexus_medical.network import member_networks

Outputs = dict[str, dict[str, keras.KerasTensor]]


class PartlyLabelledLearner(keras.Model):
    """Trains two members for each fold, one with unlabelled images and one without, on the labels of all other folds.

    A member learns from the pseudo-labels that it predicts itself (`SemiSupervisedLearner`), so that no label of its
    fold reaches it through another member. Nothing makes the labels more even: that is left to the data.

    Args:
        network: A pair of two results of `build_network`, as of `plexus.nets.network_pair.pair_networks`.
        views: The augmentations.
        graph_steps: Steps in which labels from the neighbour graph have a weight.

    Attributes:
        members: The learner of each fold's two members.

    Example:
        ```python
        pair = pair_networks(build_network(shape, folds), build_network(shape, folds))
        learner = PartlyLabelledLearner(pair, build_views(1.0, mirror=False, seed=0), graph_steps=200)
        ```
    """

    def __init__(self, network: keras.Model, views: Views, graph_steps: int) -> None:
        super().__init__(name="learner")
        self.network = network
        members = zip(*map(member_networks, split_pair(network).values()), strict=True)
        self.members = [
            SemiSupervisedLearner(pair_networks(*pair), views, 0.0, graph_steps, balanced=False) for pair in members
        ]

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> Outputs:
        """Compute the logits of all members and views.

        Args:
            inputs: A batch of `partly_labelled_fold_batches`.
            training: Whether to augment and to use unlabelled images.

        Returns:
            The outputs of `SemiSupervisedLearner.call` by member, `member_0` and so on, each for the rows of the other
            folds.
        """
        return {
            _name(fold): member(self._inputs_of(inputs, fold, training), training=training)
            for fold, member in enumerate(self.members)
        }

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: Outputs | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the mean of the members' losses.

        Args:
            x: Not used.
            y: 1 or 0, shape `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        count, outputs = len(self.members), y_pred or {}
        losses = [
            member.compute_loss(y=rows_of_others(y, fold, count), y_pred=outputs[_name(fold)])
            for fold, member in enumerate(self.members)
        ]
        return sum(losses, start=0.0) / count

    def _inputs_of(
        self, inputs: dict[str, keras.KerasTensor], fold: int, training: bool
    ) -> dict[str, keras.KerasTensor]:
        """Return the rows of the other folds; of the graph's labels, those without the fold's labels."""
        images = {"image": inputs["image"]}
        if training:
            images |= {"unlabelled": inputs["unlabelled"], "graph_labels": inputs["graph_labels"][:, :, fold]}
        return {name: rows_of_others(values, fold, len(self.members)) for name, values in images.items()}


def _name(fold: int) -> str:
    return f"member_{fold}"
