"""Images without labels, from folders, archives, arrays and named data sets."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus.codec import Input
from plexus.data.archives import opened_folder
from plexus.data.arrays import Pair, read_arrays
from plexus.data.findings import Counted, Findings
from plexus.data.images import find_images, image_errors, to_image_array
from plexus.data.named import NamedDataset
from plexus.errors import InputError

UNREADABLE = Counted(
    "unlabelled image could not be read and was dropped", "unlabelled images could not be read and were dropped"
)


def read_unlabelled_images(place: Path | NamedDataset, findings: Findings) -> Sequence[Input] | np.ndarray:
    """Read images of which no label is used.

    Args:
        place: A folder with images at any depth, or an archive of one; arrays (`.npz`, HDF5, IDX, CIFAR), of which
            all splits are used; or a named data set, of which the training split is used.
        findings: Counts the images that cannot be read, which are dropped.

    Returns:
        An array of images of shape `(n, height, width, channels)`, or a list of files.

    Raises:
        InputError: If there is no image, or the images cannot be used.

    Example:
        ```python
        images = read_unlabelled_images(Path("photos"), findings)
        ```
    """
    if isinstance(place, NamedDataset):
        return _read_named(place)
    with opened_folder(place) as folder:
        arrays = read_arrays(folder or place)
        if arrays is not None:
            return _from_arrays(str(place), arrays)
        if folder is None:
            raise InputError(
                f"--unlabelled {place}: expected a folder of images, an archive of one, IDX, .npz or HDF5 files, or "
                "the name of a data set"
            )
        return _readable(folder, findings)


def _read_named(dataset: NamedDataset) -> np.ndarray:
    if dataset.embedded:
        arrays: dict[str, Pair] | None = dataset.embedded()
    else:
        folder = dataset.fetch()
        arrays = read_arrays(folder) or next(filter(None, map(read_arrays, sorted(folder.glob("*/")))), None)
    if not arrays:
        raise InputError(f"--unlabelled {dataset.id}: this data set is not one of images in arrays")
    return _from_arrays(dataset.id, {"train": arrays["train"]} if "train" in arrays else arrays)


def _from_arrays(place: str, arrays: dict[str, Pair]) -> np.ndarray:
    images = [to_image_array(place, inputs) for inputs, _ in arrays.values() if len(inputs)]
    if not images:
        raise InputError(f"--unlabelled {place}: there is no image in it")
    if len({(part.shape[1:], part.dtype) for part in images}) > 1:
        raise InputError(f"--unlabelled {place}: expected splits of images of one size and type")
    return np.concatenate(images)


def _readable(folder: Path, findings: Findings) -> list[Path]:
    files = find_images(folder, findings)
    readable = []
    for file, error in zip(files, image_errors(files), strict=True):
        if error is None:
            readable.append(file)
        else:
            findings.add(UNREADABLE, error)
    if not readable:
        raise InputError(findings.describe_in(f"--unlabelled {folder}: no image can be read"))
    return readable
