"""The first page, the list of apps, and the search."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from plexus.studio.model_view import model_card_values
from plexus.studio.page import render_page
from plexus.studio.run_rows import run_row
from plexus.studio.search_results import search
from plexus.studio.site import Site, title_of
from plexus.studio.task_cards import task_cards

if TYPE_CHECKING:
    from plexus.codec import JsonObject

RECENT = 5
"""Runs on the first page."""
MAX_MODELS = 8
"""Models on the first page."""


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
        models = list(site.model_list.entries().values())
        return render_page(
            "studio/home.html",
            section="home",
            title="Plexus Studio",
            apps=_app_cards(site),
            tasks=task_cards(site),
            runs=[run_row(site, record) for record in site.run_cache.records()[:RECENT]],
            models=[model_card_values(site, entry) for entry in models[:MAX_MODELS]],
            more_models=len(models) - MAX_MODELS,
        )

    @router.get("/apps")
    def apps() -> HTMLResponse:
        return render_page("studio/apps.html", section="apps", title="Apps", apps=_app_cards(site))

    @router.get("/search")
    def find(q: str = "") -> HTMLResponse:
        title = f"Search: {q}" if q.strip() else "Search"
        return render_page("studio/search.html", section="", title=title, query=q, results=search(site, q))


def _app_cards(site: Site) -> "list[JsonObject]":
    entries = site.plugins.entries("apps")
    tasks = {entry.task for entry in site.model_list.entries().values()}
    return [
        {
            "title": title_of(id),
            "address": f"/apps/{id}/",
            "summary": entries[id].summary,
            "icon": app.icon,
            "missing": "" if not app.tasks or tasks & set(app.tasks) else app.tasks[0],
        }
        for id, (app, _) in site.apps.items()
    ]
