"""A request and its response."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from plexus.serve.bodies import Body

PAGES = "/apps/"
"""Path of the pages. They keep connections open while they are displayed, so that these are not counted or timed."""


class Exchange:
    """A request and its response.

    Args:
        scope: Scope of the connection.
        receive: Receives messages of the client.
        send: Sends messages to the client.
        headers: Headers of the request.
        id: Id of the request.
        arrived: Called with the exchange and the size of each part of the body; may raise a `RefusedError`.
        drain_bytes: Bytes of a refused body that are read at most.

    Attributes:
        body: The body of the request.
        is_page: Whether it is for the page of an app.
        status: Status of the response; 0 before it begins.
        complete: Whether the response is complete.
        counted: Whether the request is one of those that are processed.
        held_bytes: Size of the body in memory.

    Example:
        ```python
        exchange = Exchange(scope, receive, send, headers, "7", lambda exchange, size: None, 1 << 20)
        await app(scope, exchange.body.receive, exchange.send)
        ```
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Mapping[str, bytes],
        id: str,
        arrived: "Callable[[Exchange, int], None]",
        drain_bytes: int,
    ) -> None:
        self.scope, self._send, self.headers, self.id = scope, send, headers, id
        self.body, self._drain_bytes = Body(receive, headers, partial(arrived, self)), drain_bytes
        self.task = asyncio.current_task()
        self.path: str = scope["path"]
        self.is_page = self.path.startswith(PAGES)
        self.status, self.complete = 0, False
        self.counted, self.held_bytes = False, 0

    async def send(self, message: Message) -> None:
        """Send a message; the connection is closed after the response to a request whose body is incomplete.

        Args:
            message: The message.
        """
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", []), (b"x-request-id", self.id.encode())]
            if self.is_page:  # Gradio allows other origins
                headers = [pair for pair in headers if not pair[0].lower().startswith(b"access-control-")]
            if not self.body.complete:
                headers.append((b"connection", b"close"))
            await self._send({**message, "headers": headers})
        elif message.get("more_body", False) or self.body.complete:
            await self._send(message)
            self.complete = not message.get("more_body", False)
        else:
            await self._send({**message, "more_body": True})
            await self.body.drain(self._drain_bytes)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self.complete = True

    def close(self) -> None:
        """Drop what refers to the exchange itself, so that its memory is freed without the garbage collector."""
        del self.body, self.task

    async def respond(self, response: Response) -> None:
        """Send a response, unless one has begun.

        Args:
            response: The response.
        """
        if not self.status:
            await response(self.scope, self.body.receive, self.send)
