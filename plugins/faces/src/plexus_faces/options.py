"""Hyperparameters of face recognition, and the data it reads: flags of `plexus train faces.recognize`."""

from pydantic import Field

from plexus import Options

EPOCHS, LEARNING_RATE = 20, 3e-4
"""Of a network that is trained from nothing."""
FINE_TUNING_EPOCHS, FINE_TUNING_RATE = 5, 1e-4
"""Of a network with pretrained weights."""


class RecognizeOptions(Options):
    """Options of `faces.recognize`.

    Example:
        ```python
        RecognizeOptions.parse({"data": "orl_faces", "weights": "dlib"})
        ```
    """

    defaults = {"data": "drawn_faces", "learning_rate": None}

    epochs: int | None = Field(
        None,
        ge=0,
        le=100_000,
        description="Number of training epochs; by default 0 with --weights dlib.",
    )
    weights: str = Field(
        "dlib",
        description="Initial weights: dlib (of the package face-recognition-models), none, or a bundle to fine-tune.",
    )
    false_match_rate: float = Field(
        1e-3,
        gt=0,
        lt=0.5,
        description="Share of the pairs of different persons that the threshold may take for one person.",
    )
    identification_rate: float = Field(
        0.01,
        gt=0,
        lt=0.5,
        description="Share of the faces of unknown persons for which an identification may return a person.",
    )
