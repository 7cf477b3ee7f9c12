"""Which detections count as objects, and how probable they are."""

from dataclasses import dataclass

from plexus_vision.detection.calibration import ScoreCalibration


@dataclass(frozen=True)
class Decision:
    """Thresholds and calibration of the scores, fitted on the validation split.

    Args:
        thresholds: The score from which a detection counts as an object, by label.
        calibration: The probability that a detection is correct, by score and label.

    Example:
        ```python
        Decision([0.3, 0.4], ScoreCalibration([1.0, 1.0], [0.0, 0.0]))
        ```
    """

    thresholds: list[float]
    calibration: ScoreCalibration
