"""The page that a run leaves: one file, which needs nothing else to be looked at."""

import html
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plexus.report.figure import as_svg
from plexus.report.gradient_norms import draw_gradients
from plexus.report.html import STYLE, shown
from plexus.report.intervals import figures, interval
from plexus.report.model_card import command
from plexus.report.training_cost import cost_rows
from plexus.run import Run
from plexus.task import Task
from plexus.training.state import TrainingState
from plexus.utils.files import write_whole

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}{own_style}</style>
<main>
<h1>{title}</h1>
<p>{summary}. <small>{when}</small></p>
{verdict}
{sections}
</main>
</html>
"""
_STYLE = """
h1 { margin-bottom: .1em } h2 { border-top: 1px solid #e2e6ee; padding-top: .7em }
.verdict { display: flex; flex-wrap: wrap; gap: 1.2em 3em; margin: 1.6em 0 }
.verdict b { display: block; font-size: 2.6em; line-height: 1.1; font-weight: 650; color: #1f4fa3 }
.verdict .other b { color: #5b6675; font-weight: 400 }
.scale { height: .6em; min-width: 9em; background: #eef1f6; border-radius: 3px; position: relative }
.scale i { position: absolute; top: 0; bottom: 0; background: #2a6fdb; opacity: .35; min-width: 2px }
.scale u { position: absolute; top: -.15em; bottom: -.15em; width: 2px; background: #1f4fa3 }
tr.ranks td { font-weight: 650 }
.warning { background: #fff4e0; border-left: 4px solid #d98a00; padding: .5em 1em; margin: .6em 0 }
.fine { color: #1d7a46 }
pre { background: #f4f6fa; padding: .8em 1em; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere }
svg { max-width: 100%; height: auto }
.wide { overflow-x: auto }
td:last-child { overflow-wrap: anywhere }
@media (max-width: 40em) { .scale { display: none } td, th { padding-right: .6em } }
"""
_CAPTIONS = {
    "confusion": "Which answer was given for which truth",
    "calibration": "Of the answers that were given with a probability, how many are right; dots are as large as many",
    "mistakes": "The worst mistakes: those made with most confidence",
}
"""Of pictures that core can draw, by their files' names; a task's own is called by its name."""


def write_page(task: Task, run: Run, state: TrainingState, manifest: dict[str, Any]) -> Path:
    """Write `report.html` in the run's folder, with what the task has put into `report/`.

    Args:
        manifest: what `bundle.json` says.

    Returns:
        The file.
    """
    data = manifest["data"]
    sections = {
        "Scores on the test split": _scores(task, manifest),
        "What it does": _pictures(run.folder / "report"),
        "How it was trained": _training(run.folder / "report"),
        "How learning got through the layers": _health(state),
        "Data": _data(manifest),
        "Time and cost": _table(cost_rows(state, manifest)),
        "Reproduce": _reproduce(task, manifest),
    }
    file = run.folder / "report.html"
    page = _PAGE.format(
        title=html.escape(f"{manifest['task']} on {Path(data['name']).name or data['name']}"),
        style=STYLE,
        own_style=_STYLE,
        summary=html.escape(manifest["summary"]),
        when=f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC",
        verdict=_verdict(task, manifest),
        sections="\n".join(f"<section><h2>{name}</h2>{body}</section>" for name, body in sections.items() if body),
    )
    write_whole(file, page)
    return file


def _verdict(task: Task, manifest: dict[str, Any]) -> str:
    scores, name, baseline = manifest["scores"], manifest["score"], manifest["baseline"]
    between = interval(name, scores, manifest["data"]["examples"]["test"])
    small = f"95 % interval {between[0]:.4g} to {between[1]:.4g}" if between else "on the test split"
    parts = [f"<div><small>{_named(name)}</small><b>{scores[name]:.4g}</b><small>{small}</small></div>"]
    if baseline:
        beaten = task.metric.is_better(scores[name], scores[baseline])
        said = "which it beats" if beaten else "<strong>which it does not beat</strong>"
        parts.append(
            f'<div class="other"><small>the trivial baseline</small><b>{scores[baseline]:.4g}</b>'
            f"<small>{_named(baseline)}, {said}</small></div>"
        )
    return f'<div class="verdict">{"".join(parts)}</div>'


def _scores(task: Task, manifest: dict[str, Any]) -> str:
    scores, examples = manifest["scores"], manifest["data"]["examples"]["test"]
    between = {name: interval(name, scores, examples) for name in figures(scores)}
    rows = []
    for name, ends in between.items():
        said = f"<td>{ends[0]:.4g} to {ends[1]:.4g}<td>{_scale(scores[name], ends)}" if ends else "<td><td>"
        marked = ' class="ranks"' if name == task.metric.name else ""
        rows.append(f"<tr{marked}><td>{_named(name)}<td>{scores[name]:.4g}{said}</tr>")
    title = "95 % interval" if any(between.values()) else ""
    return (
        f"<p>Measured once, after training, with the bundle's ONNX network, {html.escape(manifest['protocol'])} "
        f"({examples:,}). Models are ranked by the bold figure.</p>"
        f'<div class="wide"><table><tr><th>figure<th>value<th>{title}<th></tr>{"".join(rows)}</table></div>'
    )


def _scale(value: float, between: tuple[float, float]) -> str:
    """A bar from 0 to 1, where a figure lies between these."""
    if not 0 <= value <= 1:
        return ""
    low, high = between
    return (
        f'<div class="scale"><i style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></i>'
        f'<u style="left:{100 * value:.1f}%"></u></div>'
    )


def _pictures(folder: Path) -> str:
    files = [file for file in sorted(folder.iterdir()) if file.suffix in {".png", ".gif", ".html", ".svg"}]
    figures_of = [shown(file, _CAPTIONS.get(file.stem, _named(file.stem))) for file in files if file.stem != "training"]
    return f'<div class="shown">{"".join(figures_of)}</div>' if figures_of else ""


def _training(folder: Path) -> str:
    curves = folder / "training.png"
    if not curves.exists():
        return "<p>There was nothing to fit: the weights were computed.</p>"
    return f'<div class="shown">{shown(curves, "The dot is the epoch whose weights were kept")}</div>'


def _health(state: TrainingState) -> str:
    lines = [line for line in state.history if line.get("gradients")]
    if not lines:
        return ""
    said = "".join(f'<p class="warning">{html.escape(warning)}</p>' for warning in state.warnings)
    fine = '<p class="fine">Gradients neither vanished nor exploded, and all were finite numbers.</p>'
    return (said or fine) + as_svg(draw_gradients(lines))


def _data(manifest: dict[str, Any]) -> str:
    data = manifest["data"]
    rows = {
        "data": data["name"],
        "licence": data["licence"],
        "examples": ", ".join(f"{count:,} {split}" for split, count in data["examples"].items()),
        "fingerprint": data["fingerprint"],
    }
    findings = "".join(f"<li>{html.escape(line)}" for line in data["findings"])
    return _table(rows) + (f"<p>What was noticed while it was read:</p><ul>{findings}</ul>" if findings else "")


def _reproduce(task: Task, manifest: dict[str, Any]) -> str:
    options = {name: str(value) for name, value in manifest["options"].items()}
    return (
        f"<pre>{html.escape(command(manifest, task.options))}</pre>"
        f"<p>With {html.escape(', '.join(f'{name} {v}' for name, v in manifest['versions'].items()))}.</p>"
        f"<details><summary>All options</summary>{_table(options)}</details>"
    )


def _table(rows: dict[str, str]) -> str:
    body = "".join(f"<tr><td>{html.escape(name)}<td>{html.escape(str(value))}</tr>" for name, value in rows.items())
    return f'<div class="wide"><table>{body}</table></div>'


def _named(name: str) -> str:
    return html.escape(name.replace("_", " "))
