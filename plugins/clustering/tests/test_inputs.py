"""Raw inputs that an argument of `plexus predict` stands for."""

import pytest
from PIL import Image

from plexus import InputError
from plexus_clustering.inputs import read_inputs


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working folder, with files of all kinds."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").write_text("rain and wind\n\n a late goal\r\n")
    (tmp_path / "DOCS.TXT").write_text('{"a": 1}\n')
    (tmp_path / "page.html").write_text("<p>rain</p>")
    (tmp_path / "rows.json").write_text('[{"a": 1}, {"a": 2}]')
    (tmp_path / "pictures").mkdir()
    for name in ("picture", "pictures/a.png"):
        Image.new("L", (8, 8)).save(tmp_path / name, "png")
    return tmp_path


@pytest.mark.parametrize(
    ("argument", "names"),
    [
        ("docs", ["docs line 1", "docs line 3"]),
        ("DOCS.TXT", ["DOCS.TXT line 1"]),
        ("rows.json", ["rows.json row 1", "rows.json row 2"]),
        ("picture", ["picture"]),
        ("pictures", ["pictures/a.png"]),
        ("rain", ["rain"]),
        ("", [""]),
        ("rain " * 100, ["rain " * 100]),
        ("[" * 100_000, ["[" * 100_000]),
    ],
)
def test_files_are_read_and_texts_are_kept(here, argument, names):
    assert [name for name, _ in read_inputs(argument)] == names


def test_lines_and_texts_have_their_content(here):
    assert [text.strip() for _, text in read_inputs("docs")] == ["rain and wind", "a late goal"]
    assert read_inputs("DOCS.TXT") == [("DOCS.TXT line 1", '{"a": 1}')]
    assert read_inputs('{"a": 1}') == [('{"a": 1}', {"a": 1})]


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("page.html", "page.html is a file, but no text file"),
        ("missing.zip", "cannot read missing.zip: No such file"),
        ("missing.txt", "cannot read missing.txt: No such file"),
    ],
)
def test_files_of_another_kind_are_refused(here, argument, line):
    with pytest.raises(InputError, match=line):
        read_inputs(argument)
