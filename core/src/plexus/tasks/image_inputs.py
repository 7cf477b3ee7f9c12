"""Raw inputs that are images."""

from pathlib import Path

from plexus.codec import Codec, Input
from plexus.data.archives import opened_folder
from plexus.data.images import find_images
from plexus.errors import InputError
from plexus.utils.files import read_standard_input
from plexus.utils.printable import printable


class ImageInputs:
    """Mixin for tasks whose raw input is an image: files, folders, archives, and requests.

    With it a task is `Servable`.

    Example:
        ```python
        class Flowers(ImageInputs, ClassificationTask[FlowerCodec, FlowerOptions]): ...
        ```
    """

    request_description = "the bytes of an image, as a file"

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return an image, all images of a folder or an archive, or the bytes of one on standard input (`-`).

        Args:
            argument: The argument.

        Returns:
            Pairs of a name and an image.
        """
        if argument == "-":
            return [(argument, read_standard_input())]
        with opened_folder(Path(argument)) as folder:
            if folder is None:
                return [(argument, Path(argument))]
            return [(printable(str(file)), file) for file in find_images(folder)]

    def parse_request(self, codec: Codec, value: Input) -> bytes:
        """Return the bytes of an image.

        Args:
            codec: The codec.
            value: The bytes of a file.

        Returns:
            The bytes.

        Raises:
            InputError: If the value is not a file.
        """
        if not isinstance(value, bytes):
            raise InputError(f"expected an image as a file, got {type(value).__name__}")
        return value
