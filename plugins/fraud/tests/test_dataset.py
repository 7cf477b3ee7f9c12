"""Transactions from files and databases, and errors of invalid ones."""

import json
import sqlite3

import numpy as np
import polars as pl
import pytest

import plexus
from plexus import InputError
from plexus.plugins.registry import registry
from plexus_fraud.simulation import Simulation, simulate

SIMULATED = pl.DataFrame(simulate(Simulation(customers=400, terminals=150, days=45, seed=1)))
PLAIN = SIMULATED.drop("customer", "terminal")


def read(data, **options):
    task = registry().task("fraud.detect")
    return task.load_dataset(task.options.parse({"data": str(data), **options}))


def codec_of(dataset, data, **options):
    task = registry().task("fraud.detect")
    return task.fit_codec(dataset, task.options.parse({"data": str(data), **options}))


def test_splits_are_by_time_with_a_delay(tmp_path, capsys):
    SIMULATED.write_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv")
    assert "time: time, amount: amount, customer: customer, terminal: terminal" in capsys.readouterr().err
    time = {name: dataset.transactions.time[rows] for name, rows in dataset.splits.items()}
    assert time["train"].max() <= time["val"].min()
    assert time["test"].min() - time["val"].max() >= 7 * 86_400
    compromised = dataset.transactions.ids("customer")[np.flatnonzero(dataset.transactions.fraud == 1)]
    assert len(dataset.splits["test"]) > 100
    assert set(compromised)
    week = read(tmp_path / "a.csv", train_days=7, delay_days=2, test_days=5)
    assert np.ptp(week.transactions.time[week.splits["test"]]) <= 5 * 86_400
    assert (
        np.ptp(np.concatenate([week.transactions.time[week.splits[name]] for name in ("train", "val")])) <= 7 * 86_400
    )


@pytest.mark.slow
def test_customers_known_to_be_compromised_are_not_in_the_test_split(tmp_path):
    SIMULATED.write_parquet(tmp_path / "a.parquet")
    dataset = read(tmp_path / "a.parquet")
    transactions, ids = dataset.transactions, dataset.transactions.ids("customer")
    for row in dataset.splits["test"].tolist():
        earlier = (ids == ids[row]) & (transactions.fraud == 1)
        earlier &= transactions.time <= transactions.time[row] - 7 * 86_400
        earlier &= np.arange(len(transactions)) >= dataset.splits["train"][0]
        assert not earlier.any()


@pytest.mark.slow
def test_file_formats_give_the_same_transactions(tmp_path):
    SIMULATED.write_csv(tmp_path / "a.csv")
    SIMULATED.write_csv(tmp_path / "semi.csv", separator=";")
    SIMULATED.write_parquet(tmp_path / "a.parquet")
    SIMULATED.sample(fraction=1.0, shuffle=True, seed=0).write_csv(tmp_path / "shuffled.csv")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table tx (time, customer, terminal, amount, fraud)")
        connection.executemany("insert into tx values (?, ?, ?, ?, ?)", SIMULATED.rows())
    files = [tmp_path / name for name in ("a.csv", "semi.csv", "a.parquet", "shuffled.csv")]
    datasets = [read(file) for file in files]
    datasets.append(read(f"sqlite:///{tmp_path / 'a.db'}", query="select * from tx"))
    for dataset in datasets:
        assert {name: len(rows) for name, rows in dataset.splits.items()} == {
            name: len(rows) for name, rows in datasets[0].splits.items()
        }
        np.testing.assert_allclose(
            np.sort(dataset.transactions.numbers("amount")), np.sort(SIMULATED["amount"].to_numpy())
        )
    assert "transactions were not in the order of time and were sorted" in " ".join(datasets[3].findings.lines())


def test_repairs_are_counted_with_their_rows(tmp_path):
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
    lines = "\n".join(dataset.findings.lines())
    for line in (
        "1 amount is negative and was kept: ",
        "row 12",
        "1 transaction has no readable time and was dropped",
        "row 13",
        "1 transaction is a duplicate and was dropped",
        "2 labels are missing; these transactions are used for behaviour only",
    ):
        assert line in lines
    assert "1 value in a numeric column is no number and was treated as missing: column amount, row 11" in lines
    with pytest.raises(InputError, match=r"row 12 \(--strict\)"):
        read(tmp_path / "a.csv", strict=True)


@pytest.mark.slow
def test_dates_in_two_formats(tmp_path, capsys):
    stamps = pl.from_epoch(PLAIN["time"]).dt.strftime("%Y-%m-%d %H:%M:%S").to_list()
    other = pl.from_epoch(PLAIN["time"]).dt.strftime("%d/%m/%Y %H:%M").to_list()
    table = PLAIN.with_columns(time=pl.Series([*stamps[:-40], *other[-40:]]))
    table.write_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv")
    assert dataset.transactions.dated
    assert dataset.findings.lines()[0].startswith("40 times are in a second format: ")
    assert (np.diff(dataset.transactions.time) >= 0).all()
    PLAIN.with_columns(time=pl.Series(other)).write_csv(tmp_path / "b.csv")
    assert "second format" not in " ".join(read(tmp_path / "b.csv").findings.lines())
    assert "are read as day/month/year" in capsys.readouterr().err


@pytest.mark.slow
def test_columns_that_reveal_time_or_label_are_dropped(tmp_path, capsys):
    table = SIMULATED.with_columns(
        number=pl.int_range(pl.len()), refunded=pl.col("fraud") * 3.5, kind=pl.col("customer") % 3, empty=pl.lit(None)
    )
    table.with_columns(kind=pl.col("kind").replace_strict({0: "web", 1: "shop", 2: "phone"})).write_csv(
        tmp_path / "a.csv"
    )
    codec = codec_of(read(tmp_path / "a.csv"), tmp_path / "a.csv")
    notes = capsys.readouterr().err
    assert "LEAK: dropping column refunded: it alone separates fraud from the rest" in notes
    assert "dropping column number: it increases monotonically with time" in notes
    assert [column.name for column in codec.encoder.columns] == ["amount", "kind"]
    assert codec.encoder.names[1:4] == [f"kind is {value}" for value in codec.encoder.columns[1].categories]


@pytest.mark.parametrize(
    ("table", "options", "line"),
    [
        (
            PLAIN.rename({"fraud": "bad"}),
            {},
            "no column looks like the label of fraud; name it with --label (the columns are",
        ),
        (PLAIN, {"label": "fruad"}, "did you mean 'fraud'"),
        (
            PLAIN.with_columns(fraud=pl.int_range(pl.len()) % 3),
            {},
            "the label 'fraud' has 3 values ('0', '1', '2'); expected two",
        ),
        (PLAIN.with_columns(fraud=0), {}, "the label 'fraud' has 1 value ('0')"),
        (
            pl.concat([PLAIN.filter(pl.col("fraud") == 1).head(6), PLAIN.filter(pl.col("fraud") == 0).head(20)]),
            {},
            "26 labelled transactions with 6 frauds; expected at least 50 with 5",
        ),
        (PLAIN, {"delay_days": 400}, "leave no transactions to learn from before a delay of 400 days"),
        (
            PLAIN.with_columns(time=pl.lit("soon")),
            {},
            "column 'time' holds no times, its first value is 'soon'; expected seconds, or dates",
        ),
        (PLAIN, {"ignore": "color"}, "--ignore color: there is no such column"),
        (PLAIN, {"query": "select 1"}, "--query is for databases"),
        (PLAIN.head(0), {}, "has no rows"),
    ],
)
def test_unusable_data_is_refused(tmp_path, table, options, line):
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
    address = f"sqlite:///{file}"
    for query, line in (
        ("drop table tx", "attempt to write a readonly database"),
        ("select * from other", "no such table: other"),
        ("select * from tx where time < 0", "selects no rows"),
        (None, "pass the query that selects the transactions with --query"),
    ):
        with pytest.raises(InputError) as error:
            read(address, query=query)
        assert line in str(error.value)
    assert read(address, query="select * from tx").count("train") > 0
    with pytest.raises(InputError, match="there is no such file"):
        read("sqlite:////nowhere.db", query="select 1")


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/shop", "postgresql://me@127.0.0.1:1/shop"),
        ("postgresql://me:s3cr%40et@127.0.0.1:1/shop", "postgresql://me@127.0.0.1:1/shop"),
        ("postgresql://me:s3@cret@127.0.0.1:1/shop", "postgresql://me@127.0.0.1:1/shop"),
        ("postgres://127.0.0.1:1/shop?user=me&password=s3cret", "postgres://127.0.0.1:1/shop?user=me"),
        ("sqlite:///shop.db", "sqlite:///shop.db"),
        ("shop:s3cret@file.csv", "shop:s3cret@file.csv"),
    ],
)
def test_passwords_are_in_memory_only(address, masked):
    """Neither messages nor options, which runs and bundles record, contain them."""
    options = registry().task("fraud.detect").options.parse({"data": address, "query": "select 1"})
    assert options.data == masked
    assert "cret" not in json.dumps(options.model_dump()) or not masked.startswith("postgres")
    if masked.startswith("postgres"):
        assert options.data.password in {"s3cret", "s3cr@et", "s3@cret"}
        with pytest.raises(InputError) as error:
            registry().task("fraud.detect").load_dataset(options)
        assert "cret" not in str(error.value)
        assert masked in str(error.value)


def test_the_query_of_a_bundle_is_not_run_on_other_data(tmp_path):
    """A bundle is untrusted: its query does not run on a database of the user."""
    bundle = plexus.load("fraud.detect/simulated")
    bundle.manifest["options"]["query"] = "select * from tx"
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table tx (time, customer, terminal, amount, fraud)")
        connection.executemany("insert into tx values (?, ?, ?, ?, ?)", SIMULATED.head(2000).rows())
    address = f"sqlite:///{tmp_path / 'a.db'}"
    with pytest.raises(InputError, match="a bundle's own is not run on other data"):
        bundle.evaluate(address)
    assert bundle.evaluate(address, query="select * from tx where time > 0")["examples"] == 2000
    SIMULATED.head(2000).write_csv(tmp_path / "a.csv")
    assert bundle.evaluate(str(tmp_path / "a.csv"))["examples"] == 2000
    bundle.manifest["options"]["data"] = address
    with pytest.raises(InputError, match="an address that a bundle names is not contacted"):
        bundle.evaluate()


@pytest.mark.slow
def test_evaluate_takes_a_query_from_the_user(plexus, refused, tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table tx (time, customer, terminal, amount, fraud)")
        connection.executemany("insert into tx values (?, ?, ?, ?, ?)", SIMULATED.head(2000).rows())
    command = ["evaluate", "fraud.detect/simulated", "--query", "select * from tx"]
    done = plexus(*command, "--data", "sqlite:///a.db", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["examples"] == 2000
    assert "--query is for other data: pass --data too" in refused(*command)


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


def test_postgresql_is_only_read_and_in_parts(server, monkeypatch):
    monkeypatch.setattr("plexus.data.databases.CHUNK_ROWS", 1000)
    dataset = read(server, query="select * from tx order by time")
    assert len(dataset.transactions) == len(PLAIN.unique())
    for query, line in (("delete from tx", "syntax error"), ("select * from other", "does not exist")):
        with pytest.raises(InputError, match=line) as error:
            read(server, query=query)
        assert "s3cret" not in str(error.value)
    with pytest.raises(InputError, match="password authentication failed") as error:
        read(server.replace("s3cret", "wr0ng"), query="select * from tx")
    assert "wr0ng" not in str(error.value)
    assert len(read(server, query="select * from tx").transactions) == len(dataset.transactions)


@pytest.mark.slow
@pytest.mark.data
def test_named_sets():
    assert read("creditcard").fraud("test").sum() == 86
    dataset = read("fraud_handbook", train_days=7, delay_days=7, test_days=7)
    assert [dataset.count(split) for split in ("train", "val")] == [64_920, 2_008]
    days = dataset.transactions.time // 86_400
    assert [int(days[dataset.splits[split][-1]] - days[dataset.splits[split][0]]) for split in ("train", "test")] == [
        6,
        6,
    ]


PAYMENTS = pl.DataFrame(simulate(Simulation(customers=300, terminals=100, days=45, seed=2))).with_columns(
    time=pl.from_epoch("time").dt.to_string("%Y-%m-%d %H:%M:%S")
)


def values(dataset):
    encoder = codec_of(dataset, dataset.options.data).encoder
    return dataset.encode_all(encoder)


def as_written(tmp_path, name, **columns):
    PAYMENTS.with_columns(**columns).write_csv(tmp_path / f"{name}.csv", separator=";")
    return values(read(tmp_path / f"{name}.csv"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "amount",
    [
        pl.col("amount").cast(str).str.replace(".", ",", literal=True),
        pl.format("  {} ", "amount"),
        pl.format("${}", "amount"),
        pl.format("{} €", pl.col("amount").cast(str).str.replace(".", ",", literal=True)),
    ],
)
def test_amounts_count_however_they_are_written(tmp_path, amount):
    np.testing.assert_array_equal(as_written(tmp_path, "a", amount=amount), as_written(tmp_path, "plain"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S+00:00", "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S"]
)
def test_times_count_however_they_are_written(tmp_path, shape):
    time = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S").dt.to_string(shape)
    np.testing.assert_array_equal(as_written(tmp_path, "a", time=time), as_written(tmp_path, "plain"))


def test_parquet_is_read_as_the_csv_is(tmp_path):
    time = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S")
    PAYMENTS.with_columns(time=time.cast(pl.Datetime("ns"))).write_parquet(tmp_path / "a.parquet")
    np.testing.assert_array_equal(values(read(tmp_path / "a.parquet")), as_written(tmp_path, "plain"))
    customer = pl.col("customer").cast(str).cast(pl.Categorical)
    PAYMENTS.with_columns(time=time.cast(pl.Date), customer=customer).write_parquet(tmp_path / "b.parquet")
    assert read(tmp_path / "b.parquet").transactions.dated


def test_long_identifiers_do_not_merge(tmp_path):
    big = PAYMENTS.with_columns(customer=4_992_346_398_065_154_000 + pl.col("customer"))
    big.write_csv(tmp_path / "big.csv")
    dataset = read(tmp_path / "big.csv")
    assert len(set(dataset.transactions.ids("customer"))) == PAYMENTS["customer"].n_unique()
    encoder = codec_of(dataset, tmp_path / "big.csv").encoder
    row = big.row(0, named=True)
    assert encoder.read([row]).ids("customer")[0] == str(row["customer"])


@pytest.mark.parametrize(
    ("usual", "other", "positive"),
    [(1, 2, "2"), (0, 1, "1"), (-1, 1, "1"), ("ok", "chargeback", "chargeback"), ("N", "Y", "Y"), (9, 1, "1")],
)
def test_the_rarer_label_is_fraud_unless_a_name_says_so(tmp_path, usual, other, positive):
    fraud = pl.when(pl.col("fraud") == 1).then(pl.lit(other)).otherwise(pl.lit(usual))
    PAYMENTS.with_columns(fraud=fraud).write_csv(tmp_path / "a.csv")
    assert read(tmp_path / "a.csv").positive_label == positive


def test_missing_labels_are_not_a_third_class(tmp_path):
    fraud = pl.when(pl.int_range(pl.len()) % 9 == 0).then(pl.lit("NA")).when(pl.col("fraud") == 1).then(pl.lit("yes"))
    PAYMENTS.with_columns(fraud=fraud.otherwise(pl.lit("no"))).write_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv")
    assert np.isnan(dataset.transactions.fraud).sum() == -(-len(PAYMENTS) // 9)
    assert any("labels are missing" in line for line in dataset.findings.lines())


def test_the_reason_why_a_column_is_left_out(tmp_path):
    PAYMENTS.rename({"time": "happened"}).with_columns(country=pl.lit("DE")).write_csv(tmp_path / "a.csv")
    findings = read(tmp_path / "a.csv").findings.lines()
    assert any("name it with --time: happened (such as 2024-01-01" in line for line in findings)
    assert "1 column with one value only was left out: country (always 'DE')" in findings


def test_a_payment_without_an_amount_is_flagged_by_the_usual_loss(tmp_path):
    from plexus_fraud.decision import DecisionPolicy

    policy = DecisionPolicy(cost_review=5, cost_missed=None, missing_amount=80)
    amounts = np.array([np.nan, 80, 1, np.inf])
    assert policy.flags(np.full(4, 0.5), amounts).tolist() == [True, True, False, True]
    assert policy.flags(np.full(4, 0.001), amounts).tolist() == [False, False, False, True]
    assert policy.flags(np.full(4, np.nan), amounts).all()
    PAYMENTS.write_csv(tmp_path / "a.csv")
    dataset = read(tmp_path / "a.csv")
    codec = codec_of(dataset, tmp_path / "a.csv")
    frauds = dataset.amounts("train")[dataset.fraud("train") == 1]
    assert codec.policy.missing_amount == pytest.approx(np.median(frauds))
    task = registry().task("fraud.detect")
    assert task.with_costs(codec, 500, None).policy.losses(np.array([np.nan])).tolist() == [1000]


@pytest.mark.slow
def test_ids_are_as_they_are_written(tmp_path):
    """As numbers, 1.10 and 1.1 would be one customer; 150.0 is 150 as a program wrote it."""
    ids = SIMULATED["customer"]
    forms = {"whole": ids.cast(str) + ".0", "parts": "1.5" + ids.cast(str), "powers": ids.cast(str) + "E2"}
    for name, customers in forms.items():
        SIMULATED.with_columns(customer=customers).write_csv(tmp_path / f"{name}.csv")
        read_ids = set(read(tmp_path / f"{name}.csv").transactions.ids("customer"))
        assert read_ids == set(ids.cast(str) if name == "whole" else customers)


def test_amounts_with_units_are_refused(tmp_path):
    SIMULATED.with_columns(amount=pl.col("amount").cast(str) + " points").write_csv(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"column 'amount' has [\d,]+ values that are no amounts, such as '.* points'"):
        read(tmp_path / "a.csv")
    SIMULATED.with_columns(amount=pl.col("amount").cast(str) + " kr").write_csv(tmp_path / "b.csv")
    amounts = read(tmp_path / "b.csv").transactions.numbers("amount")
    np.testing.assert_array_equal(np.sort(amounts), np.sort(SIMULATED["amount"].to_numpy()))


def test_a_class_that_is_written_as_missing_is_refused(tmp_path):
    SIMULATED.with_columns(fraud=pl.col("fraud").replace_strict({0: "N/A", 1: "fraud"})).write_csv(tmp_path / "a.csv")
    with pytest.raises(InputError, match="has one value and 'N/A', which stands for a missing one: rename it"):
        read(tmp_path / "a.csv")


def test_customers_who_are_all_compromised(tmp_path):
    SIMULATED.with_columns(customer=pl.col("customer") % 2).write_csv(tmp_path / "a.csv")
    with pytest.raises(
        InputError, match=r"all .* are of customers who are known to be compromised by then, of 2 in col"
    ):
        _ = read(tmp_path / "a.csv").splits
