"""The first page, the list of apps, and the search."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from plexus.serve.exchange import PAGES
from plexus.studio.model_view import model_card_values
from plexus.studio.page import render_page
from plexus.studio.run_rows import matches, run_row
from plexus.studio.site import Site, run_address, title_of

if TYPE_CHECKING:
    from plexus.codec import JsonObject

INTRODUCTION = (
    "Explore data, train models, compare trainings and use the models, in the browser or in the same way on the "
    "command line."
)
RECENT, MAX_RESULTS = 6, 50
"""Runs and models on the first page, and results of a search per kind, at most."""
Card = dict[str, str]


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
        groups = [
            ("Apps", _apps(site), ""),
            ("Recent runs", _runs(site)[:RECENT], "/runs"),
            ("Models", _models(site)[:RECENT], "/models"),
            ("Tasks to train", _tasks(site), ""),
        ]
        return render_page(
            "studio/home.html",
            section="home",
            title="Plexus Studio",
            introduction=INTRODUCTION,
            groups=[group for group in groups if group[1]],
        )

    @router.get("/apps")
    def apps() -> HTMLResponse:
        groups = [("Apps", _apps(site), "")]
        return render_page("studio/home.html", section="apps", title="Apps", introduction="", groups=groups)

    @router.get("/search")
    def search(q: str = "") -> HTMLResponse:
        kinds = {
            "Apps": _apps(site),
            "Tasks to train": _tasks(site),
            "Data sets": _datasets(site),
            "Models": _models(site),
            "Runs": _runs(site),
        }
        matching = {name: _matching(items, q) for name, items in kinds.items()}
        count = sum(map(len, matching.values()))
        return render_page(
            "studio/home.html",
            section="",
            title="Search",
            query=q,
            introduction=f"{count} result{'s' * (count != 1)} for “{q}”." if q else "Enter words to search for.",
            groups=[(name, items, "") for name, items in matching.items() if items] if q else [],
        )


def _matching(items: Iterable[Card], words: str) -> list[Card]:
    return [item for item in items if matches(words, " ".join(item.values()))][:MAX_RESULTS]


def _apps(site: Site) -> list[Card]:
    entries = site.plugins.entries("apps")
    return [_card(title_of(id), f"{PAGES}{id}/", entries[id].summary) for id in site.apps]


def _tasks(site: Site) -> list[Card]:
    return [_card(id, f"/train/{id}", entry.summary) for id, entry in site.plugins.entries("tasks").items()]


def _datasets(site: Site) -> list[Card]:
    return [
        _card(name, "/data", f"A data set of {id}")
        for id in site.plugins.entries("tasks")
        if (task := site.find_task(id)) is not None
        for name in task.context.datasets
    ]


def _models(site: Site) -> list[Card]:
    cards = [model_card_values(site, entry) for entry in site.model_list.entries().values()]
    return [
        _card(card["name"], card["address"], f"{card['summary']}, on {card['data']}", card["metric"], card["value"])
        for card in cards
    ]


def _runs(site: Site) -> list[Card]:
    rows: list[JsonObject] = [run_row(site, record) for record in site.run_cache.records()]
    return [
        _card(
            row["name"],
            run_address(row["id"]),
            f"{row['task']} on {row['data']}: {row['status']}, started {row['started']}",
            row["metric"] or "",
            row["value"] or "",
        )
        for row in rows
    ]


def _card(title: str, address: str, summary: str, metric: str = "", value: str = "") -> Card:
    return {"title": title, "address": address, "summary": summary, "metric": metric, "value": value}
