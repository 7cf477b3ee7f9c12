"""Alerts: none lost, none twice."""

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
from plexus_apps.fraud_monitor.feeds import TableFeed, feed_of, simulated, table_feed
from plexus_apps.fraud_monitor.flags import MonitorFlags
from plexus_apps.fraud_monitor.monitor import Monitor
from plexus_apps.fraud_monitor.store import Alert, AlertStore

BUNDLE = Path(__file__).parents[2] / "models/fraud.detect/simulated"
ROWS, KILLS, LIFE = 8000, 20, 0.05
"""Transactions, how often the monitor is killed, and the seconds that it may live once it has begun."""
WATCH = f"""
import sys
from pathlib import Path
from plexus import Bundle
from plexus_apps.fraud_monitor.feeds import TableFeed, simulated
from plexus_apps.fraud_monitor.monitor import Monitor
from plexus_apps.fraud_monitor.store import AlertStore

feed = TableFeed("stream", simulated().table[:{ROWS}])
monitor = Monitor(plexus.load({str(BUNDLE)!r}), feed, AlertStore(sys.argv[1]), 1e6)
print("watching", flush=True)
while monitor.step():
    pass
"""


@pytest.fixture(scope="module")
def bundle():
    return plexus.load(BUNDLE)


def kept(file):
    """All that a store has, and where it stands."""
    with sqlite3.connect(file) as connection:
        alerts = connection.execute(
            "SELECT position, probability, reasons, what FROM alerts ORDER BY position"
        ).fetchall()
        return alerts, connection.execute("SELECT position FROM progress").fetchone()[0]


def watching(file):
    """A monitor in a process of its own, once it watches."""
    process = subprocess.Popen([sys.executable, "-c", WATCH, file], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "watching\n"
    return process


def test_no_alert_is_lost_or_twice_however_often_it_is_killed(bundle, tmp_path):
    whole, killed = tmp_path / "whole.sqlite", tmp_path / "killed.sqlite"
    assert watching(whole).wait(120) == 0
    moments, store, positions = random.Random(0), AlertStore(str(killed)), [0]
    for _ in range(KILLS):
        process = watching(killed)
        while store.position("stream") == positions[-1]:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, LIFE))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        positions.append(store.position("stream"))
    assert positions[-1] < ROWS, "it was killed in the midst of the stream, each time"
    assert positions == sorted(set(positions))
    assert watching(killed).wait(120) == 0
    (expected, end), (found, _) = kept(whole), kept(killed)
    assert end == ROWS
    assert len(expected) >= 15
    assert kept(killed) == (expected, end)
    assert len({position for position, *_ in found}) == len(found)


def test_what_is_kept_is_what_the_bundle_says(bundle, tmp_path):
    rows = simulated().table[:500]
    monitor = Monitor(bundle, TableFeed("x", rows), AlertStore(str(tmp_path / "alerts")), 1e6)
    while monitor.step():
        pass
    verdicts = plexus.load(BUNDLE).predict(rows.to_dicts(), batch_size=32)
    flagged = [at for at, verdict in enumerate(verdicts, 1) if verdict.fraud]
    found = monitor.store.latest("x", 1000)
    assert flagged == sorted(alert.position for alert in found)
    assert found[0].transaction == rows.to_dicts()[found[0].position - 1]
    assert found[0].reasons
    monitor.store.judge("x", flagged[0], "fraud")
    assert monitor.store.count("x")["fraud"] == 1


def test_costs_move_the_threshold(bundle, tmp_path):
    monitor = Monitor(bundle, TableFeed("x", simulated().table[:400]), AlertStore(str(tmp_path / "a")), 1e6)
    while monitor.step():
        pass
    costs, ranked = monitor.expected(5.0, None)
    best = int(costs.argmin())
    assert (ranked > 5).sum() == best, "what is flagged is what costs least"
    assert monitor.expected(1.0, None)[0].argmin() >= best
    monitor.set_costs(1e9, None)
    monitor.feed, monitor.position = TableFeed("y", simulated().table[400:800]), 0
    while monitor.step():
        pass
    assert not monitor.store.latest("y", 10)


def test_a_table_that_grows_is_followed(bundle, tmp_path):
    shop, rows = tmp_path / "shop.sqlite", simulated().table[:200]
    with sqlite3.connect(shop) as connection:
        connection.execute("CREATE TABLE payments (id INTEGER PRIMARY KEY, time, customer, terminal, amount)")

    def arrive(part):
        with sqlite3.connect(shop) as connection:
            columns = part.select("time", "customer", "terminal", "amount")
            connection.executemany("INSERT INTO payments VALUES (NULL, ?, ?, ?, ?)", columns.rows())

    feed = feed_of(MonitorFlags(stream=f"sqlite:///{shop}", table="payments"))
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
    assert len(again.seen) == 200


def test_an_alert_that_is_there_already_is_refused_whole(tmp_path):
    store = AlertStore(str(tmp_path / "alerts"))
    store.keep("x", [Alert(1, 0.9, (), {})], 1)
    with pytest.raises(InputError, match="UNIQUE"):
        store.keep("x", [Alert(2, 0.9, (), {}), Alert(1, 0.9, (), {})], 2)
    assert store.position("x") == 1
    assert [alert.position for alert in store.latest("x", 9)] == [1]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"stream": "nowhere.csv"}, "no such file"),
        ({"stream": "sqlite:///x.sqlite"}, "--table"),
        ({"stream": "sqlite:///x.sqlite", "table": "a; DROP TABLE b"}, "--table must be a name"),
        ({"stream": "sqlite:///x.sqlite", "table": "payments"}, "no such file"),
    ],
)
def test_what_is_no_stream_is_told(flags, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        feed_of(MonitorFlags(**flags))


def test_a_table_is_known_by_its_content(tmp_path):
    for name in ("a.csv", "b.csv"):
        pl.DataFrame({"x": [1]}).write_csv(tmp_path / name)
    assert table_feed(tmp_path / "a.csv").name.split()[1] == table_feed(tmp_path / "b.csv").name.split()[1]
    with pytest.raises(InputError, match="is not a table"):
        table_feed(tmp_path)


def test_a_database_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(InputError, match="a file of SQLite that can be written"):
        AlertStore(str(tmp_path / "no" / "alerts"))


def test_postgresql_keeps_alerts_and_is_followed(bundle, postgresql):
    import psycopg

    with psycopg.connect(postgresql) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE pays (id serial PRIMARY KEY, time bigint, customer int, terminal int, amount float)"
        )
        columns = simulated().table[:400].select("time", "customer", "terminal", "amount")
        cursor.executemany("INSERT INTO pays VALUES (DEFAULT, %s, %s, %s, %s)", columns.rows())
    store = AlertStore(postgresql)
    monitor = Monitor(bundle, feed_of(MonitorFlags(stream=postgresql, table="pays")), store, 1e6)
    while monitor.step():
        pass
    name = monitor.feed.name
    assert "s3cret" not in name
    assert store.position(name) == 400
    positions = [alert.position for alert in store.latest(name, 1000)]
    whole = Monitor(bundle, TableFeed("again", simulated().table[:400]), store, 1e6)
    while whole.step():
        pass
    assert positions == [alert.position for alert in store.latest("again", 1000)]
    with pytest.raises(InputError, match="duplicate key") as error:
        store.keep(name, [Alert(positions[0], 0.9, (), {})], 401)
    assert "s3cret" not in str(error.value)
    assert store.position(name) == 400
    with pytest.raises(InputError, match="cannot be reached") as error:
        AlertStore(postgresql.replace("s3cret", "wr0ng"))
    assert "wr0ng" not in str(error.value)


def test_what_does_not_go_together_leaves_all_as_it_was(bundle, tmp_path):
    from plexus_apps.fraud_monitor.page import Desk, _fitting

    store = AlertStore(str(tmp_path / "alerts"))
    feed = TableFeed("x", simulated().table[:3000])
    cards = plexus.load(BUNDLE.parent / "creditcard")
    assert _fitting({"cards": cards, "payments": bundle}, feed) == "payments"
    desk = Desk(Monitor(bundle, feed, store, 1e6), store)
    desk.monitor.start()
    before = desk.monitor
    with pytest.raises(InputError, match="lacks the column"):
        desk.watch(cards, feed)
    assert desk.monitor is before
    assert before.is_going
    desk.watch(bundle, feed)
    assert not before.is_going
    ends = time.monotonic() + 60
    while desk.monitor.position < 3000 and time.monotonic() < ends:
        time.sleep(0.05)
    assert desk.monitor.problem == ""
    assert desk.monitor.position == 3000
    desk.monitor.close()
    positions = [alert.position for alert in store.latest("x", 10_000)]
    assert len(positions) == len(set(positions)) > 5
