"""The ability `Servable` of a task."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT

if TYPE_CHECKING:
    from plexus.codec import Input


@runtime_checkable
class Servable(Protocol[CodecInT]):
    """A task that answers HTTP requests.

    Attributes:
        request_description: What one value of a request holds, for clients: `a text`.

    Example:
        ```python
        request_description = "a text"

        def parse_request(self, codec, value):
            if not isinstance(value, str):
                raise InputError(f"expected a string, got {type(value).__name__}")
            return value
        ```
    """

    request_description: str

    def parse_request(self, codec: CodecInT, value: "Input") -> "Input":
        """Return the raw input that a value of a request stands for.

        It never names a file of the server.

        Args:
            codec: The codec.
            value: A JSON value, or the bytes of a file.

        Returns:
            The raw input.

        Raises:
            InputError: If the value stands for none.
        """
        ...
