"""The form that tries a model, made from the description of its requests."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from plexus.bundle import Bundle
from plexus.codec import Input
from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.serve.decoded_size import REQUEST_BYTES, decoded_size, memory_for
from plexus.serve.limits import JSON_BYTES
from plexus.serve.predictions import explain_value, predict_objects, request_description
from plexus.serve.problems import public_text
from plexus.serve.requests import require_few_values
from plexus.tasks.abilities import DescribesRows, Explainable, Servable
from plexus.tasks.row_column import RowColumn

if TYPE_CHECKING:
    from plexus.codec import JsonObject

FIELD = "column."
"""Begin of the names of fields for columns."""
MAX_FIELDS = 100
"""Most columns of a row with a form: longer rows are sent in JSON."""
MAX_CHOICES = 50
"""Most categories of a list to choose from; a column with more has a text field."""
_FILE, _TEXT = re.compile(r"\bbytes\b|\bfile\b"), re.compile(r"\b(a|the) text\b")
_JSON = re.compile(r"\b(object|list|lists|row|number|numbers)\b")
_OBJECT = re.compile(r"\b(object|row)\b")
_RECORDING, _DRAWING = re.compile(r"\brecording\b"), re.compile(r"\bdrawing\b")


@dataclass(frozen=True)
class TryForm:
    """The fields of the form.

    Args:
        description: What one value of a request holds.
        file: Whether a file can be sent.
        recording: Whether the file can be a recording of the microphone.
        drawing: Whether the file can be a drawing.
        text: Whether a text can be sent.
        json: Whether a value in JSON can be sent.
        explains: Whether predictions can be explained.
        columns: Columns of a row, if the model predicts for rows that have a form.

    Example:
        ```python
        TryForm.of(bundle).file
        ```
    """

    description: str
    file: bool
    recording: bool
    drawing: bool
    text: bool
    json: bool
    explains: bool
    columns: Sequence[RowColumn] = ()

    @property
    def example(self) -> Input:
        """A value of a request: a typical row, or one that shows the kind of the value."""
        if self.columns:
            return {column.name: column.typical for column in self.columns}
        if self.text:
            return "a text"
        return {"column": 1.5} if _OBJECT.search(self.description) else []

    @property
    def summary(self) -> str:
        """The description for a person who sends a file or fills in a field, not bytes."""
        return self.description.replace("the bytes of ", "").removesuffix(", as a file")

    @property
    def placeholder(self) -> str:
        """An example in JSON."""
        return json.dumps(self.example, ensure_ascii=False)

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
        description, columns = request_description(bundle), row_columns(bundle)
        explains = isinstance(task, Explainable)
        if columns:  # of a task for several kinds of inputs, this model predicts for rows
            return cls(description, False, False, False, False, True, explains, columns)
        file, text, json = (bool(kind.search(description)) for kind in (_FILE, _TEXT, _JSON))
        if not (file or text or json):  # the description does not say: a plugin may use other words
            file = text = json = True
        recording, drawing = (file and bool(kind.search(description)) for kind in (_RECORDING, _DRAWING))
        return cls(description, file, recording, drawing, text, json, explains)


def row_columns(bundle: Bundle) -> Sequence[RowColumn]:
    """Return the columns of the form of a model.

    Args:
        bundle: The model.

    Returns:
        Its columns, with typical numbers of at most ten digits; none if it does not predict for rows, or for such of
        more than 100 columns.
    """
    task = bundle.task
    columns = task.describe_rows(bundle.codec) if isinstance(task, DescribesRows) else ()
    if len(columns) > MAX_FIELDS:
        return ()
    return [
        RowColumn(
            column.name,
            float(column.text) if column.is_number else column.text,
            column.choices if len(column.choices) <= MAX_CHOICES else (),
        )
        for column in columns
    ]


def read_row(columns: Sequence[RowColumn], texts: Mapping[str, str]) -> dict[str, Input]:
    """Return the row of a form with a field for each column.

    Args:
        columns: The columns.
        texts: The texts of the fields by column; an empty one is a missing value.

    Returns:
        The row.

    Raises:
        InputError: If the text of a column of numbers is no finite number.
    """
    return {column.name: _cell(column, texts[column.name].strip()) for column in columns if column.name in texts}


def _cell(column: RowColumn, text: str) -> Input:
    if not text:
        return None
    if not column.is_number:
        return text
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{column.name}: expected a number such as {column.text}, got {text!r}")
    return value


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
        `answer`, `explanation` and `explanation_values`, as of the HTTP interface; `lines`: the prediction as the
        command line prints it.

    Raises:
        InputError: If the value cannot be read, or the task has no explanations.
        HTTPException: If it is too large once it is decoded: status 413.
    """
    size, cancellation = decoded_size(value), Cancellation()
    if size > REQUEST_BYTES:
        raise HTTPException(413, f"the decoded input may have at most {REQUEST_BYTES:,} bytes")
    with memory_for(size, cancellation):
        try:
            (prediction,) = predict_objects(bundle, [value], None, cancellation)
        except InputError as error:
            raise InputError(public_text(error)) from error
        result = {"answer": prediction.model_dump(), "lines": [str(prediction), *prediction.detail_lines()]}
        return _add_explanation(bundle, value, result, cancellation) if explain else result


def _add_explanation(bundle: Bundle, value: Input, result: "JsonObject", cancellation: Cancellation) -> "JsonObject":
    explained = explain_value(bundle, value, result, cancellation)
    if "error" in explained:
        raise InputError(explained["error"])
    return explained
