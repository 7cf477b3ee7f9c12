"""The place of a form's results on a page."""

import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import gradio as gr  # noqa: TID253 - pages alone import this module
from gradio.events import Dependency  # noqa: TID253

from plexus import InputError
from plexus_apps.results import error_html, note_html

_CLEAR = "html => String(html).includes('class=\"app-error\"') ? {note} : html"


def clear_error(
    message: gr.HTML, inputs: Sequence[gr.components.Component], triggers: Sequence[Any] = (), note: str = ""
) -> None:
    """Clear an error at the next action, in the browser: before the result of the action is there.

    Args:
        message: The component that may show an error.
        inputs: Inputs of the form: the error is cleared when one of them changes.
        triggers: Other events that clear it.
        note: HTML in place of the error.
    """
    changes = [component.change for component in inputs if not isinstance(component, gr.State)]  # type: ignore[attr-defined]
    script = _CLEAR.format(note=json.dumps(note))
    gr.on([*triggers, *changes], None, message, message, js=script, show_progress="hidden")


class ResultArea:
    """The results of a form: a column that is visible once there are any, and a note or an error in its place.

    An error is cleared by the next action, and is seen on its own tab only.

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
        examples: Sequence[Dependency] = (),
        **settings: Any,
    ) -> None:
        """Show the results of a function when an event occurs.

        Args:
            triggers: The event, or several, as `gradio.on` takes them.
            function: Returns the values of the outputs as a tuple, or None if there is nothing to show, which shows the
                note; it may be a generator. Its `InputError`s are shown without folders of the server.
            inputs: Components whose values are its arguments.
            outputs: Components of the column.
            examples: Events of `example_button`, after which the results are shown, too.
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
        triggers = triggers if isinstance(triggers, Sequence) else [triggers]
        clear_error(self._message, inputs, triggers, self._note)
        components = [self._message, self.column, *outputs]
        gr.on(triggers, listener, [*inputs], components, **settings)
        for example in examples:
            example.success(listener, [*inputs], components, **settings)

    def _values(self, result: Sequence[object] | None, count: int) -> list[object]:
        return self._hidden(self._note, count) if result is None else ["", gr.Column(visible=True), *result]

    @staticmethod
    def _hidden(message: str, count: int) -> list[object]:
        return [message, gr.Column(visible=False), *[gr.skip()] * count]
