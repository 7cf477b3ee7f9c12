"""Raw inputs that are medical images."""

from pathlib import Path
from typing import Any

from plexus import Examples
from plexus.codec import Input
from plexus.data.archives import opened_folder
from plexus.data.example_view import ExampleView
from plexus.data.folders import find_files
from plexus.tasks.classification_codec import ClassificationCodec
from plexus.tasks.image_inputs import ImageInputs
from plexus.utils.printable import printable
from plexus_medical.pixel_data import MEDICAL_IMAGES, read_pixels


class MedicalInputs(ImageInputs):
    """Mixin for tasks whose raw input is a medical image: files, folders, archives, and requests; DICOM among them.

    Example:
        ```python
        class Classify(MedicalInputs, ClassificationTask[MedicalCodec, ClassifyOptions]): ...
        ```
    """

    request_description = "the bytes of an image or a DICOM file, as a file"

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return an image, or all images of a folder or an archive, DICOM files among them.

        Args:
            argument: A file, a folder or an archive; `-` for standard input.

        Returns:
            Pairs of a name and an image.
        """
        if argument == "-":
            return super().parse_argument(argument)
        with opened_folder(Path(argument)) as folder:
            if folder is None:
                return [(argument, Path(argument))]
            return [(printable(str(file)), file) for file in find_files(folder, MEDICAL_IMAGES)]

    def has_same_outputs(self, codec: ClassificationCodec, other: ClassificationCodec) -> bool:
        """Return whether the labels are the same, so that a training with `--from` copies the last layer.

        Args:
            codec: The codec of the training.
            other: The codec of the bundle to start from.

        Returns:
            Whether they are, in the same order.
        """
        return codec.labels == other.labels

    def show_example(self, examples: Examples[Any], row: int) -> ExampleView:
        """Return the view of a medical image, without the name of its file: it may name the patient.

        Args:
            examples: Images of a split.
            row: Index of the image.

        Returns:
            The view; of a DICOM file nothing but the pixels is read.
        """
        return ExampleView("image", examples.inputs[row], reads=read_pixels)
