"""Models: shown, tried, evaluated and exported."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from plexus.studio.page import render_page
from plexus.studio.site import Site


def add_routes(router: APIRouter, site: Site) -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
    """

    @router.get("/models")
    def index() -> HTMLResponse:
        return render_page("studio/models.html", section="models", title="Models")
