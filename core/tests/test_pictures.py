"""Images, folders, archives and videos as pictures."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plexus import InputError
from plexus.data.pictures import Picture, describe_sources, find_sources, read_pictures

cv2 = pytest.importorskip("cv2")


def write_video(file, images):
    """Write images as a video of ten frames a second."""
    height, width = images[0].shape[:2]
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"mp4v"), 10, (width, height))
    for image in images:
        writer.write(image)
    writer.release()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with an image, a video, and a file that is neither."""
    monkeypatch.chdir(tmp_path)
    Path("mixed").mkdir()
    Image.new("RGB", (8, 8)).save("mixed/a.png")
    write_video("mixed/b.mp4", [np.zeros((48, 64, 3), np.uint8)] * 20)
    Path("mixed/notes.txt").write_text("notes")
    return Path("mixed")


def test_images_and_videos_of_a_folder_are_found(folder, capsys):
    assert [name for name, _ in find_sources("mixed")] == ["mixed/a.png", "mixed/b.mp4"]
    assert capsys.readouterr().err == "1 file is no picture and was left out: mixed/notes.txt\n"


def test_an_archive_is_unpacked_while_it_is_read(folder, capsys):
    with zipfile.ZipFile("photos.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file)
    sources = find_sources("photos.zip")
    name, source = next(sources)
    assert name == "photos.zip/a.png"
    assert source.is_file()
    assert [name for name, _ in sources] == ["photos.zip/b.mp4"]
    assert not source.exists()
    assert capsys.readouterr().err == "1 file is no picture and was left out: photos.zip/notes.txt\n"


def test_an_archive_without_pictures_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("notes.txt", "notes")
    with pytest.raises(InputError, match=r"photos\.zip has no pictures \(\.3gp, .*: name a folder that has some"):
        list(find_sources(str(tmp_path / "photos.zip")))


def test_a_video_is_read_as_frames_and_an_image_as_one_picture(folder):
    [image] = read_pictures("mixed/a.png", folder / "a.png", 1)
    assert (str(image), image.document) == ("mixed/a.png", {"input": "mixed/a.png"})
    assert image.read_bytes() == (folder / "a.png").read_bytes()
    frames = list(read_pictures("mixed/b.mp4", folder / "b.mp4", 2))
    assert list(map(str, frames)) == [f"mixed/b.mp4 at {time} s" for time in (0.0, 0.5, 1.0, 1.5)]
    assert frames[1].document == {"input": "mixed/b.mp4", "time": 0.5}
    assert len(frames[0].read_bytes()) == 48 * 64 * 3
    assert len(list(read_pictures("mixed/b.mp4", folder / "b.mp4", 2, seconds=1))) == 2


def test_a_camera_is_read_for_ten_seconds_by_default(monkeypatch):
    calls = []
    monkeypatch.setattr("plexus.data.pictures.read_frames", lambda *arguments: calls.append(arguments) or ())
    [(name, source)] = find_sources("camera:0")
    list(read_pictures(name, source, 2))
    list(read_pictures(name, source, 2, 3))
    list(read_pictures("a.mp4", Path("a.mp4"), 2))
    assert calls == [(Path("camera:0"), 2, 10), (Path("camera:0"), 2, 3), (Path("a.mp4"), 2, float("inf"))]


def test_a_picture_has_a_name_for_people():
    assert str(Picture("clip.mp4", np.zeros((1, 1, 3), np.uint8), 3.04)) == "clip.mp4 at 3.0 s"


def test_of_sources_that_cannot_be_read_the_error_is_returned(folder, capsys):
    def describe(name, source):
        yield {"input": name}
        if source.suffix == ".mp4":
            raise InputError(f"{source} is cut off")

    with zipfile.ZipFile("clips.zip", "w") as archive:
        archive.write("mixed/b.mp4", "b.mp4")
    assert describe_sources(["mixed/a.png", "missing.zip/", "mixed/a.png", "clips.zip"], describe) == [
        {"input": "mixed/a.png"},
        {"input": "missing.zip"},
        {"input": "clips.zip/b.mp4"},
        {"input": "clips.zip/b.mp4", "error": "clips.zip/b.mp4 is cut off"},
    ]
    assert capsys.readouterr().err == "plexus: clips.zip/b.mp4 is cut off\n"


def test_sources_of_which_none_can_be_read_are_an_error(folder):
    def describe(name, source):
        raise InputError(f"{source} is damaged")

    with pytest.raises(InputError, match=r"^mixed/b\.mp4 is damaged \(and 1 more\)$"):
        describe_sources(["mixed"], describe)
