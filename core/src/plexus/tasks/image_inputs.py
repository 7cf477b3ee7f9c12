"""Raw inputs that are images."""

from typing import ClassVar

from plexus.data.folders import FileKind
from plexus.data.image_formats import IMAGES
from plexus.tasks.file_inputs import FileInputs


class ImageInputs(FileInputs):
    """Mixin for tasks whose raw input is an image: files, folders, archives, and requests.

    With it a task is `Servable`.

    Example:
        ```python
        class Flowers(ImageInputs, ClassificationTask[FlowerCodec, FlowerOptions]): ...
        ```
    """

    file_kind: ClassVar[FileKind] = IMAGES
    request_description: ClassVar[str] = "the bytes of an image, as a file"
