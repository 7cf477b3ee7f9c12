"""The Open Inference Protocol, version 2: arrays to arrays, for existing clients.

https://github.com/kserve/open-inference-protocol, with the binary tensors of Triton's HTTP clients.
"""

import math
from collections.abc import Iterator, Mapping

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field, StrictBool, StrictStr, ValidationError
from pydantic_core import from_json, to_json

from plexus import __version__
from plexus.bundle import Bundle
from plexus.codec import Arrays, JsonObject
from plexus.errors import InputError, unknown
from plexus.inference.cancellation import Cancellation, InferenceCancelledError
from plexus.inference.onnx import OnnxPredictor
from plexus.serve.arrays import MAX_NUMBERS, NAMES, InputTensor, OutputTensor, fit, metadata
from plexus.serve.decoded_size import NUMBER_BYTES, memory_for
from plexus.serve.limits import JSON_BYTES
from plexus.serve.models import Models
from plexus.serve.problems import PROTOCOL, public_text
from plexus.serve.requests import MAX_INPUTS, require_few_values, validation_line

HEADER = "inference-header-content-length"
MAX_ROWS = 1 << 16
CALL_NUMBERS = 1 << 20
"""Numbers of the rows that the network computes at once, unless a single row has more."""


class RequestParameters(BaseModel):
    """Parameters of a request.

    Attributes:
        binary_data_output: Whether outputs are sent in binary unless they say otherwise.

    Example:
        ```python
        RequestParameters(binary_data_output=True)
        ```
    """

    binary_data_output: StrictBool = False


class InferRequest(BaseModel):
    """The JSON part of a request.

    Attributes:
        id: Sent back.
        inputs: The arrays.
        outputs: The outputs that are sent back; none: all.
        parameters: Parameters of the request.

    Example:
        ```python
        InferRequest(inputs=[InputTensor(name="x", datatype="FP32", shape=[1, 2], data=[0.5, 1])])
        ```
    """

    id: StrictStr = Field("", max_length=1024)
    inputs: list[InputTensor] = Field(min_length=1, max_length=MAX_INPUTS)
    outputs: list[OutputTensor] | None = Field(None, max_length=MAX_INPUTS)
    parameters: RequestParameters | None = None


def open_inference(models: Models) -> APIRouter:
    """Create the routes of the protocol. Of a bundle with several networks, they serve the first.

    Args:
        models: The served models.

    Returns:
        The routes, under `/v2`.
    """
    router = APIRouter(prefix=PROTOCOL)

    @router.get("/health/live", summary="Check that the server runs")
    @router.get("/health/ready", summary="Check that the server accepts requests")
    async def health() -> dict[str, bool]:  # in the event loop: no thread has to be free
        return {"live": True, "ready": True}

    @router.get("", summary="Describe the server")
    def describe_server() -> JsonObject:
        return {"name": "plexus", "version": __version__, "extensions": ["binary_tensor_data"]}

    @router.get("/models/{name}/ready", summary="Check that a model accepts requests")
    def model_ready(name: str) -> JsonObject:
        return {"name": name, "ready": bool(models[name])}

    @router.get("/models/{name}", summary="Describe the arrays of a model")
    def describe_model(name: str) -> JsonObject:
        bundle = models[name]
        signature = bundle.predictor.signature(bundle.networks[0])
        inputs, outputs = (list(map(metadata, tensors)) for tensors in signature)
        return {"name": name, "versions": ["1"], "platform": "onnxruntime", "inputs": inputs, "outputs": outputs}

    @router.post("/models/{name}/infer", summary="Compute arrays from arrays")
    async def infer(name: str, request: Request) -> Response:
        bundle, body = models[name], await request.body()
        length = _json_length(request, len(body))
        return await models.workers.run(lambda cancellation: _infer(name, bundle, body, length, cancellation))

    return router


def _json_length(request: Request, size: int) -> int:
    """Return the length of the JSON part of a body."""
    header = request.headers.get(HEADER)
    if header is None:
        length = size
    elif header.isascii() and header.isdigit() and len(header) < 16 and int(header) <= size:
        length = int(header)
    else:
        raise InputError(f"header {HEADER}: expected a number of bytes up to {size:,}, the size of the body")
    if length > JSON_BYTES:
        raise HTTPException(413, f"the JSON of a request may have at most {JSON_BYTES:,} bytes: send arrays in binary")
    return length


def _infer(name: str, bundle: Bundle, body: bytes, length: int, cancellation: Cancellation) -> Response:
    """Compute the response to a request; called in a thread."""
    require_few_values(body[:length])
    with memory_for(NUMBER_BYTES * length // 2 + 4 * len(body), cancellation):
        request = _parse(body[:length])
        predictor, network = bundle.predictor, bundle.networks[0]
        inputs = _arrays(request, memoryview(body)[length:].tobytes(), predictor, network)
        requested = _requested(request, predictor, network)
        outputs = _compute(predictor, network, inputs, cancellation)
        return _respond(name, request, {name: outputs[name] for name in requested}, requested)


def _parse(content: bytes) -> InferRequest:
    try:
        return InferRequest.model_validate(from_json(content, allow_inf_nan=False))
    except ValidationError as error:
        line = validation_line(error)
    except ValueError as error:
        line = f"expected a JSON object with inputs ({error})"
    raise InputError(line)  # not from the error, which holds the whole document


def _arrays(request: InferRequest, binary: bytes, predictor: OnnxPredictor, network: str) -> Arrays:
    """Return the inputs of a network."""
    tensors = {tensor.name: tensor for tensor in predictor.signature(network)[0]}
    arrays: Arrays = {}
    place = 0
    for sent in request.inputs:
        if sent.name not in tensors:
            raise unknown("input", public_text(sent.name), tensors)
        if sent.name in arrays:
            raise sent.error("expected once, got twice")
        arrays[sent.name] = fit(sent, sent.array(binary, place), tensors[sent.name])
        place += sent.parameters.binary_data_size or 0
    if place != len(binary):
        raise InputError(f"expected {place:,} bytes after the JSON, as binary_data_size says, got {len(binary):,}")
    if missing := tensors.keys() - arrays.keys():
        raise InputError(f"inputs: {', '.join(sorted(missing))} missing")
    rows = {len(values) for values in arrays.values()}
    if len(rows) > 1 or max(rows) > MAX_ROWS:
        raise InputError(f"expected the same number of rows of all inputs, at most {MAX_ROWS:,}")
    return arrays


def _requested(request: InferRequest, predictor: OnnxPredictor, network: str) -> dict[str, bool]:
    """Return the requested outputs, all by default, and of each whether it is sent in binary."""
    names = [tensor.name for tensor in predictor.signature(network)[1]]
    default = request.parameters is not None and request.parameters.binary_data_output
    requested: dict[str, bool] = {}
    for output in request.outputs or []:
        if output.name not in names:
            raise unknown("output", public_text(output.name), names)
        if output.parameters.classification is not None:
            raise InputError(f"output {output.name!r}: classification is not supported")
        binary = output.parameters.binary_data
        requested[output.name] = default if binary is None else binary
    return requested or dict.fromkeys(names, default)


def _compute(predictor: OnnxPredictor, network: str, inputs: Arrays, cancellation: Cancellation) -> Arrays:
    rows = len(next(iter(inputs.values())))
    step = max(CALL_NUMBERS // max(math.prod(values.shape[1:]) for values in inputs.values()), 1)
    try:
        parts = [
            predictor({name: x[start : start + step] for name, x in inputs.items()}, network, cancellation)
            for start in range(0, rows, step)
        ]
    except InferenceCancelledError:
        raise
    except Exception as error:  # ONNX Runtime's errors have no base class: an index out of range, sizes that differ
        raise InputError(f"the network cannot compute these arrays: {error}") from error
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _respond(model: str, request: InferRequest, arrays: Mapping[str, np.ndarray], binary: dict[str, bool]) -> Response:
    """Return the response, with numbers in JSON or in a binary part."""
    if sum(values.size for name, values in arrays.items() if not binary[name]) > MAX_NUMBERS:
        raise HTTPException(413, f"at most {MAX_NUMBERS:,} numbers are sent in JSON: ask for binary_data")
    parts = [values.tobytes() for name, values in arrays.items() if binary[name]]
    outputs = list(_described(arrays, binary))
    head = to_json({"model_name": model, "id": request.id, "outputs": outputs}, inf_nan_mode="null")
    if not parts:
        return Response(head, media_type="application/json")
    return Response(head + b"".join(parts), headers={HEADER: str(len(head))}, media_type="application/octet-stream")


def _described(arrays: Mapping[str, np.ndarray], binary: Mapping[str, bool]) -> Iterator[JsonObject]:
    for name, values in arrays.items():
        output: JsonObject = {"name": name, "shape": list(values.shape), "datatype": NAMES[values.dtype]}
        if binary[name]:
            yield output | {"parameters": {"binary_data_size": values.nbytes}}
        else:
            yield output | {"data": values.ravel().tolist()}
