"""The ability `DescribesRequests` of a task."""

from typing import Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT


@runtime_checkable
class DescribesRequests(Protocol[CodecInT]):
    """A servable task whose models differ in what they predict for, such as images or texts.

    Example:
        ```python
        request_description = "an image or a text"

        def describe_request(self, codec):
            return "the bytes of an image, as a file" if codec.has_images else "a text"
        ```
    """

    def describe_request(self, codec: CodecInT) -> str:
        """Return what one value of a request to a model holds, in place of `request_description`.

        Args:
            codec: The codec of the model.

        Returns:
            The description.
        """
        ...
