"""The ability `Pretrainable` of a task."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Pretrainable(Protocol):
    """A task whose network can be pretrained without labels: `plexus pretrain`, then `plexus train --from`.

    Attributes:
        pretraining_task: Id of the task of the same plugin that trains the network without its output layer.

    Example:
        ```python
        class Flowers(ImageInputs, ClassificationTask[FlowerCodec, FlowerOptions]):
            pretraining_task = "flowers.pretrain"
        ```
    """

    pretraining_task: str
