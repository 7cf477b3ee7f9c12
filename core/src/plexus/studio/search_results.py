"""The results of the search box."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from plexus.studio.run_rows import matches, option_text, run_text
from plexus.studio.site import Site, model_address, run_address, title_of
from plexus.studio.task_data import task_datasets

if TYPE_CHECKING:
    pass

MAX_RESULTS = 50
"""Results of each kind."""


@dataclass(frozen=True)
class SearchResult:
    """A result.

    Args:
        title: Its title.
        address: Its page.
        summary: What it is.

    Example:
        ```python
        SearchResult("Image recognition", "/apps/image-recognition/", "Classify images")
        ```
    """

    title: str
    address: str
    summary: str


def search(site: Site, query: str) -> dict[str, list[SearchResult]]:
    """Search for apps, tasks, data sets, models and runs.

    Args:
        site: The site.
        query: Words, all of which a result has.

    Returns:
        Results by kind; none for a query without words.
    """
    kinds = {"Apps": _apps, "Tasks": _tasks, "Data sets": _data, "Models": _models, "Runs": _runs}
    if not query.strip():
        return {}
    results = {kind: list(islice(find(site, query), MAX_RESULTS)) for kind, find in kinds.items()}
    return {kind: each for kind, each in results.items() if each}


def _apps(site: Site, query: str) -> Iterator[SearchResult]:
    entries = site.plugins.entries("apps")
    for id in site.apps:
        if matches(query, f"{id} {title_of(id)} {entries[id].summary}"):
            yield SearchResult(title_of(id), f"/apps/{id}/", entries[id].summary)


def _tasks(site: Site, query: str) -> Iterator[SearchResult]:
    for id, entry in site.plugins.entries("tasks").items():
        if matches(query, f"{id} {entry.summary}"):
            yield SearchResult(entry.summary, f"/train/{id}", f"{id}: train a model")


def _data(site: Site, query: str) -> Iterator[SearchResult]:
    entries = site.plugins.entries("data")
    names = {name for name, entry in entries.items() if matches(query, f"{name} {entry.summary}")}
    tasks = filter(None, map(site.find_task, site.plugins.entries("tasks"))) if names else ()
    for task in tasks:
        for name in task_datasets(site.plugins, task):
            if name in names:
                address = f"/data/new?{urlencode({'task': task.id, 'name': name})}"
                yield SearchResult(f"{name} for {task.id}", address, entries[name].summary)


def _models(site: Site, query: str) -> Iterator[SearchResult]:
    for entry in site.model_list.entries().values():
        data = option_text(entry.manifest["data"]["name"])
        if matches(query, f"{entry.name} {data}"):
            yield SearchResult(entry.name, model_address(entry.name), f"trained on {data}")


def _runs(site: Site, query: str) -> Iterator[SearchResult]:
    for record in site.run_cache.records():
        id = site.run_id(record.folder)
        if matches(query, f"{id} {run_text(record)}"):
            yield SearchResult(
                record.folder.name,
                run_address(id),
                f"{record.task} on {option_text(record.data)}, {record.status}",
            )
