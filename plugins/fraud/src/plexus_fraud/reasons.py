"""What raised a probability, in words."""

from typing import TYPE_CHECKING

import numpy as np

from plexus_fraud.codec import FraudCodec

if TYPE_CHECKING:
    from plexus.task import Predictor

SHOWN = 3
LEAST = 0.1
"""Of the logarithm of the odds: less is no reason."""


def pushes(predictor: "Predictor", codec: FraudCodec, x: np.ndarray) -> np.ndarray:
    """By how much the logarithm of the odds falls if a number were the typical one `(n, features)`."""
    typical = np.array(codec.typical, np.float32)
    rows, features = x.shape
    varied = np.repeat(x[:, None], features, axis=1)
    varied[:, np.arange(features), np.arange(features)] = typical
    logits = predictor({"x": x})["logit"][:, None], predictor({"x": varied.reshape(-1, features)})["logit"]
    return (logits[0] - logits[1].reshape(rows, features)) * codec.scale[0]


def reasons(predictor: "Predictor", codec: FraudCodec, x: np.ndarray) -> list[tuple[str, ...]]:
    """The numbers that raised each probability most, and what they would be usually."""
    found = []
    for row, strengths in zip(x, pushes(predictor, codec, x), strict=True):
        best = [at for at in np.argsort(-strengths)[:SHOWN] if strengths[at] >= LEAST]
        found.append(tuple(f"{codec.names[at]}: {row[at]:.4g} (usual {codec.typical[at]:.4g})" for at in best))
    return found
