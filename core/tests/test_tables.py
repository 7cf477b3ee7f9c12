"""Reading of tables: formats, dialects, chunks, errors."""

import gzip
import json
import math

import polars as pl
import pytest

from plexus import InputError
from plexus.data import tables
from plexus.data.rows import read_labelled_rows
from plexus.data.tables import is_table, read_table, spreadsheet_hint, table_chunks, with_cells_as_written
from plexus.data.text import read_listing


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


def zstd(content):
    """Compress with Zstandard as uncompressed blocks, which no library is needed for."""
    block = (len(content) << 3 | 1).to_bytes(3, "little") + content
    return b"\x28\xb5\x2f\xfd\xa0" + len(content).to_bytes(4, "little") + block


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("t.csv.zst", "a;b\n1,5;x\n2;y\n", [(1.5, "x"), (2, "y")]),
        ("t.tsv.zst", "a\tb\r\n1\tx\r\n\r\n2\ty\r\n", [(1, "x"), (2, "y")]),
        ("t.csv.ZST", '\ufeffsep=,\na,b\n1,"x\n y"\n2,the 7" ü\n', [(1, "x\n y"), (2, 'the 7" ü')]),
        ("t.jsonl.zst", '{"a": 1, "b": "ü"}\n\n{"a": 2}\n', [(1, "ü"), (2, None)]),
        ("t.json.zst", '[{"a": 1},\n {"a": 2}]', [(1,), (2,)]),
    ],
)
def test_texts_with_zstandard(csv, name, content, rows):
    file = csv(zstd(content.encode()), name)
    assert is_table(file)
    assert read_table(file).rows() == rows


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("u.csv.zst", zstd("a,b\n1,ä\n".encode("utf-16")), r"no text in UTF-8.*: unpack it first \(zstd -d\)"),
        ("w.jsonl.zst", zstd('{"a": "ä"}'.encode("cp1252")), r"no text in UTF-8.*: unpack it first \(zstd -d\)"),
        ("z.csv.zst", zstd(b"a,b\n1,\0\n"), r"no text in UTF-8.*: unpack it first"),
        ("e.csv.zst", zstd(b""), "it has no columns"),
        ("d.csv.zst", zstd(b"a,b\n1,2\n")[:-3], r"d\.csv\.zst is damaged"),
        ("f.csv.zst", zstd(b"a,b\n1,2,3\n"), "line 2: 3 fields; the first line has 2"),
        ("t.parquet.gz", gzip.compress(b"PAR1"), r"a \.parquet is not read with \.gz: unpack it first \(gunzip\)"),
        ("t.arff.zst", zstd(b"@relation"), r"a \.arff is not read with \.zst: unpack it first \(zstd -d\)"),
    ],
)
def test_compressed_files_that_are_not_read(csv, name, content, line):
    with pytest.raises(InputError, match=line):
        read_table(csv(content, name))


@pytest.mark.parametrize("name", ["plan.xlsx", "Plan.XLS", "plan.ods"])
def test_the_message_about_a_spreadsheet_says_how_it_is_saved(name, tmp_path):
    hint = spreadsheet_hint(tmp_path / name)
    assert "save its sheet as CSV (in Excel: File, Save As, CSV UTF-8" in hint
    assert f"pandas.read_excel({name!r}).to_parquet('{name.split('.')[0]}.parquet')" in hint
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="a spreadsheet is not read: save its sheet as CSV"):
        read_labelled_rows(tmp_path / name)
    assert spreadsheet_hint(tmp_path / "plan.csv") == ""


def test_parquet_keeps_its_types(tmp_path):
    pl.DataFrame({"a": [1, 2], "b": ["x", None]}).write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").rows() == [(1, "x"), (2, None)]


def test_arff(csv):
    file = csv("@relation t\n@attribute a real\n@attribute b {x,y}\n@data\n1,x\n?,y\n2,?\n", "t.arff")
    assert read_table(file).rows() == [(1.0, "x"), (None, "y"), (2.0, None)]


def test_strings_of_arff(csv):
    header = "@relation t\n@attribute 'the name' STRING\n@attribute a real\n@attribute b {x,'y z'}\n"
    file = csv(f"{header}@data\n% comment\n'Ann, B.',1,x\n Bob ,?,'y z'\n?,2,?\n", "t.arff")
    table = read_table(file)
    assert table.columns == ["the name", "a", "b"]
    assert table.rows() == [("Ann, B.", 1.0, "x"), ("Bob", None, "y z"), (None, 2.0, None)]


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
        ("t.csv", b"a,b\n\x00,2\n", "t.csv is damaged or not what its name says: byte 4 is 0"),
        ("t.csv", 'a,b\n1,"x\n2,y\n3,z\n', "t.csv, line 2: a quote is opened that is not closed"),
        ("t.csv", 'a,b\n"x"y,2\n', "t.csv, line 2: ',' expected after"),
        ("t.jsonl", '{"a": 1}\n{"a": \n', "t.jsonl, line 2: not JSON"),
        ("t.jsonl", '{"a": 1}\n[1]\n', "t.jsonl, line 2: expected an object .* got list"),
        ("t.json", '[{"a": 1}, 2]', "t.json, row 2: expected an object .* got int"),
        ("t.json", '[{"a": 1},\n{"a"', r"t.json: not JSON \(.*line 2.*expected a list of objects"),
        ("t.json", "[]", "t.json has no rows"),
        ("t.parquet", "no", "t.parquet is damaged or not what its name says"),
        ("t.arff", "no", "t.arff is damaged or not ARFF"),
        (
            "t.arff",
            "@relation t\n@attribute s string\n@attribute a real\n@data\nx,1\ny\n",
            "line 6: 1 values; there are 2 attributes",
        ),
        ("t.arff", "@relation t\n@attribute 'my day' date\n@data\n1\n", "attribute 'my day' is a date"),
    ],
)
def test_files_that_are_not_tables(csv, name, content, line):
    with pytest.raises(InputError, match=line):
        read_table(csv(content, name))


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_table(tmp_path / "t.csv")


def test_types_of_a_csv(csv, capsys):
    table = read_table(
        csv("n,x,id,code,big,t\n 1 ,  2.50,007,12345678901234567890,4992346398065154007, a \n2,3,7,5,8,\n")
    )
    assert table.schema == {
        "n": pl.Int64, "x": pl.Float64, "id": pl.String, "code": pl.String, "big": pl.Int64, "t": pl.String
    }  # fmt: skip
    assert table.rows()[0] == (1, 2.5, "007", "12345678901234567890", 4992346398065154007, "a")
    assert table["t"].to_list() == ["a", None]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "rows", "message"),
    [
        ("a;b\n1,5;x\n2,25;y\n", [(1.5, "x"), (2.25, "y")], "column a holds numbers like '1,5', read as 1.5"),
        ('a,b\n"1,234.50",x\n3,y\n', [(1234.5, "x"), (3, "y")], "numbers like '1,234.50', read as 1234.5"),
        ("a;b\n1.234;12,5\n2.000;1\n", [(1234, 12.5), (2000, 1)], "numbers like '1.234', read as 1234"),
        ("a,b\n$5,x\nEUR 6,y\n", [(5, "x"), (6, "y")], "numbers like '$5', read as 5"),
        ("größe,b\n1,ä\n".encode("latin-1"), [(1, "ä")], "is not UTF-8: read as Windows-1252"),
        ("a\tb\n1\tä\n".encode("utf-16"), [(1, "ä")], "is not UTF-8: read as UTF-16"),
        ("sep=;\na;b\n1;x\n", [(1, "x")], "separated by ';'"),
        ("a,b\r1,x\r2,y\r", [(1, "x"), (2, "y")], ""),
        ("a,b\n1,x\n\n2,y\n\n", [(1, "x"), (2, "y")], ""),
        ('a, b\n1, "x, y"\n', [(1, "x, y")], ""),
        ('a,b\nthe 7" single,x\n', [('the 7" single', "x")], ""),
        ('"a","b"\n"x\ny","1"\n', [("x\ny", 1)], ""),
        ("a,b,,b\n1,2,3,4\n", [(1, 2, 3, 4)], ""),
    ],
)
def test_what_spreadsheets_write(csv, capsys, content, rows, message):
    assert read_table(csv(content)).rows() == rows
    assert message in capsys.readouterr().err


def test_cells_as_they_are_written(csv, capsys):
    """Labels and identifiers are no quantities: 1.10 is another one than 1.1."""
    file = csv("id;label;price;phone\n1.1;1e3;1.10;+4915100000\n1.10;1000;2.5;+4915100001\n;NA;3;\n")
    table = read_table(file)
    assert table["id"].to_list() == [1.1, 1.1, None]
    assert table["phone"].to_list() == ["+4915100000", "+4915100001", None]
    written = with_cells_as_written(table, file, ["id", "label", "phone"])
    assert written["id"].to_list() == ["1.1", "1.10", None]
    assert written["label"].to_list() == ["1e3", "1000", None]
    assert written["price"].to_list() == [1.1, 2.5, 3.0]
    assert capsys.readouterr().err.count("columns are separated by ';'") == 1


def test_notes_about_a_table_are_printed_once_until_it_changes(csv, capsys):
    notes = []
    for name in ("a", "a", "bc"):
        file = csv(f"{name};price\nx;1,5\n")
        read_table(file)
        notes.append(capsys.readouterr().err.splitlines())
        read_table(file)
        assert capsys.readouterr().err == ""
    separator = f"{file}: columns are separated by ';' instead of commas"
    assert [len(lines) for lines in notes] == [2, 2, 2]
    assert notes[0] == [separator, f"{file}: column price holds numbers like '1,5', read as 1.5"]


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\npath;label\na.png;x\n\nb.png;y\n",
        "\n \npath,label\n \na.png,x\nb.png,y\n",
        "\r\nsep=\t\r\n\r\npath\tlabel\r\na.png\tx\r\nb.png\ty\r\n",
    ],
)
def test_lines_before_the_header_are_no_rows(csv, content):
    rows = read_listing(csv(content))
    assert list(rows) == [{"path": "a.png", "label": "x"}, {"path": "b.png", "label": "y"}]
    assert rows.line_num == len(content.splitlines())
    assert read_table(csv(content)).rows() == [("a.png", "x"), ("b.png", "y")]


def test_names_of_columns_are_unique(csv):
    header = "a,b,a,,a,a_duplicated_1,column_3,a_duplicated_9"
    assert read_table(csv(f"{header}\n1,2,3,4,5,6,7,8\n")).columns == [
        "a", "b", "a_duplicated_0", "column_3", "a_duplicated_1", "a_duplicated_1_duplicated_0",
        "column_3_duplicated_0", "a_duplicated_9",
    ]  # fmt: skip
    taken = read_table(csv("a_duplicated_0,a,a\n1,2,3\n"))
    assert taken.columns == ["a_duplicated_0", "a", "a_duplicated_1"]


@pytest.mark.slow
def test_many_columns_are_read_and_too_many_are_one_line(csv):
    table = read_table(csv(",".join(f"c{place}" for place in range(2_000)) + "\n" + ",".join("1" * 2_000) + "\n"))
    assert table.width == 2_000
    wide = ",".join("a" * 100_001)
    with pytest.raises(InputError, match=r"w\.csv has 100,001 columns, expected at most 100,000"):
        read_table(csv(f"{wide}\n{wide}\n", "w.csv"))
    row = json.dumps({f"c{place}": 1 for place in range(100_001)})
    with pytest.raises(InputError, match=r"w\.jsonl has 100,001 columns, expected at most 100,000"):
        read_table(csv(row, "w.jsonl"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "line", "pack"),
    [
        ("t.csv.gz", b"good film,a\n", gzip.compress),
        ("t.tsv.gz", b"good film\ta\n", gzip.compress),
        ("t.jsonl.gz", b'{"text": "' + b"good film " * 1_000 + b'"}\n', gzip.compress),
    ],
)
def test_a_text_that_unpacks_to_many_times_its_size_is_refused(csv, name, line, pack):
    file = csv(pack(line * (80_000_000 // len(line))), name)
    with pytest.raises(InputError, match=f"{name} unpacks to more than 200 times its size"):
        read_table(file)


def test_a_text_with_zstandard_that_unpacks_to_many_times_its_size_is_refused(csv):
    header, repeated = (2 << 3).to_bytes(3, "little") + b"a\n", (100_000 << 3 | 2).to_bytes(3, "little") + b"x"
    end, last = (1 << 3).to_bytes(3, "little") + b"\n", (1 << 3 | 1).to_bytes(3, "little") + b"\n"
    size = (2 + 100_001 * 801).to_bytes(4, "little")
    content = b"\x28\xb5\x2f\xfd\xa0" + size + header + (repeated + end) * 800 + repeated + last
    with pytest.raises(InputError, match=r"t\.csv\.zst unpacks to more than 200 times its size"):
        read_table(csv(content, "t.csv.zst"))


def test_lone_quotes_in_a_tsv(csv, capsys):
    table = read_table(csv('text\tlabel\n"hello\tpos\nbye"\tneg\n', "t.tsv"))
    assert table.rows() == [('"hello', "pos"), ('bye"', "neg")]
    assert "quotes are read as they are" in capsys.readouterr().err
    assert read_table(csv('a\tb\n"x\ty"\t1\n', "u.tsv")).rows() == [("x\ty", 1)]


def test_json_lines(csv):
    rows = ['{"a": "x\u2028y\x85z", "b": 1}', "", '{"a": "w", "b": 2.5, "c": [1, "ü"]}']
    table = read_table(csv("\n".join(rows), "t.jsonl"))
    assert table.rows() == [("x\u2028y\x85z", 1, None), ("w", 2.5, '[1, "ü"]')]
    mixed = read_table(csv('{"a": 1}\n{"a": "1"}\n{"a": true}\n{"a": 1.0}\n', "u.ndjson"))
    assert mixed["a"].to_list() == ["1", "1", "True", "1"]


def test_nan_is_a_missing_value(csv, tmp_path):
    rows = ['{"a": "x", "b": 1.5, "c": 1}', '{"a": NaN, "b": NaN, "c": NaN}', '{"a": "y", "b": Infinity, "c": 3}']
    table = read_table(csv("\n".join(rows), "t.jsonl"))
    assert table.rows() == [("x", 1.5, 1), (None, None, None), ("y", math.inf, 3)]
    assert read_table(csv(f"[{','.join(rows)}]", "t.json")).equals(table)
    pl.DataFrame({"b": [1.5, math.nan, math.inf]}).write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet")["b"].to_list() == [1.5, None, math.inf]


def test_a_list_of_json_objects(csv):
    table = read_table(csv('\n[{"a": "x\u2028y", "b": 1},\n\n {"a": "w", "b": 2.5, "c": [1]}]\n', "t.json"))
    assert table.rows() == [("x\u2028y", 1, None), ("w", 2.5, "[1]")]
    assert read_table(csv('{"a": 1}\n{"a": 2}\n', "u.json"))["a"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("t.jsonl", '{"a": 1}\n{"a": "a longer text"}\n', "t.jsonl, line 2: a line has 20 characters or more"),
        ("t.json", '[{"a": 1}, {"a": "a longer text"}]', "t.json: a list has more than 30 characters: save it with"),
    ],
)
def test_json_that_is_too_long(csv, monkeypatch, name, content, line):
    monkeypatch.setattr("plexus.data.json_tables.MAX_LINE", 20)
    monkeypatch.setattr("plexus.data.json_tables.MAX_LIST", 30)
    with pytest.raises(InputError, match=line):
        read_table(csv(content, name))


def test_json_lines_in_parts(csv, monkeypatch):
    """The types are those of all rows, whatever the first part has."""
    monkeypatch.setattr("plexus.data.tables.CHUNK", 2)
    rows = ['{"a": 1, "b": 1, "c": 9223372036854775808}', '{"a": 2, "b": 2}', '{"a": 2.5, "b": "x"}']
    parts = list(table_chunks(csv("\n".join(rows), "t.jsonl")))
    assert [part.rows() for part in parts] == [[(1.0, "1", str(2**63)), (2.0, "2", None)], [(2.5, "x", None)]]


def test_parquet_of_rarer_types(tmp_path):
    frame = pl.DataFrame({"c": ["x", "y"], "d": [1, 2], "l": [[1], [2]]}).with_columns(
        pl.col("c").cast(pl.Categorical), pl.col("d").cast(pl.Decimal(12, 2)), day=pl.date(2026, 1, 31)
    )
    frame.write_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.schema == {"c": pl.String, "d": pl.Float64, "l": pl.String, "day": pl.Date}
    assert table["l"].to_list() == ["[1]", "[2]"]


def test_messages_are_short(csv):
    with pytest.raises(InputError) as error:
        read_table(csv('a,b\n1,"' + "x\n" * 1_000_000))
    assert len(str(error.value)) < 500
