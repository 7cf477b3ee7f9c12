"""The fraud monitor: every alert is stored exactly once; errors of streams and databases."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import plexus
from plexus import InputError
from plexus_apps.fraud_monitor.alert_store import Alert, AlertStore
from plexus_apps.fraud_monitor.feeds import TableFeed, open_feed, simulated_feed, table_feed
from plexus_apps.fraud_monitor.monitor import Monitor
from plexus_apps.fraud_monitor.options import MonitorOptions

BUNDLE = Path(__file__).parents[2] / "models/fraud.detect/simulated"
ROWS, KILLS, MAX_SECONDS = 8000, 20, 0.05
"""Transactions, number of kills, and maximum seconds from a start to its kill."""
WATCH = f"""
import sys
from pathlib import Path
import plexus
from plexus_apps.fraud_monitor.alert_store import AlertStore
from plexus_apps.fraud_monitor.feeds import TableFeed, simulated_feed
from plexus_apps.fraud_monitor.monitor import Monitor

feed = TableFeed("stream", simulated_feed().table[:{ROWS}])
monitor = Monitor(plexus.load({str(BUNDLE)!r}), feed, AlertStore(sys.argv[1]), 1e6)
print("started", flush=True)
while monitor.step():
    pass
"""


@pytest.fixture(scope="module")
def bundle():
    return plexus.load(BUNDLE)


def read_alerts(file):
    """Return all alerts of a store and the position in the stream."""
    with sqlite3.connect(file) as connection:
        alerts = connection.execute(
            "SELECT position, probability, reasons, what FROM alerts ORDER BY position"
        ).fetchall()
        return alerts, connection.execute("SELECT position FROM progress").fetchone()[0]


def start_monitor(file):
    """Start a monitor in a new process; return it once it runs."""
    process = subprocess.Popen([sys.executable, "-c", WATCH, file], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.slow
def test_killed_monitors_neither_lose_nor_repeat_alerts(bundle, tmp_path):
    whole, killed = tmp_path / "whole.sqlite", tmp_path / "killed.sqlite"
    assert start_monitor(whole).wait(120) == 0
    moments, store, positions = random.Random(0), AlertStore(str(killed)), [0]
    for _ in range(KILLS):
        process = start_monitor(killed)
        while store.position("stream") == positions[-1]:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, MAX_SECONDS))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        positions.append(store.position("stream"))
    assert positions[-1] < ROWS, "each kill was before the end of the stream"
    assert positions == sorted(set(positions))
    assert start_monitor(killed).wait(120) == 0
    (expected, end), (alerts, _) = read_alerts(whole), read_alerts(killed)
    assert end == ROWS
    assert len(expected) >= 15
    assert read_alerts(killed) == (expected, end)
    assert len({position for position, *_ in alerts}) == len(alerts)


@pytest.mark.slow
def test_alerts_are_the_flagged_predictions(bundle, tmp_path):
    rows = simulated_feed().table[:500]
    monitor = Monitor(bundle, TableFeed("x", rows), AlertStore(str(tmp_path / "alerts")), 1e6)
    while monitor.step():
        pass
    predictions = plexus.load(BUNDLE).predict(rows.to_dicts(), batch_size=32)
    flagged = [i for i, prediction in enumerate(predictions, 1) if prediction.fraud]
    alerts = monitor.store.latest("x", 1000)
    assert flagged == sorted(alert.position for alert in alerts)
    assert alerts[0].transaction == rows.to_dicts()[alerts[0].position - 1]
    assert alerts[0].reasons
    assert monitor.explain(alerts[0].transaction, tmp_path / "why.png").stat().st_size > 10_000
    monitor.store.set_verdict("x", flagged[0], "fraud")
    assert monitor.store.counts("x")["fraud"] == 1


@pytest.mark.slow
def test_costs_set_the_threshold(bundle, tmp_path):
    monitor = Monitor(bundle, TableFeed("x", simulated_feed().table[:400]), AlertStore(str(tmp_path / "a")), 1e6)
    while monitor.step():
        pass
    costs, losses = monitor.expected_costs(5.0, None)
    best = int(costs.argmin())
    assert (losses > 5).sum() == best, "the flagged transactions have the lowest expected cost"
    assert monitor.expected_costs(1.0, None)[0].argmin() >= best
    monitor.set_costs(1e9, None)
    monitor.feed, monitor.position = TableFeed("y", simulated_feed().table[400:800]), 0
    while monitor.step():
        pass
    assert not monitor.store.latest("y", 10)


def test_a_growing_table_is_followed(bundle, tmp_path):
    shop, rows = tmp_path / "shop.sqlite", simulated_feed().table[:200]
    with sqlite3.connect(shop) as connection:
        connection.execute("CREATE TABLE payments (id INTEGER PRIMARY KEY, time, customer, terminal, amount)")

    def arrive(part):
        with sqlite3.connect(shop) as connection:
            columns = part.select("time", "customer", "terminal", "amount")
            connection.executemany("INSERT INTO payments VALUES (NULL, ?, ?, ?, ?)", columns.rows())

    feed = open_feed(MonitorOptions(stream=f"sqlite:///{shop}", table="payments"))
    monitor = Monitor(bundle, feed, AlertStore(str(tmp_path / "alerts")), 1e6)
    assert monitor.step() == 0
    arrive(rows[:20])
    assert monitor.step() == 20
    arrive(rows[20:])
    while monitor.step():
        pass
    assert monitor.position == 200
    again = Monitor(bundle, feed, AlertStore(str(tmp_path / "alerts")), 1e6)
    assert again.position == 200
    assert len(again.recent) == 200


def test_a_batch_with_a_stored_alert_is_refused_whole(tmp_path):
    store = AlertStore(str(tmp_path / "alerts"))
    store.add("x", [Alert(1, 0.9, (), {})], 1)
    with pytest.raises(InputError, match="UNIQUE"):
        store.add("x", [Alert(2, 0.9, (), {}), Alert(1, 0.9, (), {})], 2)
    assert store.position("x") == 1
    assert [alert.position for alert in store.latest("x", 9)] == [1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stream": "nowhere.csv"}, "no such file"),
        ({"stream": "sqlite:///x.sqlite"}, "--table"),
        ({"stream": "sqlite:///x.sqlite", "table": "a; DROP TABLE b"}, "--table must be a name"),
        ({"stream": "sqlite:///x.sqlite", "table": "payments"}, "no such file"),
    ],
)
def test_invalid_streams_are_refused(options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        open_feed(MonitorOptions(**options))


def test_a_table_is_identified_by_its_content(tmp_path):
    for name in ("a.csv", "b.csv"):
        pl.DataFrame({"x": [1]}).write_csv(tmp_path / name)
    assert table_feed(tmp_path / "a.csv").name.split()[1] == table_feed(tmp_path / "b.csv").name.split()[1]
    with pytest.raises(InputError, match="is not a table"):
        table_feed(tmp_path)


def test_a_database_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match="the database cannot be opened"):
        AlertStore(str(tmp_path / "no" / "alerts"))


@pytest.mark.slow
def test_postgresql_stores_alerts_and_is_followed(bundle, postgresql):
    import psycopg

    with psycopg.connect(postgresql) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE pays (id serial PRIMARY KEY, time bigint, customer int, terminal int, amount float)"
        )
        columns = simulated_feed().table[:400].select("time", "customer", "terminal", "amount")
        cursor.executemany("INSERT INTO pays VALUES (DEFAULT, %s, %s, %s, %s)", columns.rows())
    store = AlertStore(postgresql)
    monitor = Monitor(bundle, open_feed(MonitorOptions(stream=postgresql, table="pays")), store, 1e6)
    while monitor.step():
        pass
    name = monitor.feed.name
    assert "s3cret" not in name
    assert store.position(name) == 400
    positions = [alert.position for alert in store.latest(name, 1000)]
    whole = Monitor(bundle, TableFeed("again", simulated_feed().table[:400]), store, 1e6)
    while whole.step():
        pass
    assert positions == [alert.position for alert in store.latest("again", 1000)]
    with pytest.raises(InputError, match="duplicate key") as error:
        store.add(name, [Alert(positions[0], 0.9, (), {})], 401)
    assert "s3cret" not in str(error.value)
    assert store.position(name) == 400
    with pytest.raises(InputError, match="cannot be opened") as error:
        AlertStore(postgresql.replace("s3cret", "wr0ng"))
    assert "wr0ng" not in str(error.value)


@pytest.mark.slow
def test_a_model_that_lacks_columns_changes_nothing(bundle, tmp_path):
    from plexus_apps.fraud_monitor.page import SharedMonitor, matching_bundle

    store = AlertStore(str(tmp_path / "alerts"))
    feed = TableFeed("x", simulated_feed().table[:3000])
    cards = plexus.load(BUNDLE.parent / "creditcard")
    assert matching_bundle({"cards": cards, "payments": bundle}, feed) == "payments"
    shared = SharedMonitor(Monitor(bundle, feed, store, 1e6), store)
    shared.monitor.start()
    before = shared.monitor
    with pytest.raises(InputError, match="lacks the column"):
        shared.switch(cards, feed)
    assert shared.monitor is before
    assert before.is_running
    shared.switch(bundle, feed)
    assert not before.is_running
    ends = time.monotonic() + 60
    while shared.monitor.position < 3000 and time.monotonic() < ends:
        time.sleep(0.05)
    assert shared.monitor.problem == ""
    assert shared.monitor.position == 3000
    shared.monitor.close()
    positions = [alert.position for alert in store.latest("x", 10_000)]
    assert len(positions) == len(set(positions)) > 5
