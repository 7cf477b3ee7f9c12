"""Images without labels, from folders, archives, arrays and named data sets."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from plexus.codec import Input
from plexus.data.archives import opened_folder
from plexus.data.arrays import Pair, read_arrays
from plexus.data.findings import Counted, Findings
from plexus.data.folders import FileKind, find_files
from plexus.data.image_formats import IMAGES
from plexus.data.images import image_errors, to_image_array
from plexus.data.named import NamedDataset
from plexus.errors import InputError

UNREADABLE = Counted(
    "unlabelled image could not be read and was dropped", "unlabelled images could not be read and were dropped"
)


def read_unlabelled_images(
    place: Path | NamedDataset,
    findings: Findings,
    kind: FileKind | None = None,
    read_errors: Callable[[Sequence[Path]], list[str | None]] = image_errors,
    option: str = "--unlabelled",
) -> Sequence[Input] | np.ndarray:
    """Read images of which no label is used.

    Args:
        place: A folder with images at any depth, or an archive of one; arrays (`.npz`, HDF5, IDX, CIFAR), of which
            all splits are used; or a named data set, of which the training split is used.
        findings: Counts the images that cannot be read, which are dropped.
        kind: The kind of files; None for `plexus.data.image_formats.IMAGES`.
        read_errors: Returns the error of reading each file, None for those that can be read.
        option: The flag that names the place, for error messages.

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
        return _read_named(place, option)
    with opened_folder(place) as folder:
        arrays = read_arrays(folder or place)
        if arrays is not None:
            return _from_arrays(f"{option} {place}", arrays)
        if folder is None:
            raise InputError(
                f"{option} {place}: expected a folder of images, an archive of one, IDX, .npz or HDF5 files, or "
                "the name of a data set"
            )
        return _readable(find_files(folder, kind or IMAGES, findings), findings, read_errors, f"{option} {folder}")


def _read_named(dataset: NamedDataset, option: str) -> np.ndarray:
    try:
        arrays = dataset.read_arrays()
    except InputError as error:
        raise InputError(f"{option} {error}") from error
    return _from_arrays(f"{option} {dataset.id}", {"train": arrays["train"]} if "train" in arrays else arrays)


def _from_arrays(place: str, arrays: dict[str, Pair]) -> np.ndarray:
    images = [to_image_array(place, inputs) for inputs, _ in arrays.values() if len(inputs)]
    if not images:
        raise InputError(f"{place}: there is no image in it")
    if len({(part.shape[1:], part.dtype) for part in images}) > 1:
        raise InputError(f"{place}: expected splits of images of one size and type")
    return np.concatenate(images)


def _readable(
    files: Sequence[Path], findings: Findings, read_errors: Callable[[Sequence[Path]], list[str | None]], place: str
) -> list[Path]:
    readable = []
    for file, error in zip(files, read_errors(files), strict=True):
        if error is None:
            readable.append(file)
        else:
            findings.add(UNREADABLE, error)
    if not readable:
        raise InputError(findings.describe_in(f"{place}: no image can be read"))
    return readable
