"""The pages of apps, served under `/apps/ID`."""

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.responses import Response

from plexus.bundle import Bundle
from plexus.errors import InputError
from plexus.serve.exchange import PAGES
from plexus.serve.lazy_page import LazyPage, build_lock
from plexus.serve.page_files import guard_files, hide_folders, refuse_addresses
from plexus.studio.page import SECTIONS, error_page
from plexus.utils.html import render

if TYPE_CHECKING:
    from gradio import Blocks

    from plexus.app import AnyApp
    from plexus.utils.option_group import OptionGroup

STYLE = """
.gradio-container { width: 100% !important; max-width: min(1080px, 100vw) !important; margin: 0 auto !important }
.gradio-container :is(main, .wrap, .contain, .column, .row, .form, .block, .tabs, .tabitem) {
  min-width: 0 !important; max-width: 100% }
@media (max-width: 640px) { .row { flex-direction: column; align-items: stretch !important } }
.gradio-container { --color-accent: #2563eb }
.dark .gradio-container { --color-accent: #60a5fa }
.gradio-container h1 { font-size: 1.7rem; margin-bottom: 0 }
:focus-visible { outline: 3px solid #2a6fdb !important; outline-offset: 2px }
[role=tab]:focus-visible { outline-offset: -3px }
.caption { font-size: .92rem; opacity: .85 }
.gradio-container :is(time, .controls .icon, .source-selection .icon:not(.selected)) {
  color: var(--body-text-color-subdued) !important }
.studio-header :is(.studio-bar, nav, form) { display: flex; flex-wrap: wrap; gap: .2rem; align-items: center }
.studio-header .studio-bar { justify-content: space-between; border-bottom: 1px solid var(--border-color-primary);
  padding-bottom: .4rem }
.studio-header :is(input, button) { border: 1px solid var(--neutral-500); border-radius: 6px; padding: .3rem .6rem;
  background: var(--background-fill-primary); color: var(--body-text-color); font-size: .95rem }
.studio-header input { width: 11rem }
.studio-header ol { display: flex; flex-wrap: wrap; list-style: none; margin: .3rem 0 0; padding: 0; font-size: .92rem }
.studio-header li + li::before { content: "/"; opacity: .7 }
.studio-header li:last-child { padding: .3rem 0 }
.studio-header li:last-child::before { margin-right: .7rem }
.studio-header li a { display: inline-block }
.studio-header [aria-current=true] { background: var(--background-fill-secondary); font-weight: 650 }
.studio-header a { padding: .3rem .7rem; border-radius: 6px; color: var(--body-text-color) !important;
  text-decoration: none !important }
.studio-bar a:first-child { font-weight: 700 }
.studio-header a:hover { background: var(--background-fill-secondary) }
"""
"""Style of all pages. Captions have the class `caption`."""
SCRIPT = """<script>
document.addEventListener('keydown', event => {
  if (event.key === 'Tab' && event.target.matches('[role=combobox]')) event.stopImmediatePropagation();
}, true);
</script>"""
"""Gradio's dropdowns open their list again when the Tab key has moved the focus away, and it would cover the page."""


def mount_pages(
    server: FastAPI,
    apps: "Mapping[str, tuple[AnyApp, OptionGroup | None]]",
    bundles: Callable[[Sequence[str]], Mapping[str, Bundle]],
    version: Callable[[Sequence[str]], Hashable],
    build_now: bool,
) -> None:
    """Add a page for each app, which is built when it is first opened, and again when it is opened with other bundles.

    Args:
        server: The server.
        apps: Apps and the options of their pages, by id.
        bundles: Returns the bundles of tasks by name.
        version: Returns a value that differs once the bundles of tasks do.
        build_now: Whether to build the pages before they are opened.

    Raises:
        InputError: If an app cannot make its page, and the pages are built now.
    """
    # Gradio contacts no other host.
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_RUN_HISTORY": "False"}
    if apps:
        import gradio  # noqa: F401 - now: it takes seconds, for which nobody should wait who opens a page
    for id, (app, options) in apps.items():
        page = LazyPage(_builder(id, app, options, bundles), lambda app=app: version(app.tasks), _refusal)  # type: ignore[misc]
        if build_now:
            page.build()
        refuse_addresses(server, f"{PAGES}{id}")
        server.mount(f"{PAGES}{id}", page)


def _refusal(error: InputError) -> Response:
    return error_page(400, str(error))


def _builder(
    id: str,
    app: "AnyApp",
    options: "OptionGroup | None",
    bundles: Callable[[Sequence[str]], Mapping[str, Bundle]],
) -> Callable[[], FastAPI]:
    def build() -> FastAPI:
        models = bundles(app.tasks)
        if app.tasks and not models:
            raise InputError(f"{id} needs a model of {' or '.join(app.tasks)}, and there is none yet: train one first")
        page = app.page(models, options)
        _add_header(page)
        guard_files(page)
        hide_folders(page)
        build_lock.guard_events(page)
        return _mount(FastAPI(), page, f"{PAGES}{id}")

    return build


def _add_header(page: "Blocks") -> None:
    """Add the navigation and the search of Studio, and the place of a page, above its content."""
    import gradio as gr

    with page:
        header = render("studio/app_header.html", sections=SECTIONS, title=page.title)
        gr.HTML(header, elem_classes="studio-header", padding=False)
    page.children.insert(0, page.children.pop())


def _mount(server: FastAPI, page: "Blocks", path: str) -> FastAPI:
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="blue", neutral_hue="slate", font=["system-ui", "sans-serif"], font_mono=["monospace"]
    )
    # Contrasts of 3 or more for borders (WCAG 2.2, 1.4.11), and of 4.5 or more for texts (1.4.3).
    theme.set(
        checkbox_border_color="*neutral_500",
        checkbox_border_color_dark="*neutral_400",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )
    mounted: FastAPI = gr.mount_gradio_app(
        server,
        page,
        path,
        theme=theme,
        css=STYLE,
        head=SCRIPT,
        footer_links=[],
        ssr_mode=False,
        show_error=False,  # of unexpected errors; a `gr.Error` is shown all the same
    )
    return mounted
