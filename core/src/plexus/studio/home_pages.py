"""The first page, the list of apps, and the search."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from plexus.studio.page import render_page
from plexus.studio.site import Site


def add_routes(router: APIRouter, site: Site) -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
    """

    @router.get("/favicon.ico")
    def icon() -> Response:
        return Response(status_code=204)  # browsers always request it

    @router.get("/")
    def home() -> HTMLResponse:
        return render_page("studio/home.html", section="home", title="Plexus Studio")
