"""Which medical images to label next."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np

from plexus import Findings, InputError
from plexus.codec import Input
from plexus.data.label_spreading import image_descriptors
from plexus.data.unlabelled_images import read_unlabelled_images
from plexus.tasks.image_suggestions import SuggestsImages
from plexus_medical.codec import MedicalCodec
from plexus_medical.examples import MedicalExamples
from plexus_medical.options import ClassifyOptions
from plexus_medical.pixel_data import MEDICAL_IMAGES, read_pixels


class SuggestsMedicalImages(SuggestsImages[MedicalCodec, ClassifyOptions, MedicalExamples]):
    """Mixin for tasks of medical images, DICOM files among them, that suggest which images to label next.

    Example:
        ```python
        class Classify(SuggestsMedicalImages, MedicalInputs, MedicalTask): ...
        ```
    """

    def read_unlabelled(self, options: ClassifyOptions, findings: Findings) -> Sequence[Input] | np.ndarray:
        """Read the images of `--data`; of DICOM files nothing but the pixels is read.

        Args:
            options: The options.
            findings: Counts the images that cannot be read, which are dropped.

        Returns:
            An array of images of shape `(n, height, width, channels)`, or a list of files.

        Raises:
            InputError: If there is no image, or the images cannot be used.
        """
        place = self.locate_inputs(options.data)
        return read_unlabelled_images(place, findings, MEDICAL_IMAGES, _read_errors, "--data")

    def descriptors_of(
        self, images: Sequence[Input] | np.ndarray
    ) -> Callable[[Sequence[Input] | np.ndarray], np.ndarray]:
        """Return the function that computes descriptors of images as a training would encode them.

        Args:
            images: All images.

        Returns:
            A function from images to descriptors of shape `(n, features)`.
        """
        codec = MedicalCodec.fit(images, ("negative", "positive"), folds=1)
        return lambda part: image_descriptors(codec.encode(cast("Sequence[Input]", part))["image"])


def _read_errors(files: Sequence[Path]) -> list[str | None]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_read_error, files))


def _read_error(file: Path) -> str | None:
    try:
        read_pixels(file)
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
        return str(error)
    return None
