"""The explanation of a decision in numbers."""

from dataclasses import dataclass

import numpy as np

from plexus_medical.deletion import DeletionCurve
from plexus_medical.prediction import MedicalPrediction


@dataclass(frozen=True)
class DecisionExplanation:
    """Where the decision for an image comes from, and a test of it.

    Args:
        image: The image as the network sees it, bytes of shape `(height, width, channels)`.
        prediction: The prediction for it.
        saliency: Change of the log-odds of the outcome that each place accounts for, shape `(height, width)`: above 0
            it speaks for the outcome, below 0 against it.
        curve: The deletion curve of the map, of the log-odds of the decision.

    Example:
        ```python
        explanation = bundle.task.explain_decision(bundle.predictor, bundle.codec, Path("chest.dcm"))
        explanation.curve.is_reliable
        ```
    """

    image: np.ndarray
    prediction: MedicalPrediction
    saliency: np.ndarray
    curve: DeletionCurve
