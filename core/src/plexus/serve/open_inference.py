"""The Open Inference Protocol, version 2: arrays to arrays, for clients that exist already.

https://github.com/kserve/open-inference-protocol, with the binary tensors of Triton's HTTP clients.
"""

import asyncio
import json
from typing import Any

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response

from plexus import __version__
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
_OF_ONNX = {"float": "FP32", "double": "FP64"}
_NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}
HEADER = "inference-header-content-length"


def open_inference(models: Models) -> APIRouter:
    """The protocol's addresses."""
    router = APIRouter(prefix="/v2")

    @router.get("/health/live", summary="The server runs")
    @router.get("/health/ready", summary="It can be asked")
    def healthy() -> dict[str, bool]:
        return {"live": True, "ready": True}

    @router.get("", summary="The server")
    def server() -> dict[str, Any]:
        return {"name": "plexus", "version": __version__, "extensions": ["binary_tensor_data"]}

    @router.get("/models/{name}/ready", summary="A model can be asked")
    def ready(name: str) -> dict[str, Any]:
        return {"name": name, "ready": bool(models[name])}

    @router.get("/models/{name}", summary="A model's arrays")
    def described(name: str) -> dict[str, Any]:
        inputs, outputs = (list(map(_metadata, side)) for side in models[name].predictor.signature())
        return {"name": name, "versions": ["1"], "platform": "onnxruntime", "inputs": inputs, "outputs": outputs}

    @router.post("/models/{name}/infer", summary="Arrays to arrays")
    async def infer(name: str, request: Request) -> Response:
        bundle, body = models[name], await request.body()
        length = int(request.headers.get(HEADER) or len(body))
        asked = _parsed(body[:length])
        arrays = _arrays(asked, body[length:])
        try:
            found = await asyncio.to_thread(bundle.predictor, arrays)
        except Exception as error:
            # ONNX Runtime's own complaint of names, types and shapes, in one line.
            raise HTTPException(422, " ".join(str(error).split())) from error
        return _answer(name, asked, found)

    return router


def _metadata(tensor: Tensor) -> dict[str, Any]:
    kind = _OF_ONNX.get(tensor.kind, tensor.kind.upper())
    return {"name": tensor.name, "datatype": kind, "shape": tensor.shape}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
        if isinstance(asked["inputs"], list) and asked["inputs"]:
            return dict(asked)
    except (ValueError, KeyError, TypeError) as error:
        raise HTTPException(422, f"a JSON object with inputs is wanted ({type(error).__name__}: {error})") from error
    raise HTTPException(422, "inputs: a list of one array or more is wanted")


def _arrays(asked: dict[str, Any], rest: bytes) -> dict[str, np.ndarray]:
    arrays, at = {}, 0
    for given in asked["inputs"]:
        try:
            kind, shape = TYPES[given["datatype"]], given["shape"]
            size = (given.get("parameters") or {}).get("binary_data_size")
            if size is None:
                arrays[given["name"]] = np.array(given["data"], kind).reshape(shape)
            else:
                arrays[given["name"]] = np.frombuffer(rest[at : at + size], kind).reshape(shape)
                at += size
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            name = given.get("name") if isinstance(given, dict) else given
            raise HTTPException(422, f"input {name!r}: {type(error).__name__}: {error}") from error
    return arrays


def _answer(name: str, asked: dict[str, Any], found: dict[str, np.ndarray]) -> Response:
    wanted = {out["name"]: out.get("parameters") or {} for out in asked.get("outputs") or []}
    binary = bool((asked.get("parameters") or {}).get("binary_data_output"))
    outputs, parts = [], []
    for key, values in found.items():
        if wanted and key not in wanted:
            continue
        output: dict[str, Any] = {"name": key, "shape": list(values.shape), "datatype": _NAMES[values.dtype]}
        if wanted.get(key, {}).get("binary_data", binary):
            parts.append(values.tobytes())
            output["parameters"] = {"binary_data_size": len(parts[-1])}
        else:
            output["data"] = values.ravel().tolist()
        outputs.append(output)
    head = json.dumps({"model_name": name, "id": asked.get("id", ""), "outputs": outputs}).encode()
    if not parts:
        return Response(head, media_type="application/json")
    return Response(head + b"".join(parts), headers={HEADER: str(len(head))}, media_type="application/octet-stream")
