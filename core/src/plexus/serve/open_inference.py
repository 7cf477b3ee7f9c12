"""The Open Inference Protocol, version 2: arrays to arrays, for existing clients.

https://github.com/kserve/open-inference-protocol, with the binary tensors of Triton's HTTP clients.
"""

import asyncio
import json
from collections.abc import Mapping

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response

from plexus import __version__
from plexus.codec import Arrays, JsonObject
from plexus.inference.onnx import Tensor
from plexus.serve.models import Models

TYPES = {
    "FP32": np.float32,
    "FP64": np.float64,
    "INT32": np.int32,
    "INT64": np.int64,
    "UINT8": np.uint8,
    "BOOL": np.bool_,
}
HEADER = "inference-header-content-length"
_FROM_ONNX = {"float": "FP32", "double": "FP64"}
_NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}


def open_inference(models: Models) -> APIRouter:
    """Create the routes of the protocol. Of a bundle with several networks, they serve the first.

    Args:
        models: The served models.

    Returns:
        The routes, under `/v2`.
    """
    router = APIRouter(prefix="/v2")

    @router.get("/health/live", summary="Check that the server runs")
    @router.get("/health/ready", summary="Check that the server accepts requests")
    def health() -> dict[str, bool]:
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
        inputs, outputs = (list(map(_metadata, tensors)) for tensors in signature)
        return {"name": name, "versions": ["1"], "platform": "onnxruntime", "inputs": inputs, "outputs": outputs}

    @router.post("/models/{name}/infer", summary="Compute arrays from arrays")
    async def infer(name: str, request: Request) -> Response:
        bundle, body = models[name], await request.body()
        length = int(request.headers.get(HEADER) or len(body))
        head = _parse_head(body[:length])
        inputs = _read_arrays(head, body[length:])
        try:
            outputs = await asyncio.to_thread(bundle.predictor, inputs, bundle.networks[0])
        except Exception as error:
            # The message of ONNX Runtime about names, types and shapes, in one line.
            raise HTTPException(422, " ".join(str(error).split())) from error
        return _respond(name, head, outputs)

    return router


def _metadata(tensor: Tensor) -> JsonObject:
    kind = _FROM_ONNX.get(tensor.kind, tensor.kind.upper())
    return {"name": tensor.name, "datatype": kind, "shape": tensor.shape}


def _parse_head(content: bytes) -> JsonObject:
    """Return the JSON part of a request."""
    try:
        head = json.loads(content)
        if isinstance(head["inputs"], list) and head["inputs"]:
            return dict(head)
    except (ValueError, KeyError, TypeError) as error:
        raise HTTPException(422, f"expected a JSON object with inputs ({type(error).__name__}: {error})") from error
    raise HTTPException(422, "inputs: expected a list of one or more arrays")


def _read_arrays(head: JsonObject, binary: bytes) -> Arrays:
    """Return the arrays of a request, from JSON numbers or from the binary part."""
    arrays, start = {}, 0
    for entry in head["inputs"]:
        try:
            kind, shape = TYPES[entry["datatype"]], entry["shape"]
            size = (entry.get("parameters") or {}).get("binary_data_size")
            if size is None:
                arrays[entry["name"]] = np.array(entry["data"], kind).reshape(shape)
            else:
                arrays[entry["name"]] = np.frombuffer(binary[start : start + size], kind).reshape(shape)
                start += size
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            name = entry.get("name") if isinstance(entry, dict) else entry
            raise HTTPException(422, f"input {name!r}: {type(error).__name__}: {error}") from error
    return arrays


def _respond(model: str, request: JsonObject, arrays: Mapping[str, np.ndarray]) -> Response:
    """Return the response with the requested outputs, all by default, as JSON numbers or in a binary part."""
    requested = {output["name"]: output.get("parameters") or {} for output in request.get("outputs") or []}
    binary = bool((request.get("parameters") or {}).get("binary_data_output"))
    outputs, parts = [], []
    for name, values in arrays.items():
        if requested and name not in requested:
            continue
        output: JsonObject = {"name": name, "shape": list(values.shape), "datatype": _NAMES[values.dtype]}
        if requested.get(name, {}).get("binary_data", binary):
            parts.append(values.tobytes())
            output["parameters"] = {"binary_data_size": len(parts[-1])}
        else:
            output["data"] = values.ravel().tolist()
        outputs.append(output)
    head = json.dumps({"model_name": model, "id": request.get("id", ""), "outputs": outputs}).encode()
    if not parts:
        return Response(head, media_type="application/json")
    return Response(head + b"".join(parts), headers={HEADER: str(len(head))}, media_type="application/octet-stream")
