"""Reading of tables: formats, dialects, chunks, errors."""

import gzip

import polars as pl
import pytest

from plexus import InputError
from plexus.data import tables
from plexus.data.tables import is_table, read_table, table_chunks


@pytest.fixture
def csv(tmp_path):
    def write(content, name="t.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    "content", ["a,b\n1,x\n2,y\n", "a;b\n1;x\n2;y\n", "\ufeffa,b\r\n1,x\r\n2,y\r\n", '"a","b"\n"1","x"\n2,"y"\n']
)
def test_the_dialects_of_csv(csv, content):
    assert read_table(csv(content)).rows() == [(1.0, "x"), (2.0, "y")]


def test_a_csv_without_a_header_and_a_compressed_one(csv):
    assert read_table(csv("1,2\n3,4\n")).columns == ["column_0", "column_1"]
    compressed = csv(gzip.compress(b"a,b\n1,x\n"), "t.csv.gz")
    assert is_table(compressed)
    assert read_table(compressed).rows() == [(1.0, "x")]
    assert read_table(csv(gzip.compress(b"a;b\n1;x\n"), "s.csv.gz")).rows() == [(1.0, "x")]
    with pytest.raises(InputError, match=r"d\.csv\.gz is damaged"):
        read_table(csv(gzip.compress(b"a,b\n1,x\n")[:-9], "d.csv.gz"))


def test_parquet_keeps_its_types(tmp_path):
    pl.DataFrame({"a": [1, 2], "b": ["x", None]}).write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").rows() == [(1, "x"), (2, None)]


def test_arff(csv):
    file = csv("@relation t\n@attribute a real\n@attribute b {x,y}\n@data\n1,x\n?,y\n2,?\n", "t.arff")
    assert read_table(file).rows() == [(1.0, "x"), (None, "y"), (2.0, None)]


def test_one_text_makes_the_whole_column_text(csv, monkeypatch):
    monkeypatch.setattr(tables, "CHUNK", 10)
    file = csv("a,b\n" + "1,2\n" * 25 + "NA,x\n")
    assert len(list(table_chunks(file))) == 3
    table = read_table(file)
    assert table["a"].to_list() == [1.0] * 25 + [None]
    assert table["b"].to_list() == ["2"] * 25 + ["x"]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("t.csv", "a,b\n", "t.csv has no rows"),
        ("t.csv", "", "t.csv is damaged or not what its name says"),
        ("t.csv", 'a,b\n1,2\n"x\ny",3\n1,2,3\n', "t.csv, line 5: 3 fields; the first line has 2"),
        ("t.csv", b"a,b\n\xff\xfe,2\n", "t.csv is damaged or not what its name says"),
        ("t.parquet", "no", "t.parquet is damaged or not what its name says"),
        ("t.arff", "no", "t.arff is damaged or not ARFF"),
        ("t.arff", "@relation t\n@attribute 'my day' date\n@data\n1\n", "attribute 'my day' is a date"),
    ],
)
def test_files_that_are_not_tables(csv, name, content, line):
    with pytest.raises(InputError, match=line):
        read_table(csv(content, name))


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_table(tmp_path / "t.csv")
