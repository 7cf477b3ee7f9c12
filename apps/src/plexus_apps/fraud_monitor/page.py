"""The page of the fraud monitor."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from plexus import Bundle, InputError
from plexus_apps.fraud_monitor.drawing import draw_costs
from plexus_apps.fraud_monitor.feeds import Feed, feed_of, table_feed
from plexus_apps.fraud_monitor.flags import MonitorFlags
from plexus_apps.fraud_monitor.monitor import Monitor
from plexus_apps.fraud_monitor.store import AlertStore
from plexus_apps.pages import KEPT, chooser, drawn, heading, kindly, shown

SHOWN, EVERY = 50, 1.5
HEADERS = ["No.", "probability", "transaction", "reasons", "judged"]


@dataclass
class Desk:
    """The one monitor that all who look at the page share."""

    monitor: Monitor
    store: AlertStore

    def watch(self, bundle: Bundle, feed: Feed) -> None:
        """Another model, or other transactions.

        Raises:
            InputError: they do not go together; all stays as it was.
        """
        old, going = self.monitor, self.monitor.is_going
        old.pause()
        try:
            _require_fitting(bundle, feed)
            self.monitor = Monitor(bundle, feed, self.store, old.rate)
            old.close()
        finally:
            if going:
                self.monitor.start()


def make_page(bundles: Mapping[str, Bundle], flags: MonitorFlags) -> gr.Blocks:
    """Transactions, alerts, reasons and costs."""
    store = AlertStore(flags.alerts)
    feed = feed_of(flags)
    first = _fitting(bundles, feed)
    desk = Desk(Monitor(bundles[first], feed, store, flags.rate), store)
    policy = desk.monitor.bundle.codec.policy
    with gr.Blocks(title="Fraud monitor", analytics_enabled=False, delete_cache=KEPT) as page:
        heading(
            "Fraud monitor", "Transactions as they arrive; those worth a look, and why. Alerts are kept when this ends."
        )
        model = chooser(bundles, bundles[first].manifest["data"]["name"])
        with gr.Row():
            start, pause = gr.Button("Start", variant="primary"), gr.Button("Pause")
            rate = gr.Slider(1, max(500, flags.rate), value=flags.rate, step=1, label="Transactions a second, at most")
        status = gr.Markdown(_status(desk))
        with gr.Row():
            with gr.Column(scale=1):
                review = gr.Slider(0.5, 100, value=policy.review, step=0.5, label="What a review costs")
                missed = gr.Slider(
                    0, 1000, value=policy.missed or 0, step=10, label="What a missed fraud costs (0: its amount)"
                )
                costs = gr.Markdown()
            with gr.Column(scale=2):
                curve = shown("Expected cost, by how many are reviewed", height=260)
        table = gr.Dataframe(
            headers=HEADERS, label=f"Alerts, the newest {SHOWN}: choose one", interactive=False, wrap=True
        )
        chosen = gr.State(None)
        with gr.Row():
            fraud, fine = gr.Button("It was fraud", interactive=False), gr.Button("It was fine", interactive=False)
        why = shown("What raised the probability of the chosen one, and what lowered it", height=520, elem_id="why")
        with gr.Accordion("Other transactions", open=False):
            file = gr.File(label="A table of the same columns (.csv, .tsv, .parquet)", height=120)

        start.click(lambda: _going(desk, True), None, status, show_progress="hidden")
        pause.click(lambda: _going(desk, False), None, status, show_progress="hidden")
        rate.change(lambda value: setattr(desk.monitor, "rate", value), rate, None, show_progress="hidden")
        sliders, told_costs = [review, missed], [costs, curve]
        for slider in sliders:
            slider.change(
                lambda *given: _moved(desk, *given),
                sliders,
                told_costs,
                show_progress="hidden",
                trigger_mode="always_last",
            )
        weighed = {"fn": lambda *given: _costs(desk, *given), "inputs": sliders, "outputs": told_costs}
        known = gr.State(None)
        looked = {"fn": lambda last: _looked(desk, last), "inputs": known, "outputs": [status, table, known]}
        page.load(**looked)
        page.load(**weighed)
        gr.Timer(EVERY).tick(**looked, show_progress="hidden")
        gr.Timer(3 * EVERY).tick(**weighed, show_progress="hidden")
        table.select(_choose(desk), None, [chosen, why, fraud, fine])
        for button, said in ((fraud, "fraud"), (fine, "fine")):
            button.click(lambda one, said=said: _judged(desk, one, said), chosen, table, show_progress="hidden")
        file.upload(kindly(lambda name, path: _watched(desk, bundles[name], path)), [model, file], [status, table])
        model.change(kindly(lambda name: _switched(desk, bundles[name])), model, [status, table])
    return page


def _fitting(bundles: Mapping[str, Bundle], feed: Feed) -> str:
    """The model that was trained on what the feed gives, or the first that can read it."""
    own = next((name for name, one in bundles.items() if one.manifest["data"]["name"] == feed.name), None)
    if own is not None:
        return own
    for name, bundle in bundles.items():
        try:
            _require_fitting(bundle, feed)
            return name
        except InputError as error:
            problem = error
    raise problem


def _require_fitting(bundle: Bundle, feed: Feed) -> None:
    """Raise an InputError if a feed's transactions lack what a model wants."""
    bundle.codec.read([row for _, row in feed.after(0, 1)])


def _going(desk: Desk, going: bool) -> str:
    if going:
        desk.monitor.start()
    else:
        desk.monitor.pause()
    return _status(desk)


def _looked(desk: Desk, last: Any) -> tuple[Any, ...]:
    """How it stands; the table only if there is anything new in it, lest one loses one's place."""
    now = desk.monitor.feed.name, desk.store.count(desk.monitor.feed.name)
    return _status(desk), gr.skip() if now == last else _rows(desk), now


def _status(desk: Desk) -> str:
    monitor = desk.monitor
    counted = desk.store.count(monitor.feed.name)
    left = monitor.feed.left(monitor.position)
    going = "watching" if monitor.is_going else "paused"
    rest = "" if left is None else f", {left:,} to come"
    problem = f"\n\n**{monitor.problem}**" if monitor.problem else ""
    return (
        f"**{going.capitalize()}** `{monitor.feed.name}`: {monitor.position:,} seen{rest}; "
        f"**{sum(counted.values()):,} alerts**, {counted.get('fraud', 0):,} judged fraud, "
        f"{counted.get('fine', 0):,} fine.{problem}"
    )


def _rows(desk: Desk) -> list[list[Any]]:
    return [
        [
            one.position,
            f"{one.probability:.1%}",
            ", ".join(f"{name} {value}" for name, value in one.transaction.items() if value is not None)[:160],
            "; ".join(one.reasons),
            one.judged,
        ]
        for one in desk.store.latest(desk.monitor.feed.name, SHOWN)
    ]


def _moved(desk: Desk, review: float, missed: float) -> tuple[str, Any]:
    """From now on these costs decide what is flagged."""
    desk.monitor.set_costs(review, missed or None)
    return _costs(desk, review, missed)


def _costs(desk: Desk, review: float, missed: float) -> tuple[str, Any]:
    costs, ranked = desk.monitor.expected(review, missed or None)
    chosen = int((ranked > review).sum())
    if not len(ranked):
        return "Nothing has been seen yet: press **Start**.", None
    threshold = f"probability from **{review / missed:.1%}** on" if missed else f"expected loss above **{review:g}**"
    text = (
        f"Flagged: {threshold}. Of the last {len(ranked):,} seen that is **{chosen:,}** ({chosen / len(ranked):.1%}); "
        f"expected cost **{costs[chosen]:,.0f}**, without any review {costs[0]:,.0f}."
    )
    return text, drawn(lambda to: draw_costs(costs, chosen, to))


def _choose(desk: Desk) -> Any:
    def choose(event: gr.SelectData) -> tuple[Any, ...]:
        alerts = desk.store.latest(desk.monitor.feed.name, SHOWN)
        wanted = int(event.row_value[0])
        one = next(alert for alert in alerts if alert.position == wanted)
        bundle = desk.monitor.bundle
        why = drawn(lambda to: bundle.explain(one.transaction, to))
        return wanted, why, gr.Button(interactive=True), gr.Button(interactive=True)

    return choose


def _judged(desk: Desk, position: int | None, said: str) -> list[list[Any]]:
    if position is not None:
        desk.store.judge(desk.monitor.feed.name, position, said)
    return _rows(desk)


def _watched(desk: Desk, bundle: Bundle, path: str | None) -> tuple[str, list[list[Any]]]:
    if path is None:
        raise InputError("choose a table first")
    desk.watch(bundle, table_feed(Path(path)))
    return _status(desk), _rows(desk)


def _switched(desk: Desk, bundle: Bundle) -> tuple[str, list[list[Any]]]:
    desk.watch(bundle, desk.monitor.feed)
    return _status(desk), _rows(desk)
