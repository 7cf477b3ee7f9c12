"""Unpacking of untrusted archives: regular files and folders only, inside the target folder, all or nothing."""

import bz2
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib

import numpy as np
import pytest

from plexus.cli import main
from plexus.data import archives
from plexus.data.archives import opened_folder, unpack_archive
from plexus.data.downloads import download
from plexus.data.findings import Findings
from plexus.errors import InputError
from plexus.plugins.registry import registry


def png():
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.full((8, 8), 100, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def entry(name, content=b"x", **attributes):
    """Return a member of a tar archive and its content."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


def link(name, to, kind=tarfile.SYMTYPE):
    return entry(name, b"", type=kind, linkname=str(to))


def tar(file, *members, mode="w:gz", format=tarfile.PAX_FORMAT):
    with tarfile.open(file, mode, format=format) as content:
        for info, data in members:
            content.addfile(info, io.BytesIO(data))
    return file


def zipped(file, *members):
    """Write a zip archive with members of these names or `ZipInfo`s."""
    with zipfile.ZipFile(file, "w") as content:
        for name in members:
            content.writestr(name, "x")
    return file


def zip_entry(name, kind):
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def refusal(archive, to, **limits):
    """Return the error message; assert that it is one line and that no unpacked file remains."""
    before = sorted(to.parent.iterdir())
    with pytest.raises(InputError) as error:
        unpack_archive(archive, to, **limits)
    line = str(error.value)
    assert "\n" not in line
    assert archive.name in line
    assert sorted(to.parent.iterdir()) == before
    return line


HOSTILE = {
    "parent": (lambda out: [entry("../outside.txt")], "'../outside.txt' has a name with .."),
    "parent within": (lambda out: [entry("a/../../outside.txt")], "'a/../../outside.txt' has a name with .."),
    "absolute": (lambda out: [entry(f"{out}/outside.txt")], "has an absolute name"),
    "symlink": (lambda out: [link("door", out), entry("door/outside.txt")], "'door' is a link"),
    "root": (lambda out: [link("door", "/"), entry(f"door{out}/outside.txt")], "'door' is a link"),
    "relative symlink": (lambda out: [link("door", ".."), entry("door/outside.txt")], "'door' is a link"),
    "hard link": (lambda out: [link("hard", out / "victim", tarfile.LNKTYPE), entry("hard")], "'hard' is a link"),
    "chr": (lambda out: [entry("dev", b"", type=tarfile.CHRTYPE)], "'dev' is a device or a pipe"),
    "blk": (lambda out: [entry("dev", b"", type=tarfile.BLKTYPE)], "'dev' is a device or a pipe"),
    "fifo": (lambda out: [entry("dev", b"", type=tarfile.FIFOTYPE)], "'dev' is a device or a pipe"),
    "unknown": (lambda out: [entry("odd", b"", type=b"V")], "'odd' is neither a regular file nor a folder"),
    "NUL": (lambda out: [entry("a\0b", pax_headers={"path": "a\0b"})], r"'a\x00b' has a name with a NUL character"),
    "long": (lambda out: [entry("n" * 5000)], "cannot be written (File name too long)"),
    "deep": (lambda out: [entry("d/" * 1500 + "x")], "lies in more than 64 folders"),
    "duplicate": (lambda out: [entry("twice.txt", b"1"), entry("twice.txt", b"2")], "'twice.txt' occurs twice"),
    "file as folder": (lambda out: [entry("a"), entry("a/b")], "member 'a/b' occurs twice"),
    "no name": (lambda out: [entry("./")], "is a file without a name"),
}
"""By name: a function that returns the members of an archive for a folder outside, and the error message."""


@pytest.fixture
def outside(tmp_path_factory):
    """A folder outside of the target, with a file that no archive may change."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "victim").write_text("victim")
    before = (folder / "victim").stat()
    yield folder
    after = (folder / "victim").stat()
    assert list(folder.iterdir()) == [folder / "victim"]
    assert (folder / "victim").read_text() == "victim"
    assert (after.st_nlink, after.st_mode, after.st_mtime) == (1, before.st_mode, before.st_mtime)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_tar_is_refused_with_the_name_of_the_member(tmp_path, outside, kind):
    members, line = HOSTILE[kind]
    (tmp_path / "in").mkdir()
    archive = tar(tmp_path / "in/bad.tar.gz", entry("good.txt"), *members(outside))
    assert line in refusal(archive, tmp_path / "in/to")
    assert [file.name for file in tmp_path.rglob("*")] == ["in", "bad.tar.gz"]


@pytest.mark.parametrize(
    ("member", "line"),
    [
        ("../outside.txt", "'../outside.txt' has a name with .."),
        ("..\\outside.txt", "'../outside.txt' has a name with .."),
        ("/no-such-folder/outside.txt", "'/no-such-folder/outside.txt' has an absolute name"),
        (zip_entry("door", stat.S_IFLNK), "'door' is a link"),
        (zip_entry("dev", stat.S_IFCHR), "'dev' is a device"),
        ("n" * 5000, "File name too long"),
    ],
)
def test_a_hostile_zip_is_refused_with_the_name_of_the_member(tmp_path, member, line):
    (tmp_path / "in").mkdir()
    assert line in refusal(zipped(tmp_path / "in/bad.zip", "good.txt", member), tmp_path / "in/to")
    assert [file.name for file in tmp_path.rglob("*")] == ["in", "bad.zip"]


def test_a_zip_name_with_nul(tmp_path):
    file = zipped(tmp_path / "bad.zip", "abXcd.txt")
    file.write_bytes(file.read_bytes().replace(b"abXcd", b"ab\0cd"))
    assert r"'ab\x00cd.txt' has a name with a NUL" in refusal(file, tmp_path / "to")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_name_that_occurs_twice(tmp_path):
    assert "'a' occurs twice" in refusal(zipped(tmp_path / "bad.zip", "a", "a"), tmp_path / "to")


def test_mode_bits_are_not_applied(tmp_path):
    archive = tar(
        tmp_path / "a.tar.gz",
        entry("a/run", mode=0o7777),
        entry("a/closed", mode=0),
        entry("b", b"", type=tarfile.DIRTYPE, mode=0),
    )
    to = unpack_archive(archive, tmp_path / "to")
    (tmp_path / "ordinary").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for name in ("a/run", "a/closed"):
        assert (to / name).stat().st_mode == (tmp_path / "ordinary").stat().st_mode
    for folder in (to, to / "a", to / "b"):
        assert folder.stat().st_mode == (tmp_path / "folder").stat().st_mode


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.TGZ", "w:gz"), ("a.tar.xz", "w:xz"), ("a.tar.bz2", "w:bz2")],
)
@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_valid_tars(tmp_path, name, mode, format):
    long = "n" * 90 + "/" + "ü" * 40
    members = [entry("./top", b"", type=tarfile.DIRTYPE), entry("./top/a.bin", bytes(1024)), entry(f"top/{long}")]
    to = unpack_archive(tar(tmp_path / name, *members, mode=mode, format=format), tmp_path / "to")
    assert to == tmp_path / "to/top"
    assert (to / "a.bin").read_bytes() == bytes(1024)
    assert (to / long).read_bytes() == b"x"


def test_a_valid_zip(tmp_path):
    names = ("mine/", "mine/a/1.png", "mine\\b\\2.png", "__MACOSX/._x")
    to = unpack_archive(zipped(tmp_path / "a.zip", *names), tmp_path / "to")
    assert to == tmp_path / "to/mine"
    assert sorted(file.name for file in to.rglob("*.png")) == ["1.png", "2.png"]
    assert not (tmp_path / "to/__MACOSX").exists()


def test_names_that_differ_by_case_only(tmp_path):
    archive = tar(tmp_path / "a.tar.gz", entry("Class/1", b"large"), entry("class/1", b"small"))
    (tmp_path / "CASE").touch()
    if (tmp_path / "case").exists():
        assert "differs by case only" in refusal(archive, tmp_path / "to")
        return
    to = unpack_archive(archive, tmp_path / "to")
    assert [(to / name).read_bytes() for name in ("Class/1", "class/1")] == [b"large", b"small"]


def test_a_sparse_file(tmp_path):
    """A regular file as `tar --sparse` writes it; the holes count towards the size limit."""
    import shutil
    import subprocess

    if (
        "GNU tar"
        not in subprocess.run([shutil.which("tar") or "true", "--version"], capture_output=True, text=True).stdout
    ):
        pytest.skip("no GNU tar")
    with (tmp_path / "holes").open("wb") as file:
        file.seek(1 << 20)
        file.write(b"end")
    subprocess.run(["tar", "-C", tmp_path, "--sparse", "-czf", tmp_path / "a.tar.gz", "holes"], check=True)
    to = unpack_archive(tmp_path / "a.tar.gz", tmp_path / "to")
    assert (to / "holes").read_bytes() == bytes(1 << 20) + b"end"
    assert "'holes' exceeds the limit" in refusal(tmp_path / "a.tar.gz", tmp_path / "less", most_bytes=1 << 20)


def test_too_many_files(tmp_path):
    archive = tar(tmp_path / "many.tar.gz", *(entry(f"{i}/x") for i in range(5)))
    assert "'4/x' exceeds the limit of 9 files and folders" in refusal(archive, tmp_path / "to", most_files=9)
    archive = zipped(tmp_path / "many.zip", "a", "b")
    assert "'b' exceeds the limit of 1 files" in refusal(archive, tmp_path / "to", most_files=1)


def test_a_huge_size_in_a_header(tmp_path):
    info, _ = entry("huge.bin")
    info.size = 1 << 62
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT) as content:
        content.addfile(info)
    assert "'huge.bin' exceeds the limit of 4 GB" in refusal(tmp_path / "a.tar", tmp_path / "to")


def test_a_header_that_exceeds_the_content(tmp_path):
    info, _ = entry("less.bin")
    info.size = 1 << 30
    with tarfile.open(tmp_path / "a.tar", "w") as content:
        content.addfile(info)
    assert "damaged at or after member 'less.bin'" in refusal(tmp_path / "a.tar", tmp_path / "to")


def gzip_of_zeros(file, start, count):
    packer, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(1 << 20)
    with file.open("wb") as stream:
        stream.write(packer.compress(start))
        for _ in range(count >> 20):
            stream.write(packer.compress(block))
        stream.write(packer.flush())
    return file


@pytest.fixture
def early_ratio_check(monkeypatch):
    """Check the compression ratio early, so that a bomb of a few megabytes is refused."""
    monkeypatch.setattr(archives, "RATIO_FROM", 4 << 20)


def test_a_tar_bomb_is_bounded(tmp_path, early_ratio_check):
    info, _ = entry("zeros.bin")
    info.size = 1 << 30
    archive = gzip_of_zeros(tmp_path / "bomb.tar.gz", info.tobuf(), 64 << 20)
    start = time.monotonic()
    line = refusal(archive, tmp_path / "to")
    assert "'zeros.bin' unpacks to more than 200 times the archive's size" in line
    assert time.monotonic() - start < 10


def test_a_tar_bomb_after_the_last_member_is_bounded(tmp_path, early_ratio_check):
    info, _ = entry("a", b"")
    archive = gzip_of_zeros(tmp_path / "bomb.tar.gz", info.tobuf() + bytes(1024), 64 << 20)
    assert "unpacks to more than 200 times" in refusal(archive, tmp_path / "to")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_bomb_in_a_header_is_never_read(tmp_path, kind):
    """`tarfile` reads such a header into memory, whatever its size."""
    info, _ = entry("header", b"", type=kind)
    info.size = 1 << 33
    archive = gzip_of_zeros(tmp_path / "bomb.tar.gz", info.tobuf(tarfile.GNU_FORMAT), 8 << 20)
    assert "headers of more than 32,768 bytes" in refusal(archive, tmp_path / "to")


def test_a_chain_of_headers(tmp_path):
    info, _ = entry("header", b"", type=tarfile.XHDTYPE)
    (tmp_path / "a.tar").write_bytes(info.tobuf() * 5000)
    assert "cannot be unpacked" in refusal(tmp_path / "a.tar", tmp_path / "to")


def test_a_negative_size(tmp_path):
    """CVE-2025-8194: `tarfile` seeks backwards and reads the same member in an endless loop."""
    info, _ = entry("back", b"")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xf0\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar").write_bytes(bytes(header) + bytes(1024))
    assert "'back' has a negative size" in refusal(tmp_path / "a.tar", tmp_path / "to")


def test_a_zip_bomb_is_bounded(tmp_path, early_ratio_check):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("zeros.bin", bytes(64 << 20))
    assert "'zeros.bin' unpacks to more than 200 times" in refusal(tmp_path / "bomb.zip", tmp_path / "to")


def test_a_zip_with_wrong_sizes(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("wrong.bin", bytes(3 << 20))
    size = (3 << 20).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes((tmp_path / "a.zip").read_bytes().replace(size, (1000).to_bytes(4, "little")))
    assert "'wrong.bin'" in refusal(tmp_path / "a.zip", tmp_path / "to")


def test_a_zip_with_an_unsupported_compression_method(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_BZIP2) as content:
        content.writestr("a", "x")
    assert "another method than deflate" in refusal(tmp_path / "a.zip", tmp_path / "to")


def test_the_time_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_SECONDS", -1)
    assert "seconds, the limit" in refusal(tar(tmp_path / "a.tar.gz", entry("a")), tmp_path / "to")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2", "zip"])
def test_a_truncated_archive(tmp_path, mode, share):
    noise = np.random.default_rng(0).bytes(50_000)
    whole = tmp_path / ("a.zip" if mode == "zip" else "a.tar")
    if mode == "zip":
        zipped(whole, *(f"{i}.bin" for i in range(50)))
    else:
        tar(whole, *(entry(f"{i}.bin", noise) for i in range(4)), mode=mode)
    content = whole.read_bytes()
    if mode == "w":
        content = content.rstrip(b"\0")  # truncated within the zeros at the end, it is complete
    whole.write_bytes(content[: int(len(content) * share)])
    assert "cannot be unpacked" in refusal(whole, tmp_path / "to")


def test_a_tar_that_ends_between_two_members(tmp_path):
    file = tar(tmp_path / "a.tar", entry("1", bytes(512)), entry("2", bytes(512)), mode="w")
    file.write_bytes(file.read_bytes()[:1024])
    assert "damaged at or after member '1'" in refusal(file, tmp_path / "to")


def test_a_damaged_header_between_members(tmp_path):
    """`tarfile` treats such a header as the end of the archive."""
    file = tar(tmp_path / "a.tar", entry("1", bytes(512)), entry("2", bytes(512)), mode="w")
    content = bytearray(file.read_bytes())
    content[1024:1030] = b"\xff" * 6
    file.write_bytes(content)
    assert "damaged at or after member '1'" in refusal(file, tmp_path / "to")


@pytest.mark.parametrize("name", ["page.zip", "page.tar.gz", "page.tar"])
@pytest.mark.parametrize("content", [b"", b"<!doctype html>" * 100, b"PK no archive", b"\x1f\x8b no gzip", b"BZh9 no"])
def test_a_file_that_is_not_an_archive(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert "cannot be unpacked" in refusal(tmp_path / name, tmp_path / "to")


def test_an_empty_archive(tmp_path):
    assert "has no files" in refusal(tar(tmp_path / "a.tar"), tmp_path / "to")
    assert "has no files" in refusal(zipped(tmp_path / "a.zip", "only/"), tmp_path / "to")


def test_a_folder_that_exists_is_never_written_to(tmp_path):
    (tmp_path / "to").mkdir()
    with pytest.raises(InputError, match="exists already"):
        unpack_archive(zipped(tmp_path / "a.zip", "a"), tmp_path / "to")


def test_partial_files_of_a_killed_process_are_removed(tmp_path):
    archive = tar(tmp_path / "a.tar.gz", entry("a"))
    old, new = tmp_path / ".to.partial-old", tmp_path / ".to.partial-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    unpack_archive(archive, tmp_path / "to")
    assert not old.exists()
    assert new.exists()  # another process may be writing it


def image_members(*others):
    return [*(entry(f"set/{label}/{i}.png", png()) for label in "ab" for i in range(5)), *others]


def test_a_valid_archive_at_an_address_is_read(web, capsys):
    tar(web.folder / "a.tar.gz", *image_members())
    for _ in range(2):
        assert main(["data", "check", "vision.classify", "--data", web.url("a.tar.gz")]) == 0
        assert "labels: a 5, b 5" in capsys.readouterr().out
    with zipfile.ZipFile(web.folder / "a.zip", "w") as content:
        for info, data in image_members():
            content.writestr(info.name, data)
    task = registry().task("vision.classify")
    splits = task.load_dataset(task.options.parse({"data": web.url("a.zip")}))
    assert sum(splits.count(name) for name in splits.splits) == 10


def test_two_addresses_with_one_file_name_are_two_files(web):
    for name in ("first", "second"):
        (web.folder / name).mkdir()
        (web.folder / name / "rows.csv").write_text(f"{name}\n")
    places = [download(web.url(f"{name}/rows.csv")) for name in ("first", "second", "first")]
    assert [place.read_text() for place in places] == ["first\n", "second\n", "first\n"]
    assert [place.name for place in places] == ["rows.csv"] * 3
    (web.folder / "first/rows.csv").write_text("changed\n")
    assert download(web.url("first/rows.csv")).read_text() == "changed\n"


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_at_an_address_ends_with_status_2(web, outside, capsys, kind):
    members, line = HOSTILE[kind]
    tar(web.folder / "bad.tar.gz", *image_members(*members(outside)))
    assert main(["data", "check", "vision.classify", "--data", web.url("bad.tar.gz")]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert line in lines[0]
    assert web.url("bad.tar.gz") in lines[0]
    written = [file for file in web.data.rglob("*") if file.is_file() or file.is_symlink()]
    assert sorted({file.suffix for file in written} - {".json"}) == [".gz"]
    assert not list(web.data.parent.rglob("outside.txt"))


def test_the_compression_is_detected_by_the_first_bytes(tmp_path):
    """A server may send a `.tar.gz` decompressed or with another compression."""
    plain = tar(tmp_path / "a.tar", entry("a"), mode="w").read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(bz2.compress(plain))
    (tmp_path / "c.tar.gz").write_bytes(plain)
    for name in ("b", "c"):
        assert (unpack_archive(tmp_path / f"{name}.tar.gz", tmp_path / name) / "a").read_bytes() == b"x"


@pytest.mark.parametrize(
    "task",
    [
        "sentiment.classify",
        "vision.classify",
        "speech.commands",
        "speech.transcribe",
        "clustering.deep",
        "fraud.detect",
    ],
)
@pytest.mark.parametrize(
    ("members", "reasons"),
    [
        (("rows.csv",), ("rows.csv", "unpack it, and pass the table")),
        (("docs/rows.csv", "docs/other.parquet", ".hidden"), (".csv", "unpack it, and pass the table")),
        (("a/notes.odt", "b/notes.odt"), ("a/notes.odt",)),
    ],
)
def test_an_archive_without_usable_files_is_named_with_its_files(tmp_path, monkeypatch, capfd, task, members, reasons):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    zipped(tmp_path / "data.zip", *members)
    assert main(["data", "check", task, "--data", "data.zip"]) == 2
    line = capfd.readouterr().err
    assert line.count("\n") == 1
    assert line.startswith(("plexus: data.zip", "plexus: --data data.zip"))
    assert all(reason in line for reason in reasons), line
    assert "cache" not in line
    assert "hidden" not in line


def test_an_opened_folder_is_that_of_a_folder_an_archive_or_none(tmp_path):
    zipped(tmp_path / "data.zip", "a/1.png", "b/2.png")
    (tmp_path / "photos/c").mkdir(parents=True)
    for path, names in ((tmp_path / "data.zip", ["a", "b"]), (tmp_path / "photos", ["c"])):
        with opened_folder(path) as folder:
            assert sorted(child.name for child in folder.iterdir()) == names
    with opened_folder(tmp_path / "x.csv") as folder:
        assert folder is None
    for path, reason in ((tmp_path / "data.zip", "data.zip/a is odd; the archive holds a/1.png, b/2.png"),
                         (tmp_path / "photos", "photos/a is odd")):  # fmt: skip
        with pytest.raises(InputError, match=f"{reason}$"), opened_folder(path) as folder:
            raise InputError(f"{folder / 'a'} is odd")


def test_files_of_an_archive_are_named_by_the_archive(tmp_path):
    zipped(tmp_path / "data.zip", "inner/a.png")
    with opened_folder(tmp_path / "data.zip") as folder:
        assert folder.name == "inner"
    findings = Findings()
    findings.add("files are odd", str(folder / "a.png"))
    assert findings.lines() == [f"1 files are odd: {tmp_path}/data.zip/inner/a.png"]


_OPEN = """
import os, signal, sys
from pathlib import Path
from plexus.data.archives import opened_folder
with opened_folder(Path(sys.argv[1])) as first, opened_folder(Path(sys.argv[1])) as second:
    assert first == second
print((first / "a.txt").is_file(), flush=True)
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "forked" and os.fork() == 0:
    sys.exit()  # the folder is its parent's
os.wait() if sys.argv[2] == "forked" else None
print((first / "a.txt").is_file(), flush=True)
"""


def test_an_archive_is_unpacked_into_a_temporary_folder_of_the_process(tmp_path):
    zipped(tmp_path / "data.zip", "a.txt", "b.txt")
    for name in ("data", "temporary"):
        (tmp_path / name).mkdir()
    (tmp_path / "data").chmod(0o500)
    environment = {**os.environ, "PLEXUS_DATA": str(tmp_path / "data"), "TMPDIR": str(tmp_path / "temporary")}
    remains = []
    for end in ("killed", "ordinary", "forked"):
        command = [sys.executable, "-c", _OPEN, str(tmp_path / "data.zip"), end]
        process = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert process.stdout.split() == (["True"] if end == "killed" else ["True", "True"]), process.stderr
        remains.append(len(list((tmp_path / "temporary").iterdir())))
    assert remains == [1, 0, 0]  # the second process removes the folder of the killed one
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.slow
def test_predicting_an_archive_writes_nothing_into_the_data_folder(tmp_path, monkeypatch, capfd):
    from PIL import Image

    (tmp_path / "data").mkdir(mode=0o500)
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("photos.zip", "w") as archive:
        for name, shade in (("one/a.png", 0), ("two/b.png", 255)):
            Image.new("L", (28, 28), shade).save("photo.png")
            archive.write("photo.png", name)
    assert main(["predict", "vision.classify/mnist", "photos.zip", "--explain", "--json"]) == 0
    results = json.loads(capfd.readouterr().out)
    assert [result["input"] for result in results] == ["photos.zip/one/a.png", "photos.zip/two/b.png"]
    assert [result["explanation"] for result in results] == ["a.explained.png", "b.explained.png"]
    assert not list((tmp_path / "data").iterdir())
