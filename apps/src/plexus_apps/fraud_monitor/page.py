"""Gradio page that lists fraud alerts with their reasons, takes verdicts, and sets the costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from plexus import Bundle, InputError
from plexus_apps.fraud_monitor.alert_store import Alert, AlertStore
from plexus_apps.fraud_monitor.alerts_table import SCRIPT, alerts_html, describe_transaction
from plexus_apps.fraud_monitor.drawing import draw_costs
from plexus_apps.fraud_monitor.feed import Feed
from plexus_apps.fraud_monitor.feeds import open_feed, table_feed
from plexus_apps.fraud_monitor.monitor import Monitor
from plexus_apps.fraud_monitor.options import MonitorOptions
from plexus_apps.pages import DELETE_CACHE, TABLES, file_input, heading, model_dropdown, require_suffix
from plexus_apps.result_area import ResultArea
from plexus_apps.results import figure_html

MAX_ALERTS, REFRESH_SECONDS = 50, 1.5
ALERTS = f"The {MAX_ALERTS} newest alerts"
COSTS = "Expected cost by the number of reviews"
REASONS = "What raised the probability, and what lowered it"

Progress = tuple[str, dict[str, int]]
"""Name of the stream, and its numbers of alerts by verdict: the table of alerts is drawn again when they change."""


@dataclass
class SharedMonitor:
    """The monitor that all visitors of the page share.

    Args:
        monitor: The current monitor.
        store: The store of the alerts.

    Example:
        ```python
        shared = SharedMonitor(monitor, store)
        shared.switch(bundle, table_feed(Path("payments.csv")))
        ```
    """

    monitor: Monitor
    store: AlertStore

    def switch(self, bundle: Bundle, feed: Feed) -> None:
        """Monitor another stream, or with another model.

        Args:
            bundle: The model.
            feed: The stream.

        Raises:
            InputError: If the transactions lack a column of the model; the current monitor continues then.
        """
        old, running = self.monitor, self.monitor.is_running
        old.pause()
        try:
            require_columns(bundle, feed)
            self.monitor = Monitor(bundle, feed, self.store, old.rate)
            old.close()
        finally:
            if running:
                self.monitor.start()


def make_page(bundles: Mapping[str, Bundle], options: MonitorOptions) -> gr.Blocks:
    """Build the page: progress, alerts, explanations and costs.

    Args:
        bundles: The models by name.
        options: The options.

    Returns:
        The page.

    Raises:
        InputError: If the stream or the store cannot be opened, or no model fits the stream.
    """
    store, feed = AlertStore(options.alerts), open_feed(options)
    first = matching_bundle(bundles, feed)
    shared = SharedMonitor(Monitor(bundles[first], feed, store, options.rate), store)
    page = gr.Blocks(title="Fraud monitor", analytics_enabled=False, delete_cache=DELETE_CACHE)
    with page:
        heading(
            "Fraud monitor", "Scores transactions as they arrive and lists those worth a review. Alerts are stored."
        )
        model = model_dropdown(bundles, first)
        area = ResultArea()
        status = _add_controls(shared, options)
        _add_costs(page, shared)
        table = _add_alerts(page, shared, status)
        with gr.Accordion("Other transactions", open=False):
            file = file_input("A table with the same columns (.csv, .tsv, .parquet)")

        def switch_table(name: str, path: str | None) -> tuple[str, str]:
            return _switch_table(shared, bundles[name], path)

        def switch_model(name: str) -> tuple[str, str]:
            return _switch_model(shared, bundles[name])

        area.fill(file.upload, switch_table, [model, file], [status, table])
        area.fill(model.change, switch_model, [model], [status, table])
    return page


def matching_bundle(bundles: Mapping[str, Bundle], feed: Feed) -> str:
    """Return the first model that fits a stream: all of its columns are there.

    Args:
        bundles: The models by name.
        feed: The stream.

    Returns:
        Name of the model.

    Raises:
        InputError: If the stream lacks columns of all models.
    """
    errors = []
    for name, bundle in bundles.items():
        try:
            require_columns(bundle, feed)
            return name
        except InputError as error:
            errors.append(error)
    raise errors[-1]


def require_columns(bundle: Bundle, feed: Feed) -> None:
    """Check that the transactions of a stream can be encoded.

    Args:
        bundle: The model.
        feed: The stream.

    Raises:
        InputError: If they lack a column.
    """
    first = [transaction for _, transaction in feed.after(0, 1)]
    if first:
        bundle.codec.encode(first)


def _add_controls(shared: SharedMonitor, options: MonitorOptions) -> gr.Markdown:
    with gr.Row():
        start, pause = gr.Button("Start", variant="primary"), gr.Button("Pause")
        rate = gr.Slider(
            1, max(500, options.rate), value=options.rate, step=1, label="Maximum number of transactions per second"
        )
    status = gr.Markdown(_status(shared))
    start.click(lambda: _set_running(shared, True), None, status, show_progress="hidden")
    pause.click(lambda: _set_running(shared, False), None, status, show_progress="hidden")
    rate.change(lambda value: setattr(shared.monitor, "rate", value), rate, None, show_progress="hidden")
    return status


def _add_costs(page: gr.Blocks, shared: SharedMonitor) -> None:
    cost_review, cost_missed = shared.monitor.costs
    with gr.Row():
        review = gr.Slider(0.5, 100, value=cost_review, step=0.5, label="Cost of a review")
        missed = gr.Slider(0, 1000, value=cost_missed or 0, step=10, label="Cost of a missed fraud (0: its amount)")
    summary, curve = gr.Markdown(), gr.HTML(padding=False)
    sliders, outputs = [review, missed], [summary, curve]
    for slider in sliders:
        slider.change(
            lambda *costs: _set_costs(shared, *costs),
            sliders,
            outputs,
            show_progress="hidden",
            trigger_mode="always_last",
        )
    page.load(lambda *costs: _describe_costs(shared, *costs), sliders, outputs, show_progress="hidden")
    gr.Timer(3 * REFRESH_SECONDS).tick(
        lambda *costs: _describe_costs(shared, *costs), sliders, outputs, show_progress="hidden"
    )


def _add_alerts(page: gr.Blocks, shared: SharedMonitor, status: gr.Markdown) -> gr.HTML:
    table, selected = gr.HTML(alerts_html([], ALERTS), padding=False, js_on_load=SCRIPT), gr.State(None)
    area = ResultArea()
    with area.column:
        explanation = gr.HTML(padding=False, elem_classes="why")
        with gr.Row():
            fraud, fine = gr.Button("It was fraud"), gr.Button("It was fine")
    progress = gr.State(None)
    outputs = [status, table, progress]
    page.load(lambda last: _refresh(shared, last), progress, outputs, show_progress="hidden")
    gr.Timer(REFRESH_SECONDS).tick(lambda last: _refresh(shared, last), progress, outputs, show_progress="hidden")

    def explain_alert(event: gr.EventData) -> tuple[int, str]:
        return _explain_alert(shared, (event._data or {}).get("position"))

    area.fill(table.select, explain_alert, [], [selected, explanation], trigger_mode="multiple")
    for button, verdict in ((fraud, "fraud"), (fine, "fine")):
        button.click(
            lambda position, verdict=verdict: _set_verdict(shared, position, verdict),
            selected,
            table,
            show_progress="hidden",
        )
    return table


def _set_running(shared: SharedMonitor, running: bool) -> str:
    if running:
        shared.monitor.start()
    else:
        shared.monitor.pause()
    return _status(shared)


def _refresh(shared: SharedMonitor, last: Progress | None) -> tuple[object, ...]:
    """Return status and table; the table only if it has changed, so that the visitor's selection stays."""
    name = shared.monitor.feed.name
    progress = name, shared.store.counts(name)
    return _status(shared), gr.skip() if progress == last else _alerts(shared), progress


def _status(shared: SharedMonitor) -> str:
    monitor = shared.monitor
    counts = shared.store.counts(monitor.feed.name)
    remaining = monitor.feed.remaining(monitor.position)
    state = "Running" if monitor.is_running else "Paused"
    rest = "" if remaining is None else f", {remaining:,} to come"
    problem = f"\n\n**{monitor.problem}**" if monitor.problem else ""
    unreadable = _describe_unreadable(shared)
    return (
        f"**{state}** on `{monitor.feed.name}`: {monitor.position:,} scored{rest}; "
        f"**{sum(counts.values()):,} alerts**, {counts.get('fraud', 0):,} of them fraud, "
        f"{counts.get('fine', 0):,} fine.{unreadable}{problem}"
    )


def _describe_unreadable(shared: SharedMonitor) -> str:
    name = shared.monitor.feed.name
    count = shared.store.count_unreadable(name)
    if not count:
        return ""
    first = shared.store.unreadable(name, 1)[0]
    return f"\n\n**{count:,} cannot be read** and were set aside; the first is No. {first.key}: {first.reason}"


def _latest(shared: SharedMonitor) -> list[Alert]:
    return shared.store.latest(shared.monitor.feed.name, MAX_ALERTS)


def _alerts(shared: SharedMonitor) -> str:
    return alerts_html(_latest(shared), ALERTS)


def _set_costs(shared: SharedMonitor, cost_review: float, cost_missed: float) -> tuple[str, str]:
    shared.monitor.set_costs(cost_review, cost_missed or None)
    return _describe_costs(shared, cost_review, cost_missed)


def _describe_costs(shared: SharedMonitor, cost_review: float, cost_missed: float) -> tuple[str, str]:
    costs, losses = shared.monitor.expected_costs(cost_review, cost_missed or None)
    if not len(losses):
        return "No transaction has been scored yet: press **Start**.", ""
    reviews = int((losses > cost_review).sum())
    threshold = (
        f"a probability above **{cost_review / cost_missed:.1%}**"
        if cost_missed
        else f"an expected loss above **{cost_review:g}**"
    )
    text = (
        f"Transactions with {threshold} are flagged: **{reviews:,}** of the last {len(losses):,} "
        f"({reviews / len(losses):.1%}). Expected cost **{costs[reviews]:,.0f}**; without reviews {costs[0]:,.0f}."
    )
    return text, figure_html(lambda file: draw_costs(costs, reviews, file), COSTS)


def _explain_alert(shared: SharedMonitor, position: object) -> tuple[int, str]:
    alert = next((alert for alert in _latest(shared) if alert.position == position), None)
    if alert is None:
        raise InputError("this alert is no longer among the newest: choose another one")
    transaction = " ".join(describe_transaction(dict(alert.transaction)))
    caption = f"No. {alert.position}: {transaction}. {REASONS}"
    return alert.position, figure_html(lambda file: shared.monitor.explain(alert.transaction, file), caption)


def _set_verdict(shared: SharedMonitor, position: int | None, verdict: str) -> str:
    if position is not None:
        shared.store.set_verdict(shared.monitor.feed.name, position, verdict)
    return _alerts(shared)


def _switch_table(shared: SharedMonitor, bundle: Bundle, path: str | None) -> tuple[str, str]:
    if path is None:
        raise InputError("no table was uploaded: choose a file")
    shared.switch(bundle, table_feed(require_suffix(Path(path), TABLES)))
    return _status(shared), _alerts(shared)


def _switch_model(shared: SharedMonitor, bundle: Bundle) -> tuple[str, str]:
    shared.switch(bundle, shared.monitor.feed)
    return _status(shared), _alerts(shared)
