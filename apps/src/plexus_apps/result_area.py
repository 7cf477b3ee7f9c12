"""The place of a form's results on a page."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import gradio as gr  # noqa: TID253 - pages alone import this module

from plexus import InputError
from plexus_apps.results import error_html, note_html


class ResultArea:
    """The results of a form: a column that is visible once there are any, and a note or an error in its place.

    An error is replaced by the next result, and is seen on its own tab only.

    Args:
        note: Text until there are results; empty: none.

    Example:
        ```python
        area = ResultArea("The prediction appears here.")
        with area.column:
            label = gr.Label()
        area.fill(button.click, predict, [text], [label])
        ```
    """

    def __init__(self, note: str = "") -> None:
        self._note = note_html(note) if note else ""
        self._message = gr.HTML(self._note, padding=False, elem_classes="app-message")
        with gr.Column(visible=False) as self.column:
            pass

    def fill(
        self,
        triggers: Any,
        function: Callable[..., Any],
        inputs: Sequence[gr.components.Component],
        outputs: Sequence[gr.components.Component],
        **settings: Any,
    ) -> None:
        """Show the results of a function when an event occurs.

        Args:
            triggers: The event, or several, as `gradio.on` takes them.
            function: Returns the values of the outputs as a tuple, or None if there is nothing to show, which shows the
                note; it may be a generator. Its `InputError`s are shown without folders of the server.
            inputs: Components whose values are its arguments.
            outputs: Components of the column.
            **settings: Other arguments of `gradio.on`.
        """

        @wraps(function)
        def call(*args: Any) -> list[object]:
            try:
                return self._values(function(*args), len(outputs))
            except InputError as error:
                return self._hidden(error_html(error), len(outputs))

        @wraps(function)
        def generate(*args: Any) -> Iterator[list[object]]:
            try:
                for result in function(*args):
                    yield self._values(result, len(outputs))
            except InputError as error:
                yield self._hidden(error_html(error), len(outputs))

        listener = generate if inspect.isgeneratorfunction(function) else call
        gr.on(triggers, listener, [*inputs], [self._message, self.column, *outputs], **settings)

    def _values(self, result: Sequence[object] | None, count: int) -> list[object]:
        return self._hidden(self._note, count) if result is None else ["", gr.Column(visible=True), *result]

    @staticmethod
    def _hidden(message: str, count: int) -> list[object]:
        return [message, gr.Column(visible=False), *[gr.skip()] * count]
