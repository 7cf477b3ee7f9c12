"""The ability `Explainable` of a task."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT

if TYPE_CHECKING:
    from plexus.codec import Input
    from plexus.inference.predictor import Predictor


@runtime_checkable
class Explainable(Protocol[CodecInT]):
    """A task that explains single predictions.

    Attributes:
        explanation_suffix: Suffix of the file that `explain` writes: `.png`.

    Example:
        ```python
        if isinstance(task, Explainable):
            task.explain(predictor, codec, image, Path(f"explanation{task.explanation_suffix}"))
        ```
    """

    explanation_suffix: str

    def explain(self, predictor: "Predictor", codec: CodecInT, raw_input: "Input", path: Path) -> Path:
        """Write the explanation of one prediction.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The raw input.
            path: File to write.

        Returns:
            The file that was written.

        Raises:
            InputError: If the input cannot be read.
        """
        ...
