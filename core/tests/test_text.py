"""Texts in any encoding, from files and archives."""

import codecs

import pytest

from plexus import Findings, InputError
from plexus.data.tables import read_table
from plexus.data.text import decode_text, read_text


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        ("schön “gut”".encode(), "schön “gut”", None),
        (codecs.BOM_UTF8 + b"good", "good", None),
        ("schön “gut”".encode("utf-16"), "schön “gut”", "UTF-16"),
        (codecs.BOM_UTF16_BE + "schön".encode("utf-16-be"), "schön", "UTF-16"),
        ("schön “gut”".encode("cp1252"), "schön “gut”", "Windows-1252"),
        ("na ja ———— … „schön“".encode("cp1252"), "na ja ———— … „schön“", "Windows-1252"),
        (("1,2 €\n" * 9 + "5° … 7°").encode("cp1252"), "1,2 €\n" * 9 + "5° … 7°", "Windows-1252"),
        ("oui «É»…”".encode("cp1252"), "oui «É»…”", "Windows-1252"),
        ("GRÖßE ÄÖ, déçue, à l'œuvre…".encode("cp1252"), "GRÖßE ÄÖ, déçue, à l'œuvre…", "Windows-1252"),
    ],
)
def test_encodings_are_detected_and_reported(tmp_path, capsys, content, text, encoding):
    file, findings = tmp_path / "a.txt", Findings()
    file.write_bytes(content)
    assert read_text(file) == text
    assert capsys.readouterr().err == (f"{file} is not UTF-8: read as {encoding}\n" if encoding else "")
    assert decode_text(content, "a.txt", findings) == text
    assert findings.lines() == ([f"1 text is not UTF-8 and was read as {encoding}: a.txt"] if encoding else [])


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


OTHERS = {
    "shift_jis": "この映画は良い作品です。とても面白かった",
    "euc_jp": "この映画は良い作品です。とても面白かった",
    "gbk": "这部电影很好看我很喜欢",
    "big5": "這部電影非常好看演員的表演十分精彩我很喜歡這個故事推薦大家去看",
    "big5hkscs": "這部電影好看無聊",
    "cp949": "이 영화는 정말 재미있다",
    "cp1251": "Фильм мне очень понравился",
    "koi8-r": "Фильм мне очень понравился",
    "cp1253": "ταινία ήταν πολύ καλή",
    "cp1256": "الفيلم جيد جدا",
    "cp874": "หนังเรื่องนี้ดีมาก",
    "cp437": "schön für Müller",
}


@pytest.mark.parametrize(("encoding", "text"), OTHERS.items())
def test_texts_of_other_encodings_are_refused(tmp_path, encoding, text):
    """Texts and tables have the same rule; they would be read as Western letters without a sense."""
    line = r"not UTF-8 \(byte \d+\), and .* Windows-1252.*: save it as UTF-8"
    with pytest.raises(InputError, match=f"^a.txt is {line}"):
        decode_text(f"a film: {text}".encode(encoding), "a.txt")
    file = tmp_path / "a.csv"
    file.write_bytes("".join(["text,label\n", *(f"{text} {row},{row % 2}\n" for row in range(20))]).encode(encoding))
    with pytest.raises(InputError, match=rf"a\.csv is {line}"):
        read_table(file)
    file.write_text(file.read_bytes().decode(encoding), encoding="utf-8")
    assert read_table(file)["text"][0] == f"{text} 0"


def test_the_first_byte_that_is_not_utf8_is_named(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("größe\n".encode() + b"x\n" * (1 << 20) + "Фильм\n".encode("cp1251"))
    with pytest.raises(InputError, match=r"\(byte 2,097,160\)"):
        read_table(file)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file or directory; check the path"):
        read_text(tmp_path / "a.txt")
