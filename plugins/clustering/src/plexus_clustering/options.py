"""What clustering can be told."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from plexus import Options


def _auto(value: Any) -> Any:
    return None if value == "auto" else value


class ClusterOptions(Options):
    """Settings of `clustering.deep`."""

    data: str = Field(
        "digits",
        description="a table (.csv, .tsv, .parquet, .arff); a folder of pictures; IDX, .npz or HDF5 arrays; a .txt "
        "file of one document a line; a named set, as digits, mnist, usps, clustering_benchmark/real-world/iris",
    )
    label: str | None = Field(
        None,
        description="the table's column that holds the truth, used only to measure; none: there is none "
        "[default: none; of an .arff its attribute `class`]",
    )
    method: Literal["auto", "deep", "manifold", "peaks", "density", "kmeans"] = Field(
        "auto",
        description="auto: deep for pictures and texts and wide tables, else peaks. deep: autoencoder, then clusters "
        "that it refines itself; manifold: the same without refining; peaks: of the density, or a Gaussian mixture "
        "where there are none; density: HDBSCAN, which leaves noise out; kmeans",
    )
    clusters: Annotated[int | None, BeforeValidator(_auto)] = Field(
        None, ge=1, le=1000, description="how many; auto: as many as there are [default: auto]"
    )
    augment: Literal["auto", "none", "drawing", "object", "photo"] = Field(
        "auto", description="how pictures are varied; auto: drawings turned and shifted, photos shifted and recoloured"
    )
    size: int | None = Field(
        None, ge=4, le=256, description="longer side of the network's pictures, in pixels [default: by the data]"
    )
    embedding: int = Field(16, ge=2, le=512, description="features of the learned embedding")
    epochs: int | None = Field(
        None, ge=0, le=100_000, description="how often all of the data is gone through; none for the methods that need "
        "no gradients [default: by the data]"
    )  # fmt: skip
    learning_rate: float = Field(2e-3, gt=0, le=100, description="at its highest")
    averaging: float = Field(0.0, ge=0, lt=1, description="decay a step of the weights' moving average; 0: none")
