"""Medical images without labels."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from plexus import Examples, Findings, InputError, NamedDataset
from plexus.data.findings import Counted
from plexus.data.unlabelled_images import read_unlabelled_images
from plexus_medical.pixel_data import MEDICAL_IMAGES, read_pixels, without_equal_channels
from plexus_medical.source_images import pixel_digest

REPEATED = Counted(
    "unlabelled image repeats a labelled one pixel by pixel and was left out",
    "unlabelled images repeat labelled ones pixel by pixel and were left out",
)


def read_unlabelled(place: Path | NamedDataset, labelled: Collection[bytes], findings: Findings) -> Examples[str]:
    """Read images of which no label is used.

    Of DICOM files nothing but the pixels is read. Images with the pixels of a labelled one are left out, whatever its
    split is: a member would learn from images of its own fold.

    Args:
        place: A folder with images at any depth, or an archive of one; arrays, of which all splits are used; or a named
            data set, of which the training split is used.
        labelled: Checksums of the labelled images, as of `pixel_digest`.
        findings: Counts the images that cannot be read, and those that are left out.

    Returns:
        The images; their targets are empty.

    Raises:
        InputError: If there is no image, all are labelled ones, or they cannot be used.
    """
    digests: dict[Path, bytes] = {}

    def read_errors(files: Sequence[Path]) -> list[str | None]:
        with ThreadPoolExecutor() as pool:
            results = list(pool.map(_digest_or_error, files))
        digests.update({file: result for file, result in zip(files, results, strict=True) if isinstance(result, bytes)})
        return [None if isinstance(result, bytes) else str(result) for result in results]

    inputs = read_unlabelled_images(place, findings, MEDICAL_IMAGES, read_errors)
    if isinstance(inputs, np.ndarray):
        inputs = without_equal_channels(inputs)
        contents = list(map(pixel_digest, inputs))
    else:
        contents = [digests[file] for file in inputs if isinstance(file, Path)]
    repeated = np.array([content in labelled for content in contents])
    for row in np.flatnonzero(repeated).tolist():
        findings.remark(REPEATED, f"image {row + 1:,}" if isinstance(inputs, np.ndarray) else str(inputs[row]))
    if repeated.all():
        name = place.id if isinstance(place, NamedDataset) else place
        raise InputError(f"--unlabelled {name}: all {len(inputs):,} images are labelled ones, too; pass others")
    return Examples(inputs, [""] * len(inputs)).take(np.flatnonzero(~repeated))


def _digest_or_error(file: Path) -> bytes | InputError:
    try:
        return pixel_digest(read_pixels(file))
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
        return error
