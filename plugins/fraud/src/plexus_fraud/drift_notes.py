"""Notes on features whose distribution has changed since training."""

from collections.abc import Mapping

import numpy as np

from plexus.metrics.drift import LARGE_DRIFT, ReferenceDistribution
from plexus.utils.messages import note
from plexus_fraud.codec import FraudCodec

MAX_FEATURES = 10
"""Features that a note describes."""


def note_drift(codec: FraudCodec, x: np.ndarray, drift: Mapping[str, float]) -> None:
    """Print which features have drifted, where their values are now, and what to do; nothing without large drift.

    Args:
        codec: The codec.
        x: Features of shape `(n, features)`.
        drift: The population stability index of each feature, the largest first.
    """
    large = [(name, psi) for name, psi in drift.items() if psi > LARGE_DRIFT]
    if not large:
        return
    places = {name: place for place, name in enumerate(codec.encoder.names)}
    lines = [
        f"{name} {psi:.2f} ({_largest_change(codec.distributions[places[name]], x[:, places[name]])})"
        for name, psi in large[:MAX_FEATURES]
    ]
    more = f", and {len(large) - MAX_FEATURES} more" if len(large) > MAX_FEATURES else ""
    note(
        f"large drift since training (population stability index above {LARGE_DRIFT:g}): {', '.join(lines)}{more}; the "
        "model has seen few such transactions: train it on recent ones, or drop a column that counts up with --ignore"
    )


def _largest_change(reference: ReferenceDistribution, values: np.ndarray) -> str:
    """Describe the range whose share of the values has grown most."""
    before, after = np.array(reference.fractions), reference.bin_fractions(values)
    place = int(np.argmax(after - before))
    return f"{_range(reference.edges, place)}: {before[place]:.0%} in training, {after[place]:.0%} now"


def _range(edges: tuple[float, ...], place: int) -> str:
    if not edges:
        return "all values"
    if place == len(edges):
        return f"above {edges[-1]:.6g}"
    return f"up to {edges[place]:.6g}" if place == 0 else f"above {edges[place - 1]:.6g}, up to {edges[place]:.6g}"
