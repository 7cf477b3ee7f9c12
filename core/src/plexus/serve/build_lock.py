"""A lock between the events of pages and the building of another page."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradio import Blocks

EVENT_SECONDS = 5.0
"""Time for events that are being processed to end, before a page is built all the same."""
POLL_SECONDS = 0.02
log = logging.getLogger("plexus.serve")


class BuildLock:
    """Keeps events of pages from running while a page is built.

    Gradio adds each new component to the page that is being built, a global variable. A component that the event of
    another page returns as an update would become a part of it.

    Example:
        ```python
        lock = BuildLock()
        with lock.building():
            page = app.page(bundles, None)
        ```
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._events, self._is_building = 0, False

    @contextmanager
    def building(self) -> Iterator[None]:
        """Hold the lock in the thread that builds a page, once the events that are being processed have ended.

        Yields:
            Nothing.
        """
        with self._condition:
            self._condition.wait_for(lambda: not self._is_building)
            self._is_building = True
            if not self._condition.wait_for(lambda: self._events == 0, EVENT_SECONDS):
                log.warning(
                    "a page is built although events of other pages have not ended within %g s: %d",
                    EVENT_SECONDS,
                    self._events,
                )
        try:
            yield
        finally:
            with self._condition:
                self._is_building = False
                self._condition.notify_all()

    @asynccontextmanager
    async def event(self) -> AsyncIterator[None]:
        """Process an event once no page is being built.

        Yields:
            Nothing.
        """
        while not self._begin_event():
            await asyncio.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            with self._condition:
                self._events -= 1
                self._condition.notify_all()

    def guard_events(self, page: "Blocks") -> None:
        """Process the events of a page only while no page is being built.

        Args:
            page: The page, before it is mounted.
        """
        process = page.process_api

        async def process_alone(*args: Any, **kwargs: Any) -> dict[str, Any]:
            async with self.event():
                return await process(*args, **kwargs)

        page.process_api = process_alone  # type: ignore[method-assign]

    def _begin_event(self) -> bool:
        with self._condition:
            self._events += not self._is_building
            return not self._is_building
