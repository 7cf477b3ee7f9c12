"""The server's addresses."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI, File, Query, Response, UploadFile
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field

from plexus import __version__
from plexus.serve.gate import Gate
from plexus.serve.models import Models
from plexus.serve.open_inference import open_inference
from plexus.serve.problems import MEDIA_TYPE, TITLES, install_problems

MOST = 1024
"""Inputs of a request."""
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": title, "content": {MEDIA_TYPE: {}}} for status, title in TITLES.items()
}


class Inputs(BaseModel):
    """A request in JSON."""

    model_config = ConfigDict(extra="forbid")
    inputs: list[Any] = Field(min_length=1, max_length=MOST, description="raw inputs, of the form that the model wants")


Files = Annotated[list[UploadFile], File(max_length=MOST, description="pictures, recordings: what the model wants")]
Explain = Annotated[bool, Query(description="also give why, as a data URL")]


def make_app(models: Models, keys: Sequence[str], most_bytes: int, most_at_once: int) -> FastAPI:
    """The application.

    Args:
        models: to answer with.
        keys, most_bytes, most_at_once: as for `Gate`.
    """
    app = FastAPI(title="Plexus", version=__version__, docs_url=None, redoc_url=None, responses=_PROBLEMS)
    install_problems(app)
    app.add_middleware(Gate, keys=keys, most_bytes=most_bytes, most_at_once=most_at_once)
    app.include_router(open_inference(models))

    @app.get("/v1/models", summary="What is served")
    def listed() -> list[dict[str, Any]]:
        return [models.described(name) for name in models.bundles]

    @app.get("/v1/models/{name}", summary="One model")
    def described(name: str) -> dict[str, Any]:
        return models.described(name)

    @app.post("/v1/models/{name}/predict", summary="Answers for JSON values")
    def predict(name: str, body: Inputs, explain: Explain = False) -> list[dict[str, Any]]:
        return models.answers(name, body.inputs, explain)

    @app.post("/v1/models/{name}/predict/files", summary="Answers for files")
    def predict_files(name: str, files: Files, explain: Explain = False) -> list[dict[str, Any]]:
        return models.answers(name, [file.file.read() for file in files], explain)

    @app.get("/metrics", summary="For Prometheus", response_class=Response)
    def measured() -> Response:
        return Response(generate_latest(models.metrics), media_type=CONTENT_TYPE_LATEST)

    return app
