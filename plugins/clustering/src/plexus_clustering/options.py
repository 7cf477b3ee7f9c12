"""Hyperparameters of clustering, and the data it reads: flags of `plexus train clustering.deep`."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from plexus import Options

METHODS_WITH_TRAINING = frozenset({"deep", "n2d"})
"""Methods that train a network; the others compute the clusters and keep labelled reference points."""


Normalize = Literal["auto", "horizontal", "vertical", "no"]


def _parse_auto(value: object) -> object:
    return None if value == "auto" else value


class ClusterOptions(Options):
    """Options of `clustering.deep`.

    Example:
        ```python
        ClusterOptions.parse({"data": "customers.csv", "clusters": 5})
        ```
    """

    defaults = {"data": "digits", "averaging": 0.0}

    label: str | None = Field(
        None,
        description="Column of a table with the true classes, used only for evaluation; none: no such column. By "
        "default none, and for .arff the attribute `class`.",
    )
    method: Literal["auto", "deep", "n2d", "tomato", "hdbscan", "kmeans"] = Field(
        "auto",
        description="deep: autoencoder whose embedding is refined by pseudo-labels; n2d: the same without "
        "augmentation, with one update of the pseudo-labels; tomato: modes of the density, or a consensus of k-means "
        "and mixtures; hdbscan: density clusters and noise; kmeans; auto: deep for images, texts and wide tables, "
        "else tomato.",
    )
    clusters: Annotated[int | None, BeforeValidator(_parse_auto)] = Field(
        None, ge=1, le=1000, description="Number of clusters; auto: estimated from the data."
    )
    augment: Literal["auto", "none", "drawing", "object", "photo"] = Field(
        "auto",
        description="Augmentation of images: drawing (rotation, shear, shift), object (the same, weaker), photo (flip, "
        "shift, colors).",
    )
    normalize: Normalize = Field(
        "auto",
        description="Normalization of the position, slant and size of drawings: horizontal, the slant of handwriting; "
        "vertical, that of transposed images; no; auto: chosen for drawings on a plain background, of 16 pixels or "
        "more.",
    )
    size: int | None = Field(
        None, ge=4, le=256, description="Longer side of the network's images in pixels; by default that of the data."
    )
    embedding: int = Field(16, ge=2, le=512, description="Dimensions of the learned embedding.")
    epochs: int | None = Field(
        None, ge=0, le=100_000, description="Number of training epochs; 0 for the methods without training."
    )
