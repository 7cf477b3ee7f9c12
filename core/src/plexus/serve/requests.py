"""The inputs of a request."""

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from plexus.codec import Input, JsonObject
from plexus.errors import InputError

MAX_INPUTS = 1024
"""Inputs of a request."""


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


async def request_values(request: Request) -> list[Input]:
    """Return the inputs of a request: JSON values, the files of a form, or the body as one file.

    Args:
        request: The request.

    Returns:
        JSON values, or the bytes of files.

    Raises:
        InputError: If there are none, or the body does not match its content type.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _json_values(await request.body())
    if kind == "multipart/form-data":
        return await _form_files(request)
    body = await request.body()
    if not body:
        raise InputError('the body is empty: expected {"inputs": […]} as application/json, or a file')
    return [body]


def _json_values(body: bytes) -> list[Input]:
    try:
        return Inputs.model_validate_json(body).inputs
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise InputError(f"{field}: {first['msg']}") from error


async def _form_files(request: Request) -> list[Input]:
    async with request.form(max_files=MAX_INPUTS, max_fields=0) as form:
        files = form.getlist("files")
        if len(files) != len(form.multi_items()) or not files:
            raise InputError("files: expected one or more files of that name, and nothing else")
        return [await file.read() for file in files if isinstance(file, UploadFile)]
