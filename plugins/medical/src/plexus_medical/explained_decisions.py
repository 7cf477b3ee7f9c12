"""The explanation of single decisions, as a part of a task."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus.codec import Input

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_medical.codec import MedicalCodec
    from plexus_medical.decision_explanation import DecisionExplanation


class ExplainedDecisions:
    """Mixin for tasks whose codec is a `MedicalCodec`: saliency maps, in numbers and drawn.

    Example:
        ```python
        class Classify(ExplainedDecisions, ClassificationTask[MedicalCodec, ClassifyOptions]): ...
        ```
    """

    explanation_suffix = ".png"

    def explain(self, predictor: "Predictor", codec: "MedicalCodec", raw_input: Input, path: Path) -> Path:
        """Draw where the decision for an image comes from, and whether the map is better than a random one.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The image.
            path: The PNG file to write.

        Returns:
            The file.

        Raises:
            InputError: If the image cannot be read.
        """
        from plexus_medical.explain import draw_explanation

        return draw_explanation(predictor, codec, raw_input, path)

    def explain_decision(
        self, predictor: "Predictor", codec: "MedicalCodec", raw_input: Input
    ) -> "DecisionExplanation":
        """Compute where the decision for an image comes from: what `explain` draws.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The image.

        Returns:
            The image, the saliency map and its deletion curve.

        Raises:
            InputError: If the image cannot be read.
        """
        from plexus_medical.explain import explain_decision

        return explain_decision(predictor, codec, raw_input)
