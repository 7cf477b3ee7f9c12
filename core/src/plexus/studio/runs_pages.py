"""Runs: listed, shown, compared, annotated and removed."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from plexus.catalogue.folders import REMOVED, remove_run, restore_run
from plexus.catalogue.notes import MAX_TEXT, RunNotes
from plexus.catalogue.record import RunRecord
from plexus.errors import InputError
from plexus.studio.page import render_page
from plexus.studio.run_comparison import comparison_values
from plexus.studio.run_rows import RunFilter, option_lines, option_text, run_row
from plexus.studio.run_view import run_values
from plexus.studio.site import Site, run_address

MAX_ROWS, MAX_COMPARED = 500, 8
REPORT_HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:; font-src data:; media-src data:; frame-src 'self'",
    "X-Content-Type-Options": "nosniff",
}
"""A report has figures of a plugin: they have no access to the server."""


def add_routes(router: APIRouter, site: Site) -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
    """
    _add_list(router, site)
    _add_run(router, site)
    _add_changes(router, site)


def _add_list(router: APIRouter, site: Site) -> None:
    @router.get("/runs")
    def index(
        task: str = "",
        data: str = "",
        status: str = "",
        q: str = "",
        sort: str = "started",
        reverse: bool = False,
        removed: Annotated[list[str] | None, Query()] = None,
        restored: Annotated[list[str] | None, Query()] = None,
    ) -> HTMLResponse:
        chosen = RunFilter(task, data, status, q, sort, reverse)
        everything = site.run_cache.records(removed=status == "removed")
        records = chosen.apply(everything)
        shown = records[:MAX_ROWS]
        undo = [id for id in removed or [] if _is_removed(site, id)]
        present = [id for id in restored or [] if _is_present(site, id)]
        notice = f"{_runs(len(undo))} removed." if undo else f"{_runs(len(present))} restored." if present else ""
        return render_page(
            "studio/runs.html",
            section="runs",
            title="Runs",
            notice=notice,
            undo=undo,
            rows=[
                run_row(site, each) | {"options": line} for each, line in zip(shown, option_lines(shown), strict=True)
            ],
            hidden=len(records) - len(shown),
            total=len(everything),
            tasks=sorted({record.task for record in everything}),
            data_names=sorted({option_text(record.data) for record in everything}),
            filter=chosen,
            links=_sort_links(chosen),
        )

    @router.get("/runs/compare")
    def compare(run: Annotated[list[str] | None, Query()] = None) -> HTMLResponse:
        ids = list(dict.fromkeys(run or []))
        if not 2 <= len(ids) <= MAX_COMPARED:
            raise InputError(f"select 2 to {MAX_COMPARED} runs to compare, not {len(ids)}")
        records = [RunRecord.read(site.run_folder(id)) for id in ids]
        values = comparison_values(site, records)
        return render_page("studio/compare.html", section="runs", title="Comparison", **values)


def _add_run(router: APIRouter, site: Site) -> None:
    @router.get("/runs/one/{id:path}")
    def show(id: str, saved: bool = False) -> HTMLResponse:
        record = RunRecord.read(site.run_folder(id))
        notice = "The note is saved." if saved else ""
        values = run_values(site, record)
        return render_page(
            "studio/run.html", section="runs", title=record.folder.name, notice=notice, max_text=MAX_TEXT, **values
        )

    @router.get("/runs/report/{id:path}")
    def report(id: str) -> Response:
        file = site.run_folder(id) / "report.html"
        if not file.is_file():
            raise HTTPException(404, f"{id} has no report: it is written when the training has ended")
        return FileResponse(file, headers=REPORT_HEADERS)


def _add_changes(router: APIRouter, site: Site) -> None:
    @router.post("/runs/notes")
    def save_notes(
        run: Annotated[str, Form()], text: Annotated[str, Form()] = "", tags: Annotated[str, Form()] = ""
    ) -> RedirectResponse:
        RunNotes.of(text, tags.split(",")).save(site.run_folder(run))
        return RedirectResponse(f"{run_address(run)}?saved=1", 303)

    @router.post("/runs/remove")
    def remove(run: Annotated[list[str] | None, Form()] = None) -> RedirectResponse:
        if not run:
            raise InputError("select the runs to remove first")
        folders = [site.run_folder(id) for id in dict.fromkeys(run)]
        busy = [folder.name for folder in folders if RunRecord.read(folder).status == "training"]
        if busy:
            raise InputError(f"{', '.join(busy)}: stop the training first; no run was removed")
        for folder in folders:
            remove_run(folder)
        return RedirectResponse(f"/runs?{urlencode({'removed': run}, doseq=True)}", 303)

    @router.post("/runs/restore")
    def restore(run: Annotated[list[str] | None, Form()] = None) -> RedirectResponse:
        if not run:
            raise InputError("select the runs to restore first")
        folders = [_removed_folder(site, id) for id in dict.fromkeys(run)]
        ids = [site.run_id(restore_run(folder)) for folder in folders]
        return RedirectResponse(f"/runs?{urlencode({'restored': ids}, doseq=True)}", 303)


def _removed_folder(site: Site, id: str) -> Path:
    """Return the folder of a run that was removed, by its id of before or of now."""
    parts = [part for part in id.split("/") if part != REMOVED]
    return site.run_folder("/".join([*parts[:-1], REMOVED, *parts[-1:]]))


def _is_removed(site: Site, id: str) -> bool:
    try:
        return _removed_folder(site, id).is_dir()
    except HTTPException:
        return False


def _is_present(site: Site, id: str) -> bool:
    try:
        return site.run_folder(id).is_dir()
    except HTTPException:
        return False


def _runs(count: int) -> str:
    return f"{count} run{'s' if count != 1 else ''}"


def _sort_links(chosen: RunFilter) -> dict[str, str]:
    """Return the address of the list in each order; that of the current order reverses it."""
    links = {}
    for name in ("started", "metric", "seconds", "parameters"):
        reverse = chosen.sort == name and not chosen.reverse
        query = {"task": chosen.task, "data": chosen.data, "status": chosen.status, "q": chosen.text, "sort": name}
        links[name] = f"/runs?{urlencode(query | ({'reverse': 'true'} if reverse else {}))}"
    return links
