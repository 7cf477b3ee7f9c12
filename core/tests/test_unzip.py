"""Archives from outside."""

import zipfile

import pytest

from plexus.data import archives as unzip
from plexus.errors import InputError


def archive(file, *names):
    with zipfile.ZipFile(file, "w") as content:
        for name in names:
            content.writestr(name, "x")
    return file


def test_the_only_folder_is_the_one(tmp_path):
    (tmp_path / "to").mkdir()
    found = unzip.unzipped(archive(tmp_path / "a.zip", "mine/a/1.png", "mine/b/2.png", "__MACOSX/._x"), tmp_path / "to")
    assert found == tmp_path / "to/mine"
    assert not (tmp_path / "to/__MACOSX").exists()


def test_nothing_is_written_outside(tmp_path):
    (tmp_path / "to").mkdir()
    unzip.unzipped(archive(tmp_path / "a.zip", "../../out.png", "/etc/out.png"), tmp_path / "to")
    assert {file.name for file in tmp_path.rglob("*.png")} == {"out.png"}
    assert all((tmp_path / "to") in file.parents for file in tmp_path.rglob("*.png"))


def test_what_cannot_be_unpacked_is_told(tmp_path, monkeypatch):
    (tmp_path / "bad.zip").write_bytes(b"PK no archive")
    with pytest.raises(InputError, match=r"bad\.zip cannot be unpacked"):
        unzip.unzipped(tmp_path / "bad.zip", tmp_path)
    monkeypatch.setattr(unzip, "MOST_FILES", 1)
    with pytest.raises(InputError, match="more than 1 files"):
        unzip.unzipped(archive(tmp_path / "many.zip", "a", "b"), tmp_path)
