"""The pages of apps, served under `/apps/ID`."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import FastAPI

from plexus.bundle import Bundle
from plexus.serve.exchange import PAGES
from plexus.serve.page_files import guard_files, hide_folders, refuse_addresses

if TYPE_CHECKING:
    from plexus.app import AnyApp
    from plexus.utils.option_group import OptionGroup

STYLE = """
.gradio-container { width: 100% !important; max-width: min(1080px, 100vw) !important; margin: 0 auto !important }
.gradio-container :is(main, .wrap, .contain, .column, .row, .form, .block, .tabs, .tabitem) {
  min-width: 0 !important; max-width: 100% }
@media (max-width: 640px) { .row { flex-direction: column; align-items: stretch !important } }
.gradio-container h1 { font-size: 1.7rem; margin-bottom: 0 }
:focus-visible { outline: 3px solid #2a6fdb !important; outline-offset: 2px }
.caption { font-size: .92rem; opacity: .85 }
"""
"""Style of all pages. Captions have the class `caption`."""


def mount_pages(
    server: FastAPI, apps: "Mapping[str, tuple[AnyApp, OptionGroup | None]]", bundles: Mapping[str, Bundle]
) -> None:
    """Add a page for each app.

    Args:
        server: The server.
        apps: Apps and the options of their pages, by id.
        bundles: The served bundles by name.

    Raises:
        InputError: If an app cannot make its page.
    """
    # Gradio contacts no other host.
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_RUN_HISTORY": "False"}
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="blue", neutral_hue="slate", font=["system-ui", "sans-serif"], font_mono=["monospace"]
    )
    # A contrast of 3 or more with the page (WCAG 2.2, 1.4.11).
    theme.set(checkbox_border_color="*neutral_500", checkbox_border_color_dark="*neutral_400")
    for id, (app, options) in apps.items():
        page = app.page({name: b for name, b in bundles.items() if b.manifest["task"] in app.tasks}, options)
        guard_files(page)
        hide_folders(page)
        refuse_addresses(server, f"{PAGES}{id}")
        gr.mount_gradio_app(
            server,
            page,
            f"{PAGES}{id}",
            theme=theme,
            css=STYLE,
            footer_links=[],
            ssr_mode=False,
            show_error=False,  # of unexpected errors; a `gr.Error` is shown all the same
        )
