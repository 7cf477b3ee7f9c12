"""The HTTP interface."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from pydantic_core import to_json

from plexus import __version__
from plexus.codec import JsonObject
from plexus.serve.hosts import HostPolicy
from plexus.serve.keys import Keys
from plexus.serve.limits import ServerLimits
from plexus.serve.middleware import RequestMiddleware
from plexus.serve.models import Models
from plexus.serve.open_inference import open_inference
from plexus.serve.problems import MEDIA_TYPE, TITLES, install_problems
from plexus.serve.requests import BODY, request_values

_PROBLEMS: dict[int | str, JsonObject] = {
    status: {"description": title, "content": {MEDIA_TYPE: {}}} for status, title in TITLES.items()
}


class Result(BaseModel):
    """Result for one input.

    Attributes:
        answer: The prediction, in the task's own form.
        error: Why there is no prediction.
        explanation: The explanation as a data URL.

    Example:
        ```python
        Result(answer={"label": "3", "probability": 0.98, "alternatives": {}})
        ```
    """

    answer: JsonObject | None = None
    error: str | None = None
    explanation: str | None = None


Explain = Annotated[bool, Query(description="Add an explanation of each prediction, as a data URL.")]


def make_app(models: Models, keys: Sequence[str], hosts: HostPolicy, limits: ServerLimits) -> FastAPI:
    """Create the application.

    Args:
        models: The served models; SIGHUP reloads them.
        keys: API keys, of which a request needs one; none: requests need no key.
        hosts: Hosts and origins of requests that are answered.
        limits: Limits of requests.

    Returns:
        The application.
    """
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Plexus",
        version=__version__,
        responses=_PROBLEMS,
        lifespan=lambda _: _reload_on_sighup(models),
    )
    install_problems(app)
    app.add_middleware(RequestMiddleware, keys=Keys(keys), hosts=hosts, limits=limits)
    app.include_router(open_inference(models))

    @app.get("/v1/models", summary="List the served models")
    def list_models() -> list[JsonObject]:
        return [models.describe(name) for name in models.bundles]

    @app.get("/v1/models/{name}", summary="Describe a model")
    def describe_model(name: str) -> JsonObject:
        return models.describe(name)

    @app.post(
        "/v1/models/{name}/predict",
        summary="Predict for JSON values or files",
        response_model=list[Result],
        openapi_extra=BODY,
    )
    async def predict(name: str, request: Request, explain: Explain = False) -> Response:
        results = await models.predict(name, await request_values(request, models.workers), explain)
        return Response(to_json(results, inf_nan_mode="null"), media_type="application/json")

    @app.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
    def metrics() -> Response:
        return Response(generate_latest(models.metrics), media_type=CONTENT_TYPE_LATEST)

    return app


@asynccontextmanager
async def _reload_on_sighup(models: Models) -> AsyncIterator[None]:
    loop, running = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    def reload() -> None:
        task = loop.create_task(models.reload())
        running.add(task)  # a task without a reference may be collected before it ends
        task.add_done_callback(running.discard)

    if hasattr(signal, "SIGHUP"):  # not on Windows
        loop.add_signal_handler(signal.SIGHUP, reload)
    yield
