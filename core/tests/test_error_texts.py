"""Texts of errors: no passwords, no folders of the server, no megabytes."""

import tempfile
from pathlib import Path

import pytest

from plexus import InputError
from plexus.serve.problems import MAX_CHARACTERS, public_text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:s3cret@host:5432/db", "postgresql://host:5432/db"),
        ("postgresql+psycopg://me:s3/cr@et@host/db", "postgresql+psycopg://host/db"),
        ("https://token@host/a", "https://host/a"),
        ("redis://:s3cret@host", "redis://host"),
        ("mysql://host/db?user=me&password=s3cret&x=1", "mysql://host/db?user=me&password=***&x=1"),
        ("host=db user=me password=s3cret", "host=db user=me password=***"),
        ("https://host/?access_token=s3cret", "https://host/?access_token=***"),
        ("https://host:8000/a@b", "https://host:8000/a@b"),
        ("data=a:b me@host", "data=a:b me@host"),
        ("C:/folder/a@b", "C:/folder/a@b"),
    ],
)
def test_an_error_repeats_no_password(address, shown):
    assert str(InputError(f"cannot open {address} (refused)")) == f"cannot open {shown} (refused)"


@pytest.mark.parametrize(
    "folder",
    ["/srv/models", Path.home() / "my models", Path(tempfile.gettempdir()) / "a b/c d", Path.cwd(), r"C:\data"],
)
def test_an_error_for_a_client_has_no_folders(folder):
    separator = "\\" if str(folder).startswith("C:") else "/"
    assert public_text(InputError(f"{folder}{separator}rain.csv is damaged")) == "rain.csv is damaged"


def test_an_error_for_a_client_is_one_short_line():
    text = public_text(InputError("row 7\nof " + "x" * 2_000_000 + " end"))
    assert len(text) <= MAX_CHARACTERS
    assert text.startswith("row 7 of x")
    assert text.endswith("x end")
    assert "https://host/a/b" in public_text("see https://host/a/b")
