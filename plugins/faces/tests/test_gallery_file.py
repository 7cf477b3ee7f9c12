"""Gallery files: whole, private, checked and encrypted."""

import hashlib
import json
import stat

import numpy as np
import pytest

from plexus import InputError
from plexus.utils.locks import locked
from plexus_faces import gallery_cipher
from plexus_faces.enrolled_picture import EnrolledPicture
from plexus_faces.gallery import Gallery
from plexus_faces.gallery_file import change_gallery, read_gallery, write_gallery

MODEL = "b" * 64
PASSPHRASE = "correct horse"
RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(5, 16)).astype(np.float32)


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch):
    monkeypatch.setattr(gallery_cipher, "SCRYPT_LOG2_N", 14)


@pytest.fixture
def gallery():
    pictures = [EnrolledPicture.of(vector, bytes([place]), f"{place}.jpg") for place, vector in enumerate(VECTORS)]
    return Gallery(MODEL, {"Anna Karenina": pictures[:3], "Zoë/Müller": pictures[3:]})


@pytest.fixture
def file(tmp_path):
    return tmp_path / "team.faces"


def contents(gallery):
    return {
        name: [(item.label, item.sha256, item.time, item.embedding.tobytes()) for item in pictures]
        for name, pictures in gallery.persons.items()
    }


def sealed(content):
    return content + hashlib.sha256(content).digest()


def with_length(content):
    return len(content).to_bytes(4, "little") + content


def document(records, embeddings=b"", header=None):
    header = {"format": 1, "cipher": None} | (header or {})
    body = with_length(json.dumps(records).encode()) + embeddings
    return sealed(b"PLEXUS-GALLERY\n" + with_length(json.dumps(header).encode()) + body)


def records(**changes):
    picture = ["1.jpg", "0" * 64, 0]
    return {"model": MODEL, "dimension": 2, "persons": [{"name": "Anna", "pictures": [picture]}]} | changes


UNIT = np.array([0.6, 0.8], "<f4").tobytes()


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_gallery_is_read_as_it_was_written(gallery, file, passphrase):
    write_gallery(gallery, file, passphrase)
    result = read_gallery(file, passphrase, MODEL)
    assert result.model == MODEL
    assert contents(result) == contents(gallery)
    assert list(result.persons) == list(gallery.persons)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_an_empty_gallery_is_read_as_it_was_written(file, passphrase):
    write_gallery(Gallery(MODEL), file, passphrase)
    assert len(read_gallery(file, passphrase)) == 0


def test_only_the_owner_can_read_the_file(gallery, file):
    file.write_bytes(b"")
    file.chmod(0o644)
    write_gallery(gallery, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_link_stays_a_link(gallery, file, tmp_path):
    link = tmp_path / "link.faces"
    write_gallery(gallery, file)
    link.symlink_to(file)
    change_gallery(link, lambda gallery: gallery.forget("Anna Karenina"))
    assert link.is_symlink()
    assert list(read_gallery(file).persons) == ["Zoë/Müller"]


def secrets_of(gallery, name):
    pictures = gallery.persons[name]
    template = gallery.templates[list(gallery.persons).index(name)]
    labels = [picture.label.encode() for picture in pictures]
    return [name.encode(), template.tobytes(), *(picture.embedding.tobytes() for picture in pictures), *labels]


def every_byte(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_forgotten_person_is_in_no_file(gallery, file):
    write_gallery(gallery, file)
    hidden = [
        *secrets_of(gallery, "Anna Karenina"),
        *(item.sha256.encode() for item in gallery.persons["Anna Karenina"]),
    ]
    before = every_byte(file.parent)
    assert all(secret in before for secret in hidden if secret != hidden[1])  # templates themselves are not stored
    leftover = file.with_name(f".{file.name}.partial")
    leftover.write_bytes(before)  # of a process that was killed while it wrote the gallery
    change_gallery(file, lambda gallery: gallery.forget("Anna Karenina"))
    after = every_byte(file.parent)
    assert not [secret for secret in hidden if secret in after]
    assert all(secret in after for secret in secrets_of(gallery, "Zoë/Müller")[2:])
    assert list(file.parent.iterdir()) == [file]


def test_an_encrypted_file_shows_neither_names_nor_embeddings(gallery, file):
    write_gallery(gallery, file, PASSPHRASE)
    content = file.read_bytes()
    assert not [s for name in gallery.persons for s in secrets_of(gallery, name) if s in content]
    assert MODEL.encode() not in content


def test_each_writing_has_a_new_key_and_nonce(gallery, file):
    write_gallery(gallery, file, PASSPHRASE)
    first = file.read_bytes()
    write_gallery(gallery, file, PASSPHRASE)
    assert file.read_bytes()[-200:] != first[-200:]


@pytest.mark.parametrize(
    ("written", "passed", "message"),
    [
        (PASSPHRASE, "wrong", "the passphrase is wrong"),
        (PASSPHRASE, None, "is encrypted: pass its passphrase"),
        (PASSPHRASE, "", "is encrypted: pass its passphrase"),
        (None, PASSPHRASE, "is not encrypted, but a passphrase was passed"),
    ],
)
def test_another_passphrase_is_refused(gallery, file, written, passed, message):
    write_gallery(gallery, file, written)
    with pytest.raises(InputError, match=message) as error:
        read_gallery(file, passed)
    assert str(error.value).startswith(str(file))
    with pytest.raises(InputError, match=message):
        change_gallery(file, lambda gallery: gallery, passed)


def test_an_empty_passphrase_is_refused_when_writing(gallery, file):
    with pytest.raises(InputError, match="the passphrase is empty"):
        write_gallery(gallery, file, "")
    assert not file.exists()


def test_a_passphrase_is_one_up_to_unicode_normalization(gallery, file):
    write_gallery(gallery, file, "Zo\u00eb")
    assert len(read_gallery(file, "Zoe\u0308")) == 2


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_every_changed_byte_is_noticed(gallery, file, passphrase):
    write_gallery(gallery, file, passphrase)
    content = file.read_bytes()
    for place in [*range(24), *range(24, len(content), 13), len(content) - 1]:
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        with pytest.raises(InputError, match="is not a gallery" if place < 15 else "was changed or cut off") as error:
            read_gallery(file, passphrase)
        assert str(error.value).startswith(str(file))


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_every_truncated_file_is_noticed(gallery, file, passphrase):
    write_gallery(gallery, file, passphrase)
    content = file.read_bytes()
    for length in [*range(60), *range(60, len(content), 11), len(content) - 1]:
        file.write_bytes(content[:length])
        with pytest.raises(InputError, match="is not a gallery" if length < 15 else "was changed or cut off"):
            read_gallery(file, passphrase)


def test_appended_bytes_are_noticed(gallery, file):
    write_gallery(gallery, file)
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(InputError, match="was changed or cut off"):
        read_gallery(file)


def test_the_documented_format_is_read(file):
    file.write_bytes(document(records(), UNIT))
    (picture,) = read_gallery(file).persons["Anna"]
    assert picture.embedding.tolist() == pytest.approx([0.6, 0.8])
    assert picture.time.isoformat() == "1970-01-01T00:00:00+00:00"


CIPHER = {"method": "scrypt+aes-256-gcm", "log2_n": 14, "salt": "0" * 32, "nonce": "0" * 24}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"format": 2}, "has format 2, expected at most 1: update plexus-faces"),
        ({"format": 0}, "format: expected greater than or equal to 1"),
        ({"format": "1"}, "format: expected a valid integer"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"cipher": CIPHER | {"log2_n": 40}}, "log2_n: expected less than or equal to 18, found 40"),
        ({"cipher": CIPHER | {"log2_n": 1}}, "log2_n: expected greater than or equal to 14"),
        ({"cipher": CIPHER | {"salt": "00"}}, "salt: String should match"),
        ({"cipher": CIPHER | {"method": "none"}}, "method: expected"),
    ],
)
def test_hostile_headers_are_refused(file, header, message):
    file.write_bytes(document(records(), UNIT, header))
    with pytest.raises(InputError, match=message) as error:
        read_gallery(file, PASSPHRASE)
    assert str(error.value).startswith(str(file))


def persons(*pictures, name="Anna"):
    return {"persons": [{"name": name, "pictures": list(pictures)}]}


PICTURE = ["1.jpg", "0" * 64, 0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "x"}, "model: String should match"),
        ({"dimension": 3}, "expected 1 embeddings of size 3 and no other bytes"),
        ({"dimension": 0}, "expected 1 embeddings of size 0"),
        ({"dimension": -2}, "dimension: expected greater than or equal to 0"),
        ({"dimension": 10**9}, "dimension: expected less than or equal to 1024"),
        ({"dimension": 2.0}, "dimension: expected a valid integer, found 2.0"),
        ({"persons": []}, "expected 0 embeddings of size 2"),
        ({"persons": {}}, "persons: expected a valid array"),
        ({"extra": 1}, "extra: Extra inputs"),
        (persons(), "pictures: List should have at least 1 item"),
        (persons(PICTURE, PICTURE), "expected 2 embeddings"),
        (persons(PICTURE, name="a" * 101), "name: String should have at most 100 characters"),
        (persons(PICTURE, name="\x1b[2J"), "expected printable characters"),
        (persons(PICTURE, name="e\u0301"), "expected a normalized name"),
        (persons(["a/b", "0" * 64, 0]), "String should match"),
        (persons(["a" * 300, "0" * 64, 0]), "at most 255"),
        (persons(["a", "0" * 63, 0]), "String should match"),
        (persons(["a", "0" * 64, -1]), "greater than or equal to 0"),
        (persons(["a", "0" * 64, 2**40]), "less than"),
        (persons(["a", "0" * 64, True]), "expected a valid integer"),
        (persons(["a", "0" * 64]), "Field required"),
    ],
)
def test_hostile_records_are_refused(file, changes, message):
    file.write_bytes(document(records(**changes), UNIT))
    with pytest.raises(InputError, match=message) as error:
        read_gallery(file)
    assert str(error.value).startswith(str(file))
    assert str(error.value).isprintable()


def test_the_same_person_or_picture_twice_is_refused(file):
    anna = {"name": "Anna", "pictures": [PICTURE]}
    file.write_bytes(document(records(persons=[anna, anna | {"pictures": [["2.jpg", "1" * 64, 0]]}]), UNIT * 2))
    with pytest.raises(InputError, match="person 'Anna' occurs twice"):
        read_gallery(file)
    file.write_bytes(document(records(persons=[anna, {"name": "B", "pictures": [PICTURE]}]), UNIT * 2))
    with pytest.raises(InputError, match="the same image is enrolled twice"):
        read_gallery(file)


@pytest.mark.parametrize("vector", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0], [3.0, 4.0]])
def test_embeddings_that_are_not_unit_vectors_are_refused(file, vector):
    file.write_bytes(document(records(), np.array(vector, "<f4").tobytes()))
    with pytest.raises(InputError, match="expected embeddings of unit length"):
        read_gallery(file)


@pytest.mark.parametrize("json_text", [b"", b"[", b"[" * 100_000, b'{"model": NaN}', b"\xff", b"null"])
def test_records_that_are_not_json_are_refused(file, json_text):
    header = with_length(b'{"format": 1, "cipher": null}')
    file.write_bytes(sealed(b"PLEXUS-GALLERY\n" + header + with_length(json_text)))
    with pytest.raises(InputError) as error:
        read_gallery(file)
    assert str(error.value).startswith(str(file))


def test_parts_longer_than_the_file_are_refused_before_allocation(file):
    header = with_length(b'{"format": 1, "cipher": null}')
    file.write_bytes(sealed(b"PLEXUS-GALLERY\n\xff\xff\xff\xff"))
    with pytest.raises(InputError, match="a part of 4,294,967,299 bytes does not fit"):
        read_gallery(file)
    file.write_bytes(sealed(b"PLEXUS-GALLERY\n" + header + b"\xff\xff\xff\x7f"))
    with pytest.raises(InputError, match="does not fit into the file"):
        read_gallery(file)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff" * 100)
    with pytest.raises(
        InputError, match=r"photo.jpg is not a gallery: expected a file that `plexus faces enrol` wrote"
    ):
        read_gallery(tmp_path / "photo.jpg")
    with pytest.raises(InputError, match="is not a regular file"):
        read_gallery(tmp_path)
    with pytest.raises(InputError, match=r"there is no gallery .*missing\.faces: enrol a person first"):
        read_gallery(tmp_path / "missing.faces")


def test_a_gallery_of_another_model_is_refused(gallery, file):
    write_gallery(gallery, file)
    with pytest.raises(InputError, match=r"was enrolled with another model \(bbbbbbbbbbbb, not cccccccccccc\)"):
        read_gallery(file, model="c" * 64)


def test_a_change_that_fails_leaves_the_file_as_it_is(gallery, file):
    write_gallery(gallery, file)
    before = file.read_bytes()
    with pytest.raises(InputError, match="there is no person 'Nobody'"):
        change_gallery(file, lambda gallery: gallery.forget("Nobody"))
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_missing_file_is_an_empty_gallery_of_the_model(file):
    picture = EnrolledPicture.of(VECTORS[0], b"1", "1.jpg")
    result = change_gallery(file, lambda gallery: gallery.enrol("Anna", [picture])[0], PASSPHRASE, MODEL)
    assert list(result.persons) == list(read_gallery(file, PASSPHRASE, MODEL).persons) == ["Anna"]


def test_without_a_model_a_missing_file_is_an_error(file):
    with pytest.raises(InputError, match="there is no gallery"):
        change_gallery(file, lambda gallery: gallery)
    assert not list(file.parent.iterdir())


def test_a_second_writer_is_refused(gallery, file):
    write_gallery(gallery, file)
    with locked(file.with_name(f".{file.name}.lock"), "used"):
        with pytest.raises(InputError, match=r"team\.faces is being changed by process"):
            change_gallery(file, lambda gallery: gallery)
        with pytest.raises(InputError, match=r"team\.faces is being changed by process"):
            write_gallery(gallery, file)
        assert len(read_gallery(file)) == 2


def test_a_folder_that_does_not_exist_is_named(gallery, tmp_path):
    with pytest.raises(InputError, match=r"missing.*: No such file or directory"):
        write_gallery(gallery, tmp_path / "missing" / "team.faces")
