"""What a request asks about."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from plexus.errors import InputError

MOST = 1024
"""Inputs of a request."""


class Inputs(BaseModel):
    """A request in JSON."""

    model_config = ConfigDict(extra="forbid")
    inputs: list[Any] = Field(min_length=1, max_length=MOST, description="raw inputs, of the form that the model wants")


BODY: dict[str, Any] = {
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
                            "maxItems": MOST,
                        }
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
        },
    }
}
"""The three forms of a request, for the OpenAPI document."""


async def values_of(request: Request) -> list[Any]:
    """The inputs of a request: JSON values, the bytes of a form's files, or the body itself as one file.

    Raises:
        InputError: it has none, or is not what its content type says.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _in_json(await request.body())
    if kind == "multipart/form-data":
        return await _in_form(request)
    body = await request.body()
    if not body:
        raise InputError('the body is empty: {"inputs": […]} as application/json is wanted, or a file')
    return [body]


def _in_json(body: bytes) -> list[Any]:
    try:
        return Inputs.model_validate_json(body).inputs
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise InputError(f"{field}: {first['msg']}") from error


async def _in_form(request: Request) -> list[Any]:
    async with request.form(max_files=MOST, max_fields=0) as form:
        named = form.getlist("files")
        if len(named) != len(form.multi_items()) or not named:
            raise InputError("files: one file or more of that name are wanted, and nothing else")
        return [await file.read() for file in named if isinstance(file, UploadFile)]
