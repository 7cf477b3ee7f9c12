"""Connections to databases."""

import sqlite3

import pytest
import sqlalchemy

from plexus import InputError
from plexus.data.databases import Database, DatabaseUrl, is_database, read_query


@pytest.fixture
def shop(tmp_path):
    """A SQLite file whose name has characters with a meaning in addresses."""
    file = tmp_path / "a shop#1?.db"
    with sqlite3.connect(file) as connection:
        connection.execute("create table tx (id integer primary key, amount)")
        connection.executemany("insert into tx (amount) values (?)", [(1.5,), (2,), ("many",), (None,)])
    return f"sqlite:///{file}"


def test_passwords_are_separated():
    url = DatabaseUrl.parse("postgresql://me:s3cr%40et@host/shop?sslmode=require")
    assert (url, url.password) == ("postgresql://me@host/shop?sslmode=require", "s3cr@et")
    assert DatabaseUrl.parse(url) is url
    assert DatabaseUrl.parse("sqlite:///shop.db").password is None
    assert type(DatabaseUrl.parse("data.csv")) is str
    assert not is_database("C:/shop.db")


def test_columns_of_several_types_are_read(shop, monkeypatch):
    monkeypatch.setattr("plexus.data.databases.CHUNK_ROWS", 3)
    table = read_query(shop, "select id, amount from tx order by id")
    assert table["id"].to_list() == [1, 2, 3, 4]
    assert table["amount"][2] == "many"


def test_queries_cannot_write(shop):
    for query, line in (
        ("drop table tx", "attempt to write a readonly database"),
        ("select * from other", "no such table: other"),
        ("select * from tx where id > 9", "selects no rows"),
    ):
        with pytest.raises(InputError, match=line):
            read_query(shop, query)
    with pytest.raises(InputError, match="there is no such file"):
        Database("sqlite:///nowhere.db", read_only=True)


def test_a_failed_transaction_changes_nothing(shop):
    database = Database(shop)
    insert = sqlalchemy.text("insert into tx (id, amount) values (:id, 1)")
    with pytest.raises(InputError, match="UNIQUE"), database.transaction() as connection:
        connection.execute(insert, [{"id": 10}, {"id": 1}])
    with database.transaction() as connection:
        assert connection.execute(sqlalchemy.text("select count(*) from tx")).scalar() == 4


def test_databases_that_cannot_be_opened_are_named(tmp_path):
    with (
        pytest.raises(InputError, match="no/alerts: the database cannot be opened"),
        Database(str(tmp_path / "no" / "alerts")).transaction(),
    ):
        pass
