"""Texts in any encoding, from files and archives."""

import codecs

import pytest

from plexus import Findings, InputError
from plexus.data.text import decode_text, read_text


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        ("schön “gut”".encode(), "schön “gut”", None),
        (codecs.BOM_UTF8 + b"good", "good", None),
        ("schön “gut”".encode("utf-16"), "schön “gut”", "UTF-16"),
        (codecs.BOM_UTF16_BE + "schön".encode("utf-16-be"), "schön", "UTF-16"),
        ("schön “gut”".encode("cp1252"), "schön “gut”", "Windows-1252"),
        ("sch\x81ön".encode("latin-1"), "sch\x81ön", "Latin-1"),
    ],
)
def test_encodings_are_detected_and_reported(tmp_path, capsys, content, text, encoding):
    file, findings = tmp_path / "a.txt", Findings()
    file.write_bytes(content)
    assert read_text(file) == text
    assert capsys.readouterr().err == (f"{file} is not UTF-8: read as {encoding}\n" if encoding else "")
    assert decode_text(content, "a.txt", findings) == text
    assert findings.lines() == ([f"1 texts are not UTF-8 and were read as {encoding}: a.txt"] if encoding else [])


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"good\0bad", "a.txt is not text: byte 4 is 0, which no text has"),
        ("schön".encode("utf-16")[:-1], "a.txt is damaged or cut off"),
    ],
)
def test_bytes_that_are_no_text_are_refused(content, line):
    with pytest.raises(InputError, match=line):
        decode_text(content, "a.txt")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file or directory; check the path"):
        read_text(tmp_path / "a.txt")
