"""The schema of the state of an `OutOfDistribution`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, Positive

MAX_FEATURES = 16_384
MAX_COMPONENTS = 256
BYTES = {"center": 4, "scale": 4, "components": 2, "means": 2}
"""Bytes of a number of each array."""


class OutOfDistributionState(CodecState):
    """State of an `OutOfDistribution`."""

    share: Annotated[float, Field(gt=0, lt=1)]
    center: Base64
    scale: Base64
    components: Base64
    variances: Annotated[list[Positive], Field(min_length=1, max_length=MAX_COMPONENTS)]
    residual: Positive
    means: Base64
    limit: Positive

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        features = _bytes(self.center) // BYTES["center"]
        if not 1 <= features <= MAX_FEATURES:
            raise ValueError(f"center: expected 1 to {MAX_FEATURES:,} numbers, found {features:,}")
        counts = {"center": features, "scale": features, "components": features * len(self.variances)}
        for name, count in counts.items():
            if _bytes(getattr(self, name)) != BYTES[name] * count:
                raise ValueError(f"{name}: expected {count:,} numbers of {BYTES[name]} bytes in base 64")
        if not self.means or _bytes(self.means) % (BYTES["means"] * features):
            raise ValueError(
                f"means: expected {features:,} numbers of {BYTES['means']} bytes for each label in base 64"
            )
        return self


def _bytes(text: str) -> int:
    """Return how many bytes a text in base 64 stands for."""
    return len(text) // 4 * 3 - text.count("=")
