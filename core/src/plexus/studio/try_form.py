"""The form that tries a model, made from the description of its requests."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from plexus.bundle import Bundle
from plexus.codec import Input
from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.serve.decoded_size import REQUEST_BYTES, decoded_size, memory_for
from plexus.serve.limits import JSON_BYTES
from plexus.serve.predictions import explain_value, predict_values
from plexus.serve.requests import require_few_values
from plexus.tasks.abilities import Explainable, Servable

if TYPE_CHECKING:
    from plexus.codec import JsonObject

_FILE, _TEXT = re.compile(r"\bbytes\b|\bfile\b"), re.compile(r"\b(a|the) text\b")
_JSON = re.compile(r"\b(object|list|lists|row|number|numbers)\b")


@dataclass(frozen=True)
class TryForm:
    """The fields of the form.

    Args:
        description: What one value of a request holds.
        file: Whether a file can be sent.
        text: Whether a text can be sent.
        json: Whether a value in JSON can be sent.
        explains: Whether predictions can be explained.

    Example:
        ```python
        TryForm.of(bundle).file
        ```
    """

    description: str
    file: bool
    text: bool
    json: bool
    explains: bool

    @classmethod
    def of(cls, bundle: Bundle) -> "TryForm | None":
        """Return the form of a model.

        Args:
            bundle: The model.

        Returns:
            The form; None if its task answers no requests.
        """
        task = bundle.task
        if not isinstance(task, Servable):
            return None
        description = task.request_description
        file, text, json = (bool(kind.search(description)) for kind in (_FILE, _TEXT, _JSON))
        if not (file or text or json):  # the description does not say: a plugin may use other words
            file = text = json = True
        return cls(description, file, text, json, isinstance(task, Explainable))


def read_value(file: bytes, text: str, document: str) -> Input:
    """Return the value that a person sent.

    Args:
        file: Content of the file; empty if there is none.
        text: The text; empty if there is none.
        document: The value in JSON; empty if there is none.

    Returns:
        The value, as of a request of the HTTP interface.

    Raises:
        InputError: If there is not exactly one of them, or the document is not valid.
    """
    values = [value for value in (file, text.strip(), document.strip()) if value]
    if len(values) != 1:
        raise InputError(f"expected one input, got {len(values) or 'none'}: fill in one of the fields")
    if not document.strip():
        return values[0]
    body = document.encode()
    if len(body) > JSON_BYTES:
        raise InputError(f"the value in JSON may have at most {JSON_BYTES:,} bytes")
    require_few_values(body)
    try:
        value: Input = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the value is not valid JSON: {error}") from error
    return value


def predict_value(bundle: Bundle, value: Input, explain: bool) -> "JsonObject":
    """Predict for one value.

    Args:
        bundle: The model.
        value: The value of a request.
        explain: Whether to add the explanation.

    Returns:
        `answer`, `explanation` and `explanation_values`, as of the HTTP interface.

    Raises:
        InputError: If the value cannot be read, or the task has no explanations.
        HTTPException: If it is too large once it is decoded: status 413.
    """
    size, cancellation = decoded_size(value), Cancellation()
    if size > REQUEST_BYTES:
        raise HTTPException(413, f"the decoded input may have at most {REQUEST_BYTES:,} bytes")
    with memory_for(size, cancellation):
        result = _checked(predict_values(bundle, [value], None, cancellation)[0])
        return _checked(explain_value(bundle, value, result, cancellation)) if explain else result


def _checked(result: "JsonObject") -> "JsonObject":
    if "error" in result:
        raise InputError(result["error"])
    return result
