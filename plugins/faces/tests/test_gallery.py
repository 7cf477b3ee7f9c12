"""The gallery: enrolment, deletion and identification."""

import unicodedata
from datetime import UTC, datetime

import numpy as np
import pytest

from plexus import InputError
from plexus_faces.enrolled_picture import EnrolledPicture
from plexus_faces.gallery import MAX_NAME, Gallery, person_name

MODEL = "a" * 64
AXES = np.eye(8, dtype=np.float32)


def picture(vector, content=None, path="1.jpg"):
    return EnrolledPicture.of(np.asarray(vector), content or np.asarray(vector).tobytes(), path)


def gallery(**persons):
    result = Gallery(MODEL)
    for name, vectors in persons.items():
        result, _ = result.enrol(name, [picture(vector) for vector in vectors])
    return result


def test_a_picture_has_a_unit_embedding_a_checksum_and_a_label_without_folders():
    record = EnrolledPicture.of(np.array([3.0, 4.0]), b"abc", "home/anna/1.jpg", datetime(2026, 1, 2, 3, 4, 5, 6, UTC))
    assert record.embedding.tolist() == pytest.approx([0.6, 0.8])
    assert record.embedding.dtype == np.float32
    assert record.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert record.label == "1.jpg"
    assert record.time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_labels_of_any_bytes_are_printable_and_short():
    assert EnrolledPicture.of(AXES[0], b"", "a/\x1b[2J\udcff.jpg").label == "\\x1b[2J\\xff.jpg"
    assert len(EnrolledPicture.of(AXES[0], b"", "x" * 1000).label) == 255


@pytest.mark.parametrize("vector", [np.zeros(4), np.full(4, np.nan), np.full(4, np.inf), np.ones((2, 2)), np.zeros(0)])
def test_an_embedding_without_a_direction_is_refused(vector):
    with pytest.raises(InputError, match=r"^1.jpg: expected an embedding of shape \(d,\) that is finite and not zero$"):
        picture(vector, b"content")


def test_a_template_is_the_normalized_mean():
    result = gallery(Anna=[AXES[0], AXES[1]], Berta=[AXES[2]])
    half = np.sqrt(0.5)
    assert result.templates[:, :3] == pytest.approx(np.array([[half, half, 0], [0, 0, 1]]))
    assert result.templates.dtype == np.float32
    assert result.embeddings == pytest.approx(AXES[:3])


def test_opposite_embeddings_have_a_template_of_zeros():
    assert gallery(Anna=[AXES[0], -AXES[0]]).templates == pytest.approx(np.zeros((1, 8)))


def test_identify_returns_the_most_similar_persons_first():
    result = gallery(Anna=[AXES[0]], Berta=[AXES[1]], Carl=[AXES[2]])
    (candidates,) = result.identify(np.array([[0.6, 0.8, 0, 0, 0, 0, 0, 0]]), top=2)
    assert [name for name, _ in candidates] == ["Berta", "Anna"]
    assert [similarity for _, similarity in candidates] == pytest.approx([0.8, 0.6])


def test_identify_several_faces_and_more_candidates_than_persons():
    result = gallery(Anna=[AXES[0]], Berta=[AXES[1]])
    candidates = result.identify(AXES[:3], top=9)
    assert [[name for name, _ in row] for row in candidates] == [
        ["Anna", "Berta"],
        ["Berta", "Anna"],
        ["Anna", "Berta"],
    ]
    assert candidates[2][0][1] == 0


def test_identify_is_exact_among_many():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(2000, 16))
    pictures = {f"person {i}": [picture(vector)] for i, vector in enumerate(vectors)}
    result = Gallery(MODEL, pictures)
    queries = result.templates[::7]
    expected = np.argsort(-(queries @ result.templates.T), axis=1)[:, :5]
    names = [[name for name, _ in row] for row in result.identify(queries, top=5)]
    assert names == [[f"person {place}" for place in row] for row in expected]


def test_an_empty_gallery_knows_no_one():
    empty = Gallery(MODEL)
    assert len(empty) == 0
    assert not empty.persons
    assert empty.identify(AXES[:2]) == [[], []]
    assert empty.templates.shape == (0, 0)


def test_no_faces_have_no_candidates():
    assert gallery(Anna=[AXES[0]]).identify(np.zeros((0, 8))) == []


def test_embeddings_of_another_size_are_refused():
    with pytest.raises(InputError, match=r"expected embeddings of shape \(n, 8\), got \(1, 5\)"):
        gallery(Anna=[AXES[0]]).identify(np.ones((1, 5)))
    with pytest.raises(InputError, match=r"embeddings of one size from 1 to 1024, got \[\(5,\), \(8,\)\]"):
        gallery(Anna=[AXES[0]]).enrol("Berta", [picture(np.ones(5))])


def test_enrolling_again_adds_to_the_person_and_leaves_the_old_gallery_as_it_is():
    before = gallery(Anna=[AXES[0]])
    after, skipped = before.enrol("Anna", [picture(AXES[1])])
    assert not skipped
    assert len(after) == 1
    assert len(after.persons["Anna"]) == 2
    assert len(before.persons["Anna"]) == 1


def test_the_same_picture_of_a_person_is_skipped():
    before = gallery(Anna=[AXES[0]])
    twice = picture(AXES[1], b"new", "new.jpg")
    after, skipped = before.enrol("Anna", [picture(AXES[0], path="copy.jpg"), twice, twice])
    assert skipped == ["copy.jpg", "new.jpg"]
    assert [item.label for item in after.persons["Anna"]] == ["1.jpg", "new.jpg"]


def test_the_same_picture_under_another_name_is_refused():
    with pytest.raises(InputError, match=r"^copy.jpg is enrolled as 'Anna' already, now as 'Berta': forget 'Anna'"):
        gallery(Anna=[AXES[0]]).enrol("Berta", [picture(AXES[0], path="copy.jpg")])


def test_enrolling_no_picture_is_refused():
    with pytest.raises(InputError, match="Anna: expected one or more images to enrol, got none"):
        Gallery(MODEL).enrol("Anna", [])


def test_the_same_picture_twice_in_a_new_gallery_is_refused():
    with pytest.raises(InputError, match="the same image is enrolled twice"):
        Gallery(MODEL, {"Anna": [picture(AXES[0])], "Berta": [picture(AXES[0])]})


def test_forget():
    result = gallery(Anna=[AXES[0]], Berta=[AXES[1]]).forget(" Anna ")
    assert list(result.persons) == ["Berta"]
    assert result.identify(AXES[:1], top=5) == [[("Berta", 0.0)]]
    assert len(result.forget("Berta")) == 0


def test_forgetting_an_unknown_person_lists_the_nearest_names():
    with pytest.raises(InputError, match="there is no person 'Ana': did you mean 'Anna'"):
        gallery(Anna=[AXES[0]], Berta=[AXES[1]]).forget("Ana")


def test_names_are_one_person_up_to_unicode_normalization_and_spaces():
    composed, decomposed = (unicodedata.normalize(form, "Zoë  Müller") for form in ("NFC", "NFD"))
    result, _ = Gallery(MODEL).enrol(composed, [picture(AXES[0])])
    result, _ = result.enrol(f" {decomposed}\n", [picture(AXES[1])])
    assert list(result.persons) == ["Zoë Müller"]
    assert len(result.forget(decomposed)) == 0


@pytest.mark.parametrize("name", ["李小龙", "Åsa Ö", "O'Brien/Smith", "../../etc/passwd", "محمد", "a" * MAX_NAME, "😀"])
def test_names_of_any_script_are_accepted(name):
    assert person_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", ["", "  ", "a" * (MAX_NAME + 1)])
def test_names_that_are_empty_or_too_long_are_refused(name):
    with pytest.raises(InputError, match=f"expected a name of 1 to {MAX_NAME} characters"):
        person_name(name)


@pytest.mark.parametrize("name", ["a\x00b", "\x1b[31mred", "a\u202eb", "a\u200bb", "\ud800", "\ue000"])
def test_names_with_control_characters_are_refused(name):
    with pytest.raises(InputError, match="expected printable characters") as error:
        person_name(name)
    assert str(error.value).isprintable()


def test_names_that_are_not_normalized_are_refused_by_the_constructor():
    with pytest.raises(InputError, match="expected a normalized name"):
        Gallery(MODEL, {" Anna": [picture(AXES[0])]})
