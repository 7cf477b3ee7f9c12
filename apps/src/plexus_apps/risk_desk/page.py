"""Gradio page that predicts for a row, with its reasons and what changes the prediction, or for a table."""

from collections.abc import Mapping
from pathlib import Path

import gradio as gr

from plexus import Bundle, InputError
from plexus_apps.pages import (
    DELETE_CACHE,
    TABLES,
    example_button,
    file_input,
    heading,
    model_dropdown,
    require_suffix,
    temporary_folder,
)
from plexus_apps.result_area import clear_error
from plexus_apps.results import error_html
from plexus_apps.risk_desk.answer import answer_html, change_html
from plexus_apps.risk_desk.columns import column_range, typical_value
from plexus_apps.risk_desk.dependence import can_vary, slider_bounds, vary_column
from plexus_apps.risk_desk.drawing import draw_dependence, draw_reasons
from plexus_apps.risk_desk.examples import write_example_table
from plexus_apps.risk_desk.form import MAX_FIELDS, MISSING, form_row, typical_values
from plexus_apps.risk_desk.reasons import explain_row
from plexus_apps.risk_desk.similar import similar_html
from plexus_apps.risk_desk.table_answer import MAX_ROWS, answer_headers, answer_table
from plexus_apps.risk_desk.table_codec import Column, Row, Value
from plexus_apps.risk_desk.table_model import TableModel
from plexus_apps.risk_desk.texts import shown_value

CLINICAL_TASK = "tables.diagnose"
CLINICAL_NOTE = "**Not for clinical use.** The model is a demonstration; it must not guide the care of a patient."
FORM_NOTE = "The form starts with the typical row of the training data. An empty field is a missing value."
REASONS_NOTE = "What moves the prediction from that of the typical row, {typical}, to {number}{unit}"
STYLE = """<style>
.desk { display: grid !important; grid-template-columns: 3fr 2fr; gap: 20px }
.desk > :last-child { align-self: start; position: sticky; top: 8px }
.desk .html-container { padding: 0 !important }
.fields .form { display: grid !important; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr));
  background: var(--block-background-fill) }
.fields { --block-info-text-color: color-mix(in srgb, var(--body-text-color) 78%, transparent) }
@media (max-width: 640px) {
  .desk { grid-template-columns: minmax(0, 1fr) }
  .desk > :last-child { position: static }
  .desk > .answers { display: contents }
  .answers > :first-child { order: -1 }
  .answers > :not(:first-child) { order: 1 }
}
</style>"""
"""Fields in two columns where there is space, the answer to their right; on a phone it is above, its reasons below."""
Field = gr.Number | gr.Dropdown | gr.Textbox


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: a tab for one row and a tab for a table of the chosen model.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    page: gr.Blocks
    with gr.Blocks(title="Risk desk", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading(
            "Risk desk", "Predict a risk or a number from a form or a table, see the reasons, and try other values."
        )
        model = model_dropdown(bundles)
        _add_form(page, bundles, model)
        gr.HTML(STYLE, padding=False, elem_classes="app-style")
    return page


def _add_form(page: gr.Blocks, bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    """Add the form of the first model, and make those of the others when they are chosen.

    A form has an input per column: with those of all models, a page of many models would take long to load.
    """
    first = model.value
    form: gr.Column
    with gr.Column() as form:
        _add_model(page, bundles[first])
    model.change(lambda name: gr.Column(visible=name == first), model, form, show_progress="hidden")

    def add_chosen(name: str) -> None:
        if name != first:
            _add_model(page, bundles[name])

    gr.render(model, [model.change], show_progress="minimal")(add_chosen)


def _add_model(page: gr.Blocks, bundle: Bundle) -> None:
    try:
        model = TableModel(bundle)
    except InputError as error:
        gr.Markdown(str(error))
        return
    if bundle.task.id == CLINICAL_TASK:
        gr.Markdown(CLINICAL_NOTE)
    with gr.Tabs(selected="row"):
        with gr.Tab("One row", id="row"):
            _add_row_tab(page, model)
        with gr.Tab("Table", id="table"):
            _add_table_tab(model)


def _add_row_tab(page: gr.Blocks, model: TableModel) -> None:
    others = len(model.columns) - MAX_FIELDS
    note = f" The last {others} columns have no field: they keep their typical values." if others > 0 else ""
    with gr.Row(elem_classes="desk"):
        with gr.Column():
            gr.Markdown(FORM_NOTE + note, elem_classes="caption")
            with gr.Row(elem_classes="fields"):
                fields = [_add_field(column) for column in model.columns[:MAX_FIELDS]]
            reset = gr.Button("Typical row", size="sm")
        with gr.Column(elem_classes="answers"):
            outputs = [gr.HTML(padding=False), gr.Markdown(elem_classes="caption"), gr.HTML(padding=False)]

    def answer_row(*values: Value) -> tuple[str, str, str]:
        return _answer_row(model, form_row(model, values))

    reset.click(lambda: typical_values(model.columns), None, fields, show_progress="hidden")
    gr.on(
        [page.load, *(field.change for field in fields)],
        answer_row,
        fields,
        outputs,
        show_progress="hidden",
        trigger_mode="always_last",
    )
    if any(can_vary(column) for column in model.columns):
        _add_what_if(page, model, fields)


def _add_field(column: Column) -> Field:
    typical = typical_value(column)
    hint = f"typical {shown_value(typical)}"
    if column.categories:
        choices = [*((name, name) for name in (*column.categories, *column.rare)), ("missing", MISSING)]
        return gr.Dropdown(choices, value=typical, label=column.name, info=hint, interactive=True)
    hint = f"{column_range(column)}, {hint}"
    if column.kind == "numeric":
        return gr.Number(float(typical), label=column.name, info=hint, interactive=True)
    return gr.Textbox(str(typical), label=column.name, info=hint, interactive=True)


def _add_what_if(page: gr.Blocks, model: TableModel, fields: list[Field]) -> None:
    columns = {column.name: column for column in model.columns if can_vary(column)}
    first = next(iter(columns))
    gr.Markdown("## What if\nTry other values of one column. The form stays as it is.")
    with gr.Row(elem_classes="desk"):
        with gr.Column():
            column = gr.Dropdown(list(columns), value=first, label="Column", interactive=True)
            slider, category = _controls(columns[first], typical_value(columns[first]))
            change = gr.HTML(padding=False)
        with gr.Column():
            figure = gr.HTML(padding=False)

    shown_for = gr.State(())  # the column and the fields that the controls were last set for

    def choose(shown_for: tuple[Value, ...], name: str, *values: Value) -> object:
        if shown_for == (name, *values):  # a second event of one change: it must not undo what was tried since
            return gr.skip()
        row = form_row(model, values)
        tried = _try_value(model, row, columns[name], row[name])
        return (name, *values), *_controls(columns[name], row[name]), *tried

    def try_value(name: str, number: float, text: str, *values: Value) -> tuple[str, str]:
        choice = number if columns[name].kind == "numeric" else text
        return _try_value(model, form_row(model, values), columns[name], choice)

    gr.on(
        [page.load, column.input, *(field.change for field in fields)],
        choose,
        [shown_for, column, *fields],
        [shown_for, slider, category, change, figure],
        show_progress="hidden",
        trigger_mode="always_last",
    )
    gr.on(
        [slider.input, category.input],
        try_value,
        [column, slider, category, *fields],
        [change, figure],
        show_progress="hidden",
        trigger_mode="always_last",
    )


def _controls(column: Column, value: Value) -> tuple[gr.Slider, gr.Dropdown]:
    """Return a slider for a numeric column and a drop-down for one of categories; the other one is not visible."""
    numeric, label = column.kind == "numeric", f"Value of {column.name}"
    low, high, step = slider_bounds(column, value) if numeric else (0.0, 1.0, 0.1)
    place = value if isinstance(value, float | int) else float(typical_value(column)) if numeric else low
    slider = gr.Slider(low, high, value=place, step=step, label=label, visible=numeric, interactive=True)
    names = [*column.categories, *column.rare]
    chosen = value if value in names else next(iter(names), None)
    return slider, gr.Dropdown(names, value=chosen, label=label, visible=not numeric, interactive=True)


def _add_table_tab(model: TableModel) -> None:
    file = file_input("Table with the columns of the form (.csv, .tsv, .parquet)")
    with gr.Row():
        example_file = write_example_table(model, temporary_folder() / "rows.csv")
        example = example_button("Example table", str(example_file), file)
        button = gr.Button("Predict all", variant="primary", size="sm")
    summary = gr.HTML(padding=False)
    table = gr.Dataframe(
        headers=answer_headers(model), label=f"Predictions (first {MAX_ROWS} rows)", interactive=False, visible=False
    )
    download = gr.DownloadButton("Download all as CSV", interactive=False, visible=False)

    def answer_rows(path: str | None) -> tuple[object, ...]:
        return _answer_table(model, path)

    outputs = [summary, table, download]
    clear_error(summary, [file], [button.click])
    button.click(answer_rows, file, outputs)
    example.success(answer_rows, file, outputs)


def _answer_row(model: TableModel, row: Row) -> tuple[str, str, str]:
    """Return the answer for a row, the caption of the reasons, and their figure with similar rows; or an error."""
    try:
        reasons = explain_row(model, row)
    except InputError as error:
        return error_html(error), "", ""
    typical, number = model.shown(reasons.typical), model.shown(reasons.number)
    unit = ", in percentage points" if model.event else ""
    caption = REASONS_NOTE.format(typical=typical, number=number, unit=unit)
    below = draw_reasons(model, reasons, row) + similar_html(model, reasons, row)
    return answer_html(model, model.bundle.predict([row])[0]), caption, below


def _try_value(model: TableModel, row: Row, column: Column, choice: Value) -> tuple[str, str]:
    """Return how another value changes the prediction, and the figure of all values; or an error."""
    try:
        figure = draw_dependence(model, vary_column(model, row, column, choice), row[column.name], choice)
    except InputError as error:
        return error_html(error), ""
    return change_html(model, row, column.name, choice), figure


def _answer_table(model: TableModel, path: str | None) -> tuple[object, ...]:
    """Return the values of the tab's outputs: summary or error, first rows, download."""
    out = temporary_folder() / "predictions.csv"
    try:
        if path is None:
            raise InputError("no table: choose a file first")
        answer = answer_table(model, require_suffix(Path(path), TABLES), out)
    except InputError as error:
        return error_html(error), gr.Dataframe(visible=False), _no_download()
    return (
        answer.summary,
        gr.Dataframe(answer.rows, headers=answer.headers, visible=True),
        gr.DownloadButton(value=str(out), interactive=True, visible=True),
    )


def _no_download() -> gr.DownloadButton:
    return gr.DownloadButton(value=None, interactive=False, visible=False)
