"""Arrays, splits and batches."""

import gzip
import struct

import numpy as np
import pytest

from plexus import Batches, Examples, InputError, SupervisedDataset
from plexus.data.arrays import read_arrays
from plexus.data.findings import Findings
from plexus.data.idx import read_idx
from plexus.data.named import NamedDataset, RemoteFile
from plexus.data.splits import split_rows


def write_idx(file, array):
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    content = header + array.astype("u1").tobytes()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)


def test_idx_packed_and_plain(tmp_path):
    array = np.arange(24).reshape(2, 3, 4)
    for name in ("x-idx3-ubyte", "x-idx3-ubyte.gz"):
        write_idx(tmp_path / name, array)
        np.testing.assert_array_equal(read_idx(tmp_path / name), array)


def test_idx_that_is_cut_off(tmp_path):
    file = tmp_path / "x-idx1-ubyte"
    write_idx(file, np.arange(10))
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(InputError, match="promises 10 bytes, there are 7"):
        read_idx(file)


def test_npz_by_the_words_in_the_names(tmp_path):
    np.savez(
        tmp_path / "a.npz", train_images=np.zeros((3, 2, 2)), train_labels=np.ones((3, 1)), x_test=np.zeros((1, 2, 2))
    )
    found = read_arrays(tmp_path / "a.npz")
    assert found["train"][0].shape == (3, 2, 2)
    assert found["train"][1].shape == (3,)
    assert found["test"][1] is None


def test_hdf5_by_its_groups(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["train/data"], file["train/target"] = np.zeros((3, 4)), np.arange(3)
    assert read_arrays(tmp_path / "a.h5")["train"][1].tolist() == [0, 1, 2]


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{}, {}], dtype=object), y=np.arange(2))
    with pytest.raises(InputError, match=r"a\.npz holds pickled Python objects"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 half"])
def test_a_corrupt_npz(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.npz is damaged"):
        read_arrays(tmp_path / "a.npz")


def test_inputs_and_labels_of_different_length(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 2, 2)), y=np.arange(4))
    with pytest.raises(InputError, match="3 inputs and 4 labels"):
        read_arrays(tmp_path / "a.npz")


def test_a_split_has_the_same_share_of_every_label():
    labels = ["a"] * 100 + ["b"] * 20 + ["c"]
    first, second = split_rows(labels, 0.2, seed=1)
    assert sorted([*first, *second]) == list(range(121))
    assert [sum(labels[i] == label for i in second) for label in "abc"] == [20, 4, 0]
    np.testing.assert_array_equal(second, split_rows(labels, 0.2, seed=1)[1])
    assert not np.array_equal(second, split_rows(labels, 0.2, seed=2)[1])


def test_data_never_seen_is_measured_whole_unless_it_has_a_test_split():
    whole = Examples(np.zeros((20, 2)), ["a", "b"] * 10)
    assert SupervisedDataset({"train": whole}, 0, Findings()).count("unseen") == 20
    part = Examples(np.zeros((4, 2)), ["a", "b"] * 2)
    assert SupervisedDataset({"train": whole, "test": part}, 0, Findings()).count("unseen") == 4


def test_the_fingerprint_sees_a_changed_label():
    def fingerprint(labels):
        return SupervisedDataset({"train": Examples(np.zeros((4, 2)), labels)}, 0, Findings()).fingerprint

    assert fingerprint(list("aabb")) == fingerprint(list("aabb")) != fingerprint(list("abab"))


def test_findings_count_and_name():
    findings = Findings()
    for i in range(5):
        findings.add("pictures were left out", f"{i}.jpg")
    assert findings.lines() == ["5 pictures were left out: 0.jpg; 1.jpg; 2.jpg and 2 more"]
    with pytest.raises(InputError, match=r"0\.jpg"):
        Findings(strict=True).add("pictures were left out", "0.jpg")


def test_batches_are_a_function_of_seed_and_epoch():
    x, y = {"a": np.arange(10)}, np.arange(10)
    one, same, other = (Batches.shuffled(x, y, 4, seed=3, epoch=epoch) for epoch in (0, 0, 1))
    np.testing.assert_array_equal(one.x["a"], same.x["a"])
    assert not np.array_equal(one.x["a"], other.x["a"])
    np.testing.assert_array_equal(one.x["a"], one.y)
    assert len(one) == 2
    np.testing.assert_array_equal(one.skip(1).x["a"], one.x["a"][4:])


def test_a_named_file_that_is_not_the_published_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/a.gz").write_bytes(b"other")
    with pytest.raises(InputError, match="not the file that was published"):
        NamedDataset("toy", "none", (RemoteFile("a.gz", "http://127.0.0.1:9/a.gz", "0" * 64),)).fetch()


def test_a_named_file_is_fetched_once_and_checked(tmp_path, monkeypatch):
    import hashlib
    import threading
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    (there / "a.bin").write_bytes(b"content")
    monkeypatch.setenv("PLEXUS_DATA", str(here))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=there)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/a.bin"
        good = NamedDataset("toy", "none", (RemoteFile("a.bin", url, hashlib.sha256(b"content").hexdigest()),))
        assert (good.fetch() / "a.bin").read_bytes() == b"content"
        bad = NamedDataset("bad", "none", (RemoteFile("a.bin", url, "0" * 64),))
        with pytest.raises(InputError, match=r"cannot fetch a\.bin"):
            bad.fetch()
        assert not (here / "bad/a.bin").exists()
        server.shutdown()
    assert (good.fetch() / "a.bin").exists()  # the server is gone, and not asked
