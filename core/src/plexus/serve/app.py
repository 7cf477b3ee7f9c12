"""The server's addresses."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from pydantic_core import to_json

from plexus import __version__
from plexus.serve.limits import Bounds
from plexus.serve.middleware import Gate
from plexus.serve.models import Models
from plexus.serve.open_inference import open_inference
from plexus.serve.problems import MEDIA_TYPE, TITLES, install_problems
from plexus.serve.requests import BODY, values_of

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": title, "content": {MEDIA_TYPE: {}}} for status, title in TITLES.items()
}


class Result(BaseModel):
    """Of one input: the answer, of the task's own form, or why there is none; and the explanation as a data URL."""

    answer: dict[str, Any] | None = None
    error: str | None = None
    explanation: str | None = None


Explain = Annotated[bool, Query(description="also give why, as a data URL")]


def make_app(models: Models, keys: Sequence[str], bounds: Bounds) -> FastAPI:
    """The application.

    Args:
        models: to answer with; SIGHUP has them read again.
        keys, bounds: as for `Gate`.
    """
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Plexus",
        version=__version__,
        responses=_PROBLEMS,
        lifespan=lambda _: _reloading(models),
    )
    install_problems(app)
    app.add_middleware(Gate, keys=keys, bounds=bounds)
    app.include_router(open_inference(models))

    @app.get("/v1/models", summary="What is served")
    def listed() -> list[dict[str, Any]]:
        return [models.described(name) for name in models.bundles]

    @app.get("/v1/models/{name}", summary="One model")
    def described(name: str) -> dict[str, Any]:
        return models.described(name)

    @app.post(
        "/v1/models/{name}/predict",
        summary="Answers for JSON values or files",
        response_model=list[Result],
        openapi_extra=BODY,
    )
    async def predict(name: str, request: Request, explain: Explain = False) -> Response:
        found = await models.answers(name, await values_of(request), explain)
        return Response(to_json(found, inf_nan_mode="null"), media_type="application/json")

    @app.get("/metrics", summary="For Prometheus", response_class=Response)
    def measured() -> Response:
        return Response(generate_latest(models.metrics), media_type=CONTENT_TYPE_LATEST)

    return app


@asynccontextmanager
async def _reloading(models: Models) -> AsyncIterator[None]:
    loop, running = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    def reload() -> None:
        task = loop.create_task(models.reload())
        running.add(task)  # a task that nobody holds may be collected before it ends
        task.add_done_callback(running.discard)

    if hasattr(signal, "SIGHUP"):  # Windows has none
        loop.add_signal_handler(signal.SIGHUP, reload)
    yield
