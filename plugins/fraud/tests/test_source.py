"""Transactions from wherever they are, and what is wrong with them."""

import os
import sqlite3

import numpy as np
import polars as pl
import pytest

from plexus import InputError
from plexus.plugins.registry import registry
from plexus_fraud.simulate import World, simulate

MADE = pl.DataFrame(simulate(World(customers=400, terminals=150, days=45, seed=1)))
PLAIN = MADE.drop("customer", "terminal")


def read(data, **options):
    task = registry().task("fraud.detect")
    return task.load_dataset(task.options.parse({"data": str(data), **options}))


def codec_of(dataset, data, **options):
    task = registry().task("fraud.detect")
    return task.fit_codec(dataset, task.options.parse({"data": str(data), **options}))


def test_splits_are_by_time_with_a_delay(tmp_path, capsys):
    MADE.write_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv")
    assert "time: time, amount: amount, customer: customer, terminal: terminal" in capsys.readouterr().err
    time = {name: dataset.given.time[rows] for name, rows in dataset.parts.items()}
    assert time["train"].max() <= time["val"].min()
    assert time["test"].min() - time["val"].max() >= 7 * 86_400
    known = dataset.given.ids("customer")[np.flatnonzero(dataset.given.fraud == 1)]
    assert len(dataset.parts["test"]) > 100
    assert set(known)
    week = read(tmp_path / "a.csv", train_days=7, delay_days=2, test_days=5)
    assert np.ptp(week.given.time[week.parts["test"]]) <= 5 * 86_400
    assert np.ptp(np.concatenate([week.given.time[week.parts[name]] for name in ("train", "val")])) <= 7 * 86_400


def test_customers_known_to_be_compromised_are_not_measured_on(tmp_path):
    MADE.write_parquet(tmp_path / "a.parquet")
    dataset = read(tmp_path / "a.parquet")
    given, ids = dataset.given, dataset.given.ids("customer")
    for row in dataset.parts["test"].tolist():
        earlier = (ids == ids[row]) & (given.fraud == 1) & (given.time <= given.time[row] - 7 * 86_400)
        earlier &= np.arange(len(given)) >= dataset.parts["train"][0]
        assert not earlier.any()


def test_forms_are_read_alike(tmp_path):
    MADE.write_csv(tmp_path / "a.csv")
    MADE.write_csv(tmp_path / "semi.csv", separator=";")
    MADE.write_parquet(tmp_path / "a.parquet")
    MADE.sample(fraction=1.0, shuffle=True, seed=0).write_csv(tmp_path / "shuffled.csv")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table tx (time, customer, terminal, amount, fraud)")
        connection.executemany("insert into tx values (?, ?, ?, ?, ?)", MADE.rows())
    places = [tmp_path / name for name in ("a.csv", "semi.csv", "a.parquet", "shuffled.csv")]
    sources = [read(place) for place in places]
    sources.append(read(f"sqlite:///{tmp_path / 'a.db'}", query="select * from tx"))
    for dataset in sources:
        assert {name: len(rows) for name, rows in dataset.parts.items()} == {
            name: len(rows) for name, rows in sources[0].parts.items()
        }
        np.testing.assert_allclose(np.sort(dataset.given.numbers("amount")), np.sort(MADE["amount"].to_numpy()))
    assert "go back in time; they were put in order" in " ".join(sources[3].findings.lines())


def test_what_is_repaired_is_counted_with_its_rows(tmp_path):
    rows = PLAIN.with_columns(pl.all().cast(str)).rows()
    rows[10] = (rows[10][0], "many", rows[10][2])
    rows[11] = (rows[11][0], "-3.5", rows[11][2])
    rows[12] = ("never", *rows[12][1:])
    rows[13] = (*rows[13][:2], "")
    rows[14] = (*rows[14][:2], "")
    rows.append(rows[20])
    table = pl.DataFrame(rows, schema=PLAIN.columns, orient="row")
    table.write_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv", delay_days=0)
    codec_of(dataset, tmp_path / "a.csv")
    found = "\n".join(dataset.findings.lines())
    for line in (
        "1 amounts are below 0; taken as they are: ",
        "row 12",
        "1 times cannot be read",
        "row 13",
        "1 transactions stand there twice",
        "2 labels are missing; these transactions tell behaviour, and are not learned from",
    ):
        assert line in found
    assert "1 values in columns of numbers are no numbers; these were taken as missing: column amount, row 11" in found
    with pytest.raises(InputError, match=r"row 12 \(--strict\)"):
        read(tmp_path / "a.csv", strict=True)


def test_dates_in_two_forms(tmp_path, capsys):
    stamps = pl.from_epoch(PLAIN["time"]).dt.strftime("%Y-%m-%d %H:%M:%S").to_list()
    other = pl.from_epoch(PLAIN["time"]).dt.strftime("%d/%m/%Y %H:%M").to_list()
    table = PLAIN.with_columns(time=pl.Series([*stamps[:-40], *other[-40:]]))
    table.write_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv")
    assert dataset.given.dated
    assert dataset.findings.lines()[0].startswith("40 times are written in a second form; read so: ")
    assert (np.diff(dataset.given.time) >= 0).all()
    PLAIN.with_columns(time=pl.Series(other)).write_csv(tmp_path / "b.csv")
    assert "second form" not in " ".join(read(tmp_path / "b.csv").findings.lines())
    assert "are read as day/month/year" in capsys.readouterr().err


def test_columns_that_tell_too_much_are_named_and_left_out(tmp_path, capsys):
    table = MADE.with_columns(
        number=pl.int_range(pl.len()), refunded=pl.col("fraud") * 3.5, kind=pl.col("customer") % 3, empty=pl.lit(None)
    )
    table.with_columns(kind=pl.col("kind").replace_strict({0: "web", 1: "shop", 2: "phone"})).write_csv(
        tmp_path / "a.csv"
    )
    codec = codec_of(read(tmp_path / "a.csv"), tmp_path / "a.csv")
    said = capsys.readouterr().err
    assert "LEAK: column refunded tells by itself which transactions are fraud" in said
    assert "column number is left out: it only goes on with time" in said
    assert [column.name for column in codec.columns] == ["amount", "kind"]
    assert codec.names[1:4] == [f"kind is {value}" for value in codec.columns[1].categories]


@pytest.mark.parametrize(
    ("table", "options", "line"),
    [
        (
            PLAIN.rename({"fraud": "bad"}),
            {},
            "no column says which transactions are fraud; name it with --label (there are",
        ),
        (PLAIN, {"label": "fruad"}, "did you mean 'fraud'"),
        (
            PLAIN.with_columns(fraud=pl.int_range(pl.len()) % 3),
            {},
            "the label 'fraud' has 3 values ('0', '1', '2'); two are wanted",
        ),
        (PLAIN.with_columns(fraud=0), {}, "the label 'fraud' has 1 values ('0')"),
        (
            pl.concat([PLAIN.filter(pl.col("fraud") == 1).head(6), PLAIN.filter(pl.col("fraud") == 0).head(20)]),
            {},
            "26 labelled transactions with 6 frauds; 50 with 5 or more",
        ),
        (PLAIN, {"delay_days": 400}, "leave no transactions to learn from before a delay of 400 days"),
        (PLAIN.with_columns(time=pl.lit("soon")), {}, "column 'time' holds no times: 'soon'; seconds, or dates as"),
        (PLAIN, {"ignore": "colour"}, "--ignore colour: there is no such column"),
        (PLAIN, {"query": "select 1"}, "--query is for databases"),
        (PLAIN.head(0), {}, "has no rows"),
    ],
)
def test_what_cannot_be_learned_from(tmp_path, table, options, line):
    table.write_csv(tmp_path / "a.csv")

    def begin():
        dataset = read(tmp_path / "a.csv", **options)
        assert dataset.count("train")
        codec_of(dataset, tmp_path / "a.csv", **options)

    with pytest.raises(InputError) as error:
        begin()
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_a_broken_quote_is_one_line(tmp_path):
    (tmp_path / "a.csv").write_text('time,amount,fraud\n1,"2,0\n3,4,1,9\n5,6,0\n' * 30)
    with pytest.raises(InputError, match=r"a\.csv"):
        read(tmp_path / "a.csv")


def test_databases_are_only_read(tmp_path):
    file = tmp_path / "a.db"
    with sqlite3.connect(file) as connection:
        connection.execute("create table tx (time, amount, fraud)")
        connection.executemany("insert into tx values (?, ?, ?)", PLAIN.rows())
    place = f"sqlite:///{file}"
    for query, line in (
        ("drop table tx", "attempt to write a readonly database"),
        ("select * from other", "no such table: other"),
        ("select * from tx where time < 0", "no rows"),
        (None, "give the --query that selects the transactions"),
    ):
        with pytest.raises(InputError) as error:
            read(place, query=query)
        assert line in str(error.value)
    assert read(place, query="select * from tx").count("train") > 0
    with pytest.raises(InputError, match="there is no such file"):
        read("sqlite:////nowhere.db", query="select 1")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/shop", "postgresql://me@127.0.0.1:1/shop"),
        ("postgresql://me:s3cr%40et@127.0.0.1:1/shop", "postgresql://me@127.0.0.1:1/shop"),
        ("postgresql://me:s3@cret@127.0.0.1:1/shop", "postgresql://me@127.0.0.1:1/shop"),
        ("postgres://127.0.0.1:1/shop?user=me&password=s3cret", "postgres://127.0.0.1:1/shop?user=me"),
        ("sqlite:///shop.db", "sqlite:///shop.db"),
        ("shop:s3cret@file.csv", "shop:s3cret@file.csv"),
    ],
)
def test_a_password_is_kept_nowhere(address, kept, monkeypatch):
    """Neither in the options, which a run and a bundle write down, nor in a line."""
    monkeypatch.setenv("PGPASSWORD", "")
    options = registry().task("fraud.detect").options.parse({"data": address, "query": "select 1"})
    assert options.data == kept
    if kept.startswith("postgres"):
        assert os.environ["PGPASSWORD"] in {"s3cret", "s3cr@et", "s3@cret"}
        with pytest.raises(InputError) as error:
            registry().task("fraud.detect").load_dataset(options)
        assert "cret" not in str(error.value)
        assert kept in str(error.value)


@pytest.fixture
def server(postgresql):
    """The address of a PostgreSQL server with the transactions in it."""
    import psycopg

    with psycopg.connect(postgresql) as connection, connection.cursor() as cursor:
        cursor.execute("create table tx (time bigint, amount float, fraud int)")
        with cursor.copy("copy tx from stdin") as copy:
            for row in PLAIN.rows():
                copy.write_row(row)
    return postgresql


def test_postgresql_is_only_read_a_piece_at_a_time(server, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "")
    monkeypatch.setattr("plexus_fraud.database.CHUNK", 1000)
    dataset = read(server, query="select * from tx order by time")
    assert len(dataset.given) == len(PLAIN.unique())
    for query, line in (("delete from tx", "syntax error"), ("select * from other", "does not exist")):
        with pytest.raises(InputError, match=line) as error:
            read(server, query=query)
        assert "s3cret" not in str(error.value)
    with pytest.raises(InputError, match="password authentication failed") as error:
        read(server.replace("s3cret", "wr0ng"), query="select * from tx")
    assert "wr0ng" not in str(error.value)
    assert len(read(server, query="select * from tx").given) == len(dataset.given)


@pytest.mark.data
def test_named_sets():
    assert read("creditcard").fraud("test").sum() == 86
    dataset = read("fraud_handbook", train_days=7, delay_days=7, test_days=7)
    assert [dataset.count(split) for split in ("train", "val")] == [64_920, 2_008]
    days = dataset.given.time // 86_400
    assert [int(days[dataset.parts[split][-1]] - days[dataset.parts[split][0]]) for split in ("train", "test")] == [
        6,
        6,
    ]
