"""Gradient norms by layer and epoch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plexus.codec import JsonObject


def draw_gradient_norms(history: "Sequence[JsonObject]") -> "Figure":
    """Draw the norm of each layer's gradient.

    Args:
        history: The history of the training, of epochs with `gradients`: norms by layer.

    Returns:
        The figure: a column per epoch, a row per layer, from the input down to the output.
    """
    import numpy as np
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    layers = list(history[-1]["gradients"])
    norms = np.array([[line["gradients"].get(layer, np.nan) for line in history] for layer in layers])
    positive = norms[np.isfinite(norms) & (norms > 0)]
    low, high = (positive.min(), positive.max()) if len(positive) else (1e-6, 1.0)
    figure = Figure(figsize=(9, 1.3 + 0.2 * len(layers)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(
        np.clip(norms, low, None),
        aspect="auto",
        cmap="viridis",
        norm=LogNorm(low, max(high, 1.001 * low)),
        extent=(history[0]["epoch"] + 0.5, history[-1]["epoch"] + 1.5, len(layers) - 0.5, -0.5),
        interpolation="nearest",
    )
    axes.set_yticks(range(len(layers)), [layer[-40:] for layer in layers], fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set(xlabel="epoch", title="Norm of each layer's gradient (median of the epoch's steps)")
    figure.colorbar(image, ax=axes)
    return figure
