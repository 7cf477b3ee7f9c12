"""Raw inputs that are images."""

from typing import Any, ClassVar

from plexus.data.example_view import ExampleView
from plexus.data.examples import Examples
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

    def show_example(self, examples: Examples[Any], row: int) -> ExampleView:
        """Return the view of an image.

        Args:
            examples: Examples of a split.
            row: Index of the example.

        Returns:
            The view.
        """
        return ExampleView.image(examples.inputs[row])
