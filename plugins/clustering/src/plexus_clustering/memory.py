"""Data in memory for `plexus.Estimator`: tables, images and texts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from plexus import Findings, InputError
from plexus.codec import Input
from plexus.data.images import to_image_array
from plexus.data.table_rows import TableRows
from plexus_clustering.dataset import ClusteringDataset, check_size, from_rows
from plexus_clustering.options import ClusterOptions

if TYPE_CHECKING:
    import polars as pl

PLACE = "X"


def inputs_in_memory(data: object) -> Sequence[Input]:
    """Return data in memory as raw inputs.

    Args:
        data: A table of Polars or pandas, an array of shape `(n, columns)` or a list of dictionaries; images, an array
            of shape `(n, height, width)` or with channels; or a list of texts.

    Returns:
        Rows of a table, images, or texts.

    Raises:
        InputError: If it is nothing of these.
    """
    if isinstance(data, np.ndarray) and data.ndim in {3, 4}:
        return to_image_array(PLACE, data)  # type: ignore[return-value]  # an array is a sequence of images
    if isinstance(data, Sequence) and len(data) and all(isinstance(text, str) for text in data):
        return list(data)
    frame = _to_frame(data)
    if frame is None:
        raise InputError(f"{PLACE}: expected a table, an array of images, or a list of texts, got {data!r:.80}")
    return TableRows(frame, PLACE)


def dataset_in_memory(inputs: Sequence[Input], options: ClusterOptions) -> ClusteringDataset:
    """Return the dataset of raw inputs.

    Args:
        inputs: The result of `inputs_in_memory`.
        options: The options.

    Returns:
        The dataset.

    Raises:
        InputError: If there are too few inputs.
    """
    findings = Findings(options.strict)
    if isinstance(inputs, TableRows):
        content = inputs.frame.write_csv().encode()
        dataset = from_rows(inputs.frame, None, hashlib.sha256(content).hexdigest(), findings)
    elif isinstance(inputs, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(inputs).data)
        dataset = ClusteringDataset("images", inputs, digest.hexdigest(), findings)
    else:
        digest = hashlib.sha256("\n".join(map(str, inputs)).encode())
        dataset = ClusteringDataset("texts", list(inputs), digest.hexdigest(), findings)
    check_size(dataset, options)
    return replace(dataset, seed=options.seed)


def _to_frame(data: object) -> "pl.DataFrame | None":
    import polars as pl

    if isinstance(data, pl.DataFrame):
        return data
    if hasattr(data, "columns") and hasattr(data, "to_dict"):  # pandas
        return pl.DataFrame({str(name): values for name, values in data.to_dict("list").items()}, strict=False)
    if isinstance(data, np.ndarray) and data.ndim == 2:
        return pl.DataFrame(data, schema=[f"column_{place}" for place in range(data.shape[1])])
    if isinstance(data, Sequence) and len(data) and all(isinstance(row, Mapping) for row in data):
        return pl.DataFrame(list(data), infer_schema_length=None)
    return None
