"""The apps' pages, in the same server, under `/apps/ID`."""

import html
import os
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from plexus.app import AnyApp
from plexus.bundle import Bundle
from plexus.plugins.registry import registry
from plexus.serve.middleware import PAGES
from plexus.serve.page_files import guard_files, refuse_addresses

STYLE = """
.gradio-container { width: 100% !important; max-width: min(1080px, 100vw) !important; margin: 0 auto !important }
.gradio-container :is(main, .wrap, .contain, .column, .row, .form, .block, .tabs, .tabitem) {
  min-width: 0 !important; max-width: 100% }
@media (max-width: 640px) { .gradio-container .row { flex-direction: column } }
.gradio-container h1 { font-size: 1.7rem; margin-bottom: 0 }
:focus-visible { outline: 3px solid #2a6fdb !important; outline-offset: 2px }
.told { font-size: .92rem; opacity: .85 }
"""
_INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Plexus</title>
<style>
body {{ font: 17px/1.6 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }}
body {{ color: #1c2430; background: #fff }}
a {{ color: #1d55b0 }} li {{ margin: .5em 0 }} small {{ color: #5b6675 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e4e8ef; background: #12161d }} a {{ color: #8ab4ff }} }}
</style>
<main><h1>Plexus</h1>
<ul>{apps}</ul>
<h2>Models</h2>
<ul>{models}</ul>
<p><a href="/docs">Addresses for programs</a></p></main>
</html>
"""


def mount_pages(server: FastAPI, apps: Mapping[str, tuple[AnyApp, Any]], bundles: Mapping[str, Bundle]) -> None:
    """Add a page for each app, and one at `/` that leads to them.

    Args:
        server: gets the pages.
        apps: by id, each with its flags.
        bundles: that are served, by name.

    Raises:
        InputError: an app cannot make its page; the line says why.
    """
    # Nothing is asked of any other machine.
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_RUN_HISTORY": "False"}
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="blue", neutral_hue="slate", font=["system-ui", "sans-serif"], font_mono=["monospace"]
    )
    for id, (app, flags) in apps.items():
        own = {name: bundle for name, bundle in bundles.items() if bundle.manifest["task"] in app.tasks}
        page = app.page(own, flags)
        guard_files(page)
        refuse_addresses(server, f"{PAGES}{id}")
        gr.mount_gradio_app(
            server,
            page,
            f"{PAGES}{id}",
            theme=theme,
            css=STYLE,
            footer_links=[],
            ssr_mode=False,
            show_error=False,  # of what an app did not foresee; a `gr.Error` is shown all the same
        )

    @server.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response(status_code=204)  # browsers ask for it, whatever a page says

    @server.get("/", include_in_schema=False)
    def index() -> HTMLResponse:
        return HTMLResponse(_index(list(apps), bundles))


def _index(apps: list[str], bundles: Mapping[str, Bundle]) -> str:
    entries = registry().entries("apps")
    lines = [f'<li><a href="{PAGES}{id}/">{id}</a><br>{html.escape(entries[id].summary)}' for id in apps]
    models = [
        f"<li>{html.escape(name)} <small>{bundle.score['name']} {bundle.score['value']:.4f}</small>"
        for name, bundle in bundles.items()
    ]
    return _INDEX.format(apps="".join(lines), models="".join(models))
