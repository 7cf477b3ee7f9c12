"""The inputs of a request."""

import re

from fastapi import HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from plexus.codec import Input, JsonObject
from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.serve.decoded_size import NUMBER_BYTES, memory_for
from plexus.serve.limits import JSON_BYTES
from plexus.serve.workers import Workers

MAX_VALUES = 1_100_000
"""Lists, objects and their items in a document; a comma in a text counts as one."""
SHORT_BYTES = 1 << 16
"""Size of a document that is parsed in the event loop."""
MAX_INPUTS = 1024
"""Inputs of a request."""

_JSON_REQUEST = re.compile(rb'\s*\{\s*"inputs"\s*:')
_KINDS = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
"""Names of types in JSON; all others are numbers."""


class Inputs(BaseModel):
    """A request in JSON.

    Attributes:
        inputs: JSON values, as the model's description says.

    Example:
        ```python
        Inputs.model_validate_json('{"inputs": ["a good film"]}').inputs
        ```
    """

    model_config = ConfigDict(extra="forbid")
    inputs: list[Input] = Field(
        min_length=1, max_length=MAX_INPUTS, description="Raw inputs of the form that the model expects."
    )


BODY: JsonObject = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Inputs.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                            "maxItems": MAX_INPUTS,
                        }
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
        },
    }
}
"""The three forms of a request, for the OpenAPI document."""


async def request_values(request: Request, workers: Workers) -> list[Input]:
    """Return the inputs of a request: JSON values, the files of a form, or the body as one file.

    Args:
        request: The request.
        workers: Threads in which long documents are parsed.

    Returns:
        JSON values, or the bytes of files.

    Raises:
        InputError: If there are none, or the body does not match its content type.
        HTTPException: If a body in JSON is too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        body = await request.body()
        if len(body) > JSON_BYTES:
            raise HTTPException(413, f"a request in JSON may have at most {JSON_BYTES:,} bytes: send fewer inputs")
        if len(body) <= SHORT_BYTES:
            return _json_values(body)
        return await workers.run(lambda cancellation: _long_json_values(body, cancellation))
    if kind == "multipart/form-data":
        return await _form_files(request)
    body = await request.body()
    if not body:
        raise InputError('the body is empty: expected {"inputs": […]} as application/json, or a file')
    if _JSON_REQUEST.match(body):  # curl -d sends another content type
        raise InputError("the body is JSON, not a file: send it with the header content-type: application/json")
    return [body]


def require_few_values(body: bytes) -> None:
    """Refuse JSON with so many values that they would take much more memory than their text.

    Args:
        body: The document, which is not parsed.

    Raises:
        HTTPException: If it has more than `MAX_VALUES`.
    """
    if len(body) > MAX_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise HTTPException(413, f"a request in JSON may have at most {MAX_VALUES:,} values: send fewer")


def validation_line(error: ValidationError) -> str:
    """Return what is wrong with a JSON document, without the document.

    Args:
        error: The error.

    Returns:
        The field and the problem.
    """
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    reason = re.sub("a valid (array|list)", "a list", first["msg"].replace("Input should be", "expected"))
    if first["type"].endswith("_type"):
        reason += f", found {_KINDS.get(type(first['input']), 'a number')}"
    return f"{field}: {reason}"


def _long_json_values(body: bytes, cancellation: Cancellation) -> list[Input]:
    require_few_values(body)
    with memory_for(NUMBER_BYTES // 2 * len(body), cancellation):
        return _json_values(body)


def _json_values(body: bytes) -> list[Input]:
    try:
        return Inputs.model_validate_json(body).inputs
    except ValidationError as error:
        line = validation_line(error)
    raise InputError(line)  # not from the error, which holds the whole document


async def _form_files(request: Request) -> list[Input]:
    async with request.form(max_files=MAX_INPUTS, max_fields=0) as form:
        files = form.getlist("files")
        if len(files) != len(form.multi_items()) or not files:
            raise InputError("files: expected one or more files of that name, and nothing else")
        return [await file.read() for file in files if isinstance(file, UploadFile)]
