"""Bodies of requests: their size, and what is left of them when they are refused."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.responses import Response
from starlette.types import Message, Receive

DRAIN_SECONDS = 2.0
"""Time to read the rest of a refused body: a connection that is closed before may lose the response."""


class RefusedError(Exception):
    """A request is refused while its body is read.

    Args:
        response: The response.

    Example:
        ```python
        raise RefusedError(problem(413, "a request may have at most 1,000 bytes"))
        ```
    """

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Body:
    """The body of a request as it arrives.

    Args:
        receive: Receives messages of the client.
        headers: Headers of the request.
        arrived: Called with the size of each part; may raise a `RefusedError`.

    Attributes:
        size: Bytes that have arrived.
        complete: Whether all of it has arrived.

    Example:
        ```python
        body = Body(receive, headers, lambda size: None)
        await app(scope, body.receive, send)
        ```
    """

    def __init__(self, receive: Receive, headers: Mapping[str, bytes], arrived: Callable[[int], None]) -> None:
        self._receive, self._arrived = receive, arrived
        self.size = 0
        self.complete = headers.get("content-length", b"0") == b"0" and "transfer-encoding" not in headers

    async def receive(self) -> Message:
        """Receive a part.

        Returns:
            The message of the client.

        Raises:
            RefusedError: If the request is refused.
        """
        message = await self._receive()
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self.size += size
            self.complete = not message.get("more_body", False)
            self._arrived(size)
        return message

    async def drain(self, most: int) -> None:
        """Read the rest, up to a size and for a short time.

        Args:
            most: Bytes that are read at most.
        """
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self.complete and most > 0:
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        return
                    most -= len(message.get("body", b""))
                    self.complete = not message.get("more_body", False)
        except TimeoutError:
            return
