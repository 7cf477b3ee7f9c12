"""Arrays, splits, batches, and data sets at addresses."""

import gzip
import hashlib
import io
import os
import struct
import tarfile

import numpy as np
import pytest

from plexus import Batches, Examples, InputError, SupervisedDataset
from plexus.data.arrays import read_arrays
from plexus.data.examples import split_counts
from plexus.data.findings import Counted, Findings
from plexus.data.idx import read_idx
from plexus.data.named import NamedDataset, RemoteFile, locate
from plexus.data.splits import split_rows


def write_idx(file, array):
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    content = header + array.astype("u1").tobytes()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)


@pytest.mark.parametrize("data", ["", "  "])
def test_no_data_is_not_the_working_directory(data):
    with pytest.raises(InputError, match="--data is empty: name a data set, a file, a folder or an http"):
        locate(data, {})


def test_idx_compressed_and_plain(tmp_path):
    array = np.arange(24).reshape(2, 3, 4)
    for name in ("x-idx3-ubyte", "x-idx3-ubyte.gz"):
        write_idx(tmp_path / name, array)
        np.testing.assert_array_equal(read_idx(tmp_path / name), array)


def test_a_truncated_idx_file(tmp_path):
    file = tmp_path / "x-idx1-ubyte"
    write_idx(file, np.arange(10))
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(InputError, match="promises 10 bytes, there are 7"):
        read_idx(file)


def test_npz_arrays_are_identified_by_their_names(tmp_path):
    np.savez(
        tmp_path / "a.npz", train_images=np.zeros((3, 2, 2)), train_labels=np.ones((3, 1)), x_test=np.zeros((1, 2, 2))
    )
    arrays = read_arrays(tmp_path / "a.npz")
    assert arrays["train"][0].shape == (3, 2, 2)
    assert arrays["train"][1].shape == (3,)
    assert arrays["test"][1] is None
    (tmp_path / "a.npz").rename(tmp_path / "A.NPZ")
    assert read_arrays(tmp_path / "A.NPZ").keys() == arrays.keys()


def test_hdf5_groups_are_splits(tmp_path):
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


def test_unseen_data_is_evaluated_whole_unless_it_has_a_test_split():
    whole = Examples(np.zeros((20, 2)), ["a", "b"] * 10)
    assert SupervisedDataset({"train": whole}, 0, Findings()).count("unseen") == 20
    part = Examples(np.zeros((4, 2)), ["a", "b"] * 2)
    assert SupervisedDataset({"train": whole, "test": part}, 0, Findings()).count("unseen") == 4


def test_a_validation_split_that_is_the_training_split_is_not_counted():
    examples = [Examples(np.zeros((n, 2)), ["a"] * n) for n in (342, 342, 60)]
    train, val, test = examples
    shared = SupervisedDataset({"train": train, "val": train, "test": test}, 0, Findings())
    assert split_counts(shared) == {"train": 342, "test": 60}
    own = SupervisedDataset({"train": train, "val": val, "test": test}, 0, Findings())
    assert split_counts(own) == {"train": 342, "val": 342, "test": 60}
    assert split_counts(SupervisedDataset({"test": test}, 0, Findings())) == {"train": 0, "val": 0, "test": 60}


def test_the_fingerprint_depends_on_the_labels():
    def fingerprint(labels):
        return SupervisedDataset({"train": Examples(np.zeros((4, 2)), labels)}, 0, Findings()).fingerprint

    assert fingerprint(list("aabb")) == fingerprint(list("aabb")) != fingerprint(list("abab"))


def test_findings_are_counted_and_named():
    findings = Findings()
    for i in range(5):
        findings.add("images were dropped", f"{i}.jpg")
    assert findings.lines() == ["5 images were dropped: 0.jpg; 1.jpg; 2.jpg and 2 more"]
    with pytest.raises(InputError, match=r"0\.jpg"):
        Findings(strict=True).add("images were dropped", "0.jpg")


def test_one_finding_is_in_the_singular():
    findings, dropped = Findings(), Counted("image was dropped", "images were dropped")
    findings.add(dropped, "0.jpg")
    findings.remark(Counted("file is hidden", "files are hidden"), ".a")
    assert findings.lines() == ["1 image was dropped: 0.jpg", "1 file is hidden: .a"]
    other = Findings()
    other.add(dropped, "1.jpg")
    findings.extend(other)
    assert findings.lines()[0] == "2 images were dropped: 0.jpg; 1.jpg"
    assert findings.count() == 2


def test_batches_are_a_function_of_seed_and_epoch():
    x, y = {"a": np.arange(10)}, np.arange(10)
    first, same, other = (Batches.shuffled(x, y, 4, seed=3, epoch=epoch) for epoch in (0, 0, 1))
    np.testing.assert_array_equal(first.x["a"], same.x["a"])
    assert not np.array_equal(first.x["a"], other.x["a"])
    np.testing.assert_array_equal(first.x["a"], first.y)
    assert len(first) == 2
    np.testing.assert_array_equal(first.skip(1).x["a"], first.x["a"][4:])


def test_a_named_file_that_is_not_the_published_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/a.gz").write_bytes(b"other")
    with pytest.raises(InputError, match="not the file that was published"):
        NamedDataset("toy", "none", (RemoteFile("a.gz", "http://127.0.0.1:9/a.gz", "0" * 64),)).fetch()


@pytest.mark.parametrize(
    ("options", "files"),
    [({"files": (RemoteFile("a.csv", "", "0" * 64),)}, r"a\.csv"), ({"unpacked": "s*/*.pgm"}, r"its files \(s.*pgm\)")],
)
def test_data_without_an_address_are_put_into_their_folder(tmp_path, monkeypatch, options, files):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    monkeypatch.setattr("pooch.retrieve", lambda *arguments, **options: pytest.fail("it was downloaded"))
    dataset = NamedDataset("toy", "none", page="https://toy.example", **options)
    message = f"toy cannot be downloaded: put {files} into {tmp_path}/toy, .*; its page is https://toy.example$"
    with pytest.raises(InputError, match=message):
        dataset.fetch()
    (tmp_path / "toy/s1").mkdir(parents=True)
    (tmp_path / "toy/s1/1.pgm").touch()
    (tmp_path / "toy/a.csv").touch()
    if "files" in options:
        with pytest.raises(
            InputError, match=r"a\.csv is not the file that was published: expected one with SHA-256 0{64}"
        ):
            dataset.fetch()
    else:
        assert dataset.fetch() == tmp_path / "toy"


def test_a_data_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError("Pooch could not write to the folder")  # without a number, as Pooch raises it

    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    monkeypatch.setattr("pooch.retrieve", refuse)
    with pytest.raises(InputError, match=r"cannot write to .*toy: Permission denied; allow it"):
        NamedDataset("toy", "none", (RemoteFile("a.gz", "http://127.0.0.1:9/a.gz", "0" * 64),)).fetch()


def test_a_named_file_is_fetched_once_and_checked(web):
    (web.folder / "a.bin").write_bytes(b"content")
    good = NamedDataset("toy", "none", (RemoteFile("a.bin", web.url("a.bin"), hashlib.sha256(b"content").hexdigest()),))
    assert (good.fetch() / "a.bin").read_bytes() == b"content"
    bad = NamedDataset("bad", "none", (RemoteFile("a.bin", web.url("a.bin"), "0" * 64),))
    with pytest.raises(InputError, match=r"cannot fetch a\.bin.*put it into .*bad"):
        bad.fetch()
    assert not (web.data / "bad/a.bin").exists()
    web.stop()
    assert (good.fetch() / "a.bin").exists()  # the server has stopped, and is not contacted


def test_equal_file_names_at_two_addresses(web):
    for folder in ("one", "two"):
        (web.folder / folder).mkdir()
        (web.folder / folder / "rows.csv").write_text(folder)
    addresses = [web.url("one/rows.csv"), web.url("two/rows.csv"), web.url("one/rows.csv?part=2")]
    paths = [locate(address, {}) for address in addresses]
    assert [path.read_text() for path in paths] == ["one", "two", "one"]
    assert len(set(paths)) == 3
    assert {path.name for path in paths} == {"rows.csv"}


def test_a_file_at_an_address_is_fetched_again_when_it_has_changed(web):
    file = web.folder / "rows.csv"
    file.write_text("first")
    os.utime(file, (1e9, 1e9))
    assert [locate(web.url("rows.csv"), {}).read_text() for _ in range(2)] == ["first", "first"]
    assert [code for _, code in web.requests] == [200, 304]
    file.write_text("second")
    assert locate(web.url("rows.csv"), {}).read_text() == "second"
    locate(web.url("rows.csv"), {}).write_text("changed by someone")
    assert locate(web.url("rows.csv"), {}).read_text() == "second"
    file.unlink()
    with pytest.raises(InputError, match="404"):
        locate(web.url("rows.csv"), {})


def test_an_archive_at_an_address_that_has_changed(web):
    paths = []
    for content in (b"first", b"second"):
        write_archive(web.folder / "a.tar.gz", {"set/a": content, "set/b": content})
        paths.append(locate(web.url("a.tar.gz"), {}))
    assert [(path / "a").read_bytes() for path in paths] == [b"first", b"second"]  # a training may still read the first


def test_a_server_that_cannot_be_reached(web, capsys):
    (web.folder / "rows.csv").write_text("x")
    path = locate(web.url("rows.csv"), {})
    web.stop()
    assert locate(web.url("rows.csv"), {}) == path
    assert "127.0.0.1 cannot be reached" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"other\.csv: cannot be fetched"):
        locate(web.url("other.csv"), {})


def test_an_interrupted_transfer(web):
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with server.accept()[0] as connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(InputError, match="cannot be fetched"):
            locate(f"http://127.0.0.1:{server.getsockname()[1]}/rows.csv", {})
    assert not [file for file in web.data.rglob("*") if file.is_file()]


@pytest.mark.parametrize("path", ["missing.csv", "bad.tar.gz"])
@pytest.mark.parametrize("user", ["me:s3cret@", "me:s3c@cret@", "s3cret-token@"])
def test_passwords_in_addresses_are_not_in_messages(web, path, user):
    (web.folder / "bad.tar.gz").write_bytes(b"no archive")
    with pytest.raises(InputError) as error:
        locate(web.url(path, user), {})
    assert "cret" not in str(error.value)
    assert web.url(path) in str(error.value)
    assert not [file for file in web.data.rglob("*") if "cret" in file.name]


@pytest.mark.parametrize("path", ["", "..", "a/..", "."])
def test_an_address_without_a_file_name(web, path):
    (web.folder / "a").mkdir()
    file = locate(web.url(path), {})
    assert file.is_file()
    assert file.parents[1] == web.data / "downloads"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("see https://a:b@host/x@y?z=c@d", "see https://host/x@y?z=c@d"),
        ("mysql://a:b@host, https://c@host", "mysql://host, https://host"),
        ("postgresql://me@host/shop", "postgresql://me@host/shop"),
        ("http://host:80/ or me@host: which?", "http://host:80/ or me@host: which?"),
    ],
)
def test_errors_hide_users_and_passwords_of_addresses(line, expected):
    assert str(InputError(line)) == expected


@pytest.mark.parametrize("address", ["http://[", "https://", "http://127.0.0.1:99999/a", "HTTP://127.0.0.1:1/a.zip"])
def test_an_invalid_address(address, web):
    with pytest.raises(InputError, match="cannot be fetched"):
        locate(address, {})


def write_archive(file, files):
    with tarfile.open(file, "w:gz") as content:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            content.addfile(info, io.BytesIO(data))
    return file


def named_dataset(web, files, **options):
    """Return a named data set whose archive has these files."""
    archive = write_archive(web.folder / "v1.tar.gz", files)
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    return NamedDataset("toy", "none", (RemoteFile("v1.tar.gz", web.url("v1.tar.gz"), checksum),), **options)


def content_of(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


SET = {"./LICENSE": b"free", "./bed/a_nohash_0.wav": b"1", "./cat/a_nohash_0.wav": b"2"}
INSIDE = ["LICENSE", "bed/a_nohash_0.wav", "cat/a_nohash_0.wav", "v1.tar.gz"]


@pytest.mark.parametrize("files", [SET, {"a.csv": b"1"}, {"top/a.csv": b"1"}])
def test_an_archive_of_a_named_set_is_unpacked_into_its_folder(web, files):
    toy = named_dataset(web, files)
    inside = sorted([*(name.removeprefix("./") for name in files), "v1.tar.gz"])
    assert content_of(toy.fetch()) == inside
    written = {file: file.stat().st_ino for file in web.data.rglob("*")}
    assert content_of(toy.fetch()) == inside
    assert {file: file.stat().st_ino for file in web.data.rglob("*")} == written  # the archive is not unpacked again
    assert len(web.requests) == 1
    assert [child.name for child in web.data.iterdir()] == ["toy"]


def test_an_archive_put_into_the_folder_by_hand(web):
    toy = named_dataset(web, SET)
    (web.data / "toy").mkdir(parents=True)
    (web.folder / "v1.tar.gz").rename(web.data / "toy/v1.tar.gz")
    assert content_of(toy.fetch()) == INSIDE
    assert not web.requests


@pytest.mark.parametrize("at", ["unpack_archive", "_move"])
def test_interrupted_unpacking_of_a_named_set(web, monkeypatch, at):
    from plexus.data import named as module

    toy, function = named_dataset(web, SET), getattr(module, at)
    calls = []

    def interrupt(*arguments, **options):
        calls.append(at)
        if len(calls) == (1 if at == "unpack_archive" else 2):
            raise KeyboardInterrupt
        return function(*arguments, **options)

    monkeypatch.setattr(module, at, interrupt)
    with pytest.raises(KeyboardInterrupt):
        toy.fetch()
    assert not (web.data / "toy/v1.tar.gz").exists()
    assert content_of(toy.fetch()) == INSIDE
    assert len(web.requests) == 1
    assert [child.name for child in web.data.iterdir()] == ["toy"]


def test_a_named_set_with_a_hostile_archive(web):
    toy = named_dataset(web, SET | {"../../outside": b"x"})
    with pytest.raises(InputError, match=r"v1\.tar\.gz cannot be unpacked: member '\.\./\.\./outside' has a name"):
        toy.fetch()
    assert not list((web.data / "toy").iterdir())
    assert not list(web.data.parent.rglob("outside"))


def encode_noise(seed):
    import soundfile

    stream = io.BytesIO()
    noise = np.random.default_rng(seed).normal(0, 0.1, 4000)
    soundfile.write(stream, noise, 8000, format="WAV")
    return stream.getvalue()


def fsdd_files():
    return {
        f"free-spoken-digit-dataset-1.0.9/recordings/{digit}_{speaker}_{take}.wav": encode_noise(take)
        for digit in (0, 1)
        for speaker in ("ann", "bob")
        for take in range(8)
    }


def speech_commands_files():
    return {f"./{word}/{i:08x}_nohash_0.wav": encode_noise(i) for word in ("bed", "cat") for i in range(12)}


def cifar10_files():
    noise = np.random.default_rng(0).integers(0, 256, (40, 3073), dtype=np.uint8)
    noise[:, 0] = np.arange(40) % 2
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    return {f"cifar-10-batches-bin/{name}.bin": noise.tobytes() for name in names}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "id", "files"),
    [
        ("speech.commands", "fsdd", fsdd_files),
        ("speech.commands", "speech_commands", speech_commands_files),
        ("vision.classify", "cifar10", cifar10_files),
    ],
)
def test_the_archives_of_named_sets_are_read_where_they_are_unpacked(web, monkeypatch, task, id, files):
    import dataclasses

    from plexus.cli import main
    from plexus.plugins.registry import registry

    published = registry().dataset(id)
    archive = write_archive(web.folder / published.files[0].name, files())
    file = RemoteFile(archive.name, web.url(archive.name), hashlib.sha256(archive.read_bytes()).hexdigest())
    local = dataclasses.replace(published, files=(file,))
    monkeypatch.setattr(type(registry()), "dataset", lambda self, name: local)
    for _ in range(2):
        assert main(["data", "check", task, "--data", id]) == 0
    assert len(web.requests) == 1


def test_one_hot_labels_are_read_as_classes(tmp_path, capsys):
    classes = np.array([2, 0, 1, 2])
    for name, labels in {"f": np.eye(3)[classes], "b": np.eye(3, dtype=bool)[classes], "c": classes[:, None]}.items():
        np.savez(tmp_path / f"{name}.npz", x=np.zeros((4, 2, 2)), y=labels)
        assert read_arrays(tmp_path / f"{name}.npz")["train"][1].tolist() == [2, 0, 1, 2]
        assert ("one-hot: the place of the 1 is read as the label, 0 to 2" in capsys.readouterr().err) == (name != "c")


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        (np.array([[0.2, 0.8], [1, 0], [0, 1]]), r"y has the shape \(3, 2\): expected one label per input, or one-hot"),
        (np.array([1, np.nan, 0]), r"y: 1 of 3 labels are missing \(NaN, NaT or empty\), the first of input 2"),
        (np.array(["2026-01-01", "NaT", "NaT"], "M8[D]"), "y: 2 of 3 labels are missing .*, the first of input 2"),
        (np.array([1, 2, "NaT"], "m8[s]"), "y: 1 of 3 labels are missing .*, the first of input 3"),
        (np.array(["", "a", " "]), "y: 2 of 3 labels are missing .*, the first of input 1"),
        (np.array([b"a", b"b", b""]), "y: 1 of 3 labels are missing .*, the first of input 3"),
    ],
)
def test_labels_that_are_none(tmp_path, labels, line):
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 2, 2)), y=labels)
    with pytest.raises(InputError, match=line):
        read_arrays(tmp_path / "a.npz")


def test_texts_of_hdf5_as_labels(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = np.zeros((2, 4)), ["cat", "dog"]
    assert read_arrays(tmp_path / "a.h5")["train"][1].tolist() == [b"cat", b"dog"]
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["x"], file["y"] = np.zeros((2, 4)), ["cat", ""]
    with pytest.raises(InputError, match=r"y: 1 of 2 labels are missing .*, the first of input 2"):
        read_arrays(tmp_path / "b.h5")


@pytest.mark.parametrize("kind", [float, int, str, lambda number: f"{number / 7:.3f}"])
def test_numbers_are_stratified_by_quantiles(kind):
    values = np.random.default_rng(0).permutation(500)
    first, second = split_rows([kind(value) for value in values.tolist()], 0.2, seed=0)
    assert len(first) + len(second) == 500
    assert 90 <= len(second) <= 110
    assert np.histogram(values[second], 5, (0, 500))[0].min() >= 15


def test_data_without_a_training_split_can_be_evaluated_alone():
    dataset = SupervisedDataset({"test": Examples(["a", "b"], ["x", "y"])}, 0, Findings())
    assert dataset.count("unseen") == 2
    assert dataset.count("train") == 0
    with pytest.raises(InputError, match="the data has no train split, only test"):
        dataset["train"]


@pytest.mark.parametrize("data", ["~nobody-has-this-name/a.csv", "x" * 300, "a\0b"])
def test_a_text_that_cannot_be_a_path_is_one_line(data):
    with pytest.raises(InputError, match=r"cannot be the path of a file or folder|there is no"):
        locate(data, {})
