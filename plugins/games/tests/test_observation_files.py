"""Observations from files."""

import io

import numpy as np
import pytest

from plexus import InputError
from plexus_games.observation_files import read_observations


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def test_observations_of_both_formats(tmp_path):
    (tmp_path / "A.NPY").write_bytes(npy(np.array([[0.5, 1], [2, 3]])))
    (tmp_path / "a.json").write_text('[[0.5, 1], {"a": 2}]')
    assert [list(row) for row in read_observations(tmp_path / "A.NPY")] == [[0.5, 1], [2, 3]]
    assert read_observations(tmp_path / "a.json") == [[0.5, 1], {"a": 2}]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.npy", b"\x93 no array", "a.npy is damaged, or holds no array of numbers"),
        ("a.npy", b"", "a.npy is damaged, or holds no array of numbers"),
        ("a.npy", npy(np.array([[1, 2]]))[:-4], "a.npy is damaged, or holds no array of numbers"),
        ("a.npy", npy(np.array([{}]), allow_pickle=True), "a.npy is damaged, or holds no array of numbers"),
        ("a.npy", npy(np.array(5.0)), "a.npy: expected a list of observations"),
        ("a.json", b"5", "a.json: expected a list of observations"),
        ("a.json", b'{"a": 1}', "a.json: expected a list of observations"),
        ("a.json", b"[[0,", "a.json: not JSON"),
        ("a.json", b"[" * 100_000, "a.json: not JSON"),
        ("a.json", b"\xc8\0", "a.json is not text: byte 1 is 0"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, name, content, line):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=line):
        read_observations(tmp_path / name)
