"""Contents of the pages of models."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.bundle import Bundle
from plexus.cli.export import export_formats
from plexus.errors import InputError
from plexus.inference.models import shipped_models
from plexus.report.intervals import confidence_interval
from plexus.studio.metric_rows import metric_rows
from plexus.studio.model_list import ModelEntry
from plexus.studio.run_rows import option_text
from plexus.studio.site import Site, model_address, run_address, title_of
from plexus.studio.try_form import FIELD, TryForm
from plexus.utils.files import read_regular
from plexus.utils.formatting import number, short

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_CARD_BYTES = 1 << 20


def model_card_values(site: Site, entry: ModelEntry) -> "JsonObject":
    """Format a model for a list.

    Args:
        site: The site.
        entry: The model.

    Returns:
        `name`, `title`, `address`, `summary`, `task`, `icon`, `data`, `metric`, `value`, `interval`, `baseline`,
        `parameters` and `origin`.
    """
    manifest, task = entry.manifest, site.find_task(entry.task)
    tested = manifest["data"]["examples"]["test"]
    interval = confidence_interval(entry.metric, manifest["scores"], tested)
    baseline = manifest.get("baseline")
    summary = "" if task is None else site.plugins.entries("tasks")[entry.task].summary
    data = option_text(manifest["data"]["name"])
    return {
        "name": entry.name,
        "title": f"{summary.partition(': ')[0] or entry.task}: {data}",
        "address": model_address(entry.name),
        "summary": summary,
        "task": entry.task,
        "icon": site.icon_of(entry.task),
        "data": data,
        "metric": site.metric_label(entry.task, entry.metric),
        "value": number(entry.value),
        "interval": "" if interval is None else f"{number(interval[0])} to {number(interval[1])}",
        "baseline": number(manifest["scores"][baseline]) if baseline else "",
        "parameters": short(manifest["parameters"]) if "parameters" in manifest else "",
        "origin": "shipped or served" if entry.run is None else "trained here",
    }


def model_values(site: Site, entry: ModelEntry, bundle: Bundle) -> "JsonObject":
    """Return the values of the page of a model.

    Args:
        site: The site.
        entry: The model.
        bundle: Its bundle.

    Returns:
        Values of the template by name.
    """
    scores = bundle.metrics
    tested = entry.manifest["data"]["examples"]["test"]
    intervals = {name: confidence_interval(name, scores, tested) for name in scores}
    return {
        "model": model_card_values(site, entry),
        "metrics": metric_rows(site, entry.task, scores, entry.metric, intervals),
        "card": card_html(bundle.folder),
        "form": TryForm.of(bundle),
        "field_prefix": FIELD,
        "apps": {id: title_of(id) for id in site.apps_of(entry.task)},
        "run": None if entry.run is None else run_address(site.run_id(entry.run)),
        "formats": export_formats(bundle),
        "networks": bundle.networks,
        "snippets": snippets(site, entry, bundle),
    }


def card_html(folder: Path) -> str:
    """Return the model card as HTML; HTML in the card is escaped.

    Args:
        folder: Folder of the bundle.

    Returns:
        The HTML; empty if there is no card.

    Raises:
        InputError: If the card cannot be read.
    """
    from markdown_it import MarkdownIt

    file = folder / "README.md"
    if not file.is_file():
        return ""
    try:
        text = read_regular(file, MAX_CARD_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: expected text in UTF-8: {error}") from error
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return str(parser.render(_below_title(text)))


def snippets(site: Site, entry: ModelEntry, bundle: Bundle) -> dict[str, str]:
    """Return what serves a model and sends it a request, in the shell and in Python.

    Args:
        site: The site.
        entry: The model.
        bundle: Its bundle.

    Returns:
        Text by title.
    """
    name = bundle_name(site, entry)
    unpack = f"python -m zipfile -e {name}.zip .\n" if name == entry.name else ""
    served = f"{entry.task}.{Path(name).name}"
    url = f"http://127.0.0.1:8000/v1/models/{served}/predict"
    form = TryForm.of(bundle)
    if form is not None and form.file and not form.json:
        curl, value = f"curl -F files=@FILE {url}", 'Path("FILE")'
    else:
        example = {"column": 1.5} if form is None else form.example
        body = shlex.quote(json.dumps({"inputs": [example]}))
        curl = f"curl -H 'content-type: application/json' -d {body} {url}"
        value = repr(example)
    imports = "from pathlib import Path\n\n" if "Path" in value else ""
    python = f"{imports}import plexus\n\nbundle = plexus.load({name!r})\nprint(bundle.predict([{value}])[0])\n"
    return {"Server": f"{unpack}plexus serve {shlex.quote(name)}", "curl": curl, "Python": python}


def bundle_name(site: Site, entry: ModelEntry) -> str:
    """Return the name of a bundle on the command line, without folders of the server outside the working folder.

    Args:
        site: The site.
        entry: The model.

    Returns:
        `TASK/NAME` of a shipped model; the path of one in the working folder; of others the name of the model, which
        is that of the folder in the file to download.
    """
    folder, name = entry.folder.resolve(), f"{entry.task}/{entry.folder.resolve().name}"
    shipped = shipped_models(site.plugins.packages).get(name)
    if shipped is not None and shipped.resolve() == folder:
        return name
    here = Path.cwd().resolve()
    return folder.relative_to(here).as_posix() if folder.is_relative_to(here) else entry.name


def _below_title(text: str) -> str:
    """Return a card whose headings are one level lower: the page has a title of its own."""
    lines, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("#") and not fenced else line)
    return "\n".join(lines)
