"""Plexus Studio as a part of the server."""

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from plexus.studio import data_pages, home_pages, models_pages, runs_pages, train_pages
from plexus.studio.page import StudioRoute, error_page
from plexus.studio.site import Site

STATIC = Path(__file__).parent / "static"
"""Folder of the style and the scripts."""
PAGES = (home_pages, data_pages, train_pages, runs_pages, models_pages)


def mount_studio(server: FastAPI, site: Site) -> None:
    """Add the pages of Studio to a server, from `/` on.

    Args:
        server: The server.
        site: What the pages describe.
    """
    router = APIRouter(route_class=StudioRoute, include_in_schema=False)
    for module in PAGES:
        module.add_routes(router, site)
    server.include_router(router)
    server.state.problem_page = error_page
    server.mount("/static", StaticFiles(directory=STATIC), name="static")
