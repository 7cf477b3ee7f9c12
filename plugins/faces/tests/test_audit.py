"""Audit of a gallery and grouping of unnamed faces, on embeddings with known results."""

import numpy as np
import pytest

from plexus import InputError
from plexus_faces.audit import MAX_FINDINGS, Finding, audit
from plexus_faces.enrolled_picture import EnrolledPicture
from plexus_faces.gallery import Gallery
from plexus_faces.grouping import MAX_FACES, group

MODEL = "c" * 64
RNG = np.random.default_rng(0)
AXES = np.eye(64, dtype=np.float32)
THRESHOLD = 0.8


def near(axis, similarity, other):
    """Return a unit vector of a similarity to an axis, and none to the other axes but one."""
    return similarity * AXES[axis] + np.sqrt(1 - similarity**2) * AXES[other]


def gallery(**persons):
    return Gallery(
        MODEL,
        {
            name: [EnrolledPicture.of(v, f"{name}{i}".encode(), f"{name}{i}.jpg") for i, v in enumerate(vectors)]
            for name, vectors in persons.items()
        },
    )


def test_a_sound_gallery_has_no_findings():
    sound = gallery(a=[near(0, 0.95, k) for k in (10, 11, 12)], b=[near(1, 0.95, k) for k in (13, 14)], c=[AXES[2]])
    assert audit(sound, THRESHOLD) == []
    assert audit(Gallery(MODEL), THRESHOLD) == []
    assert audit(gallery(a=[AXES[0]]), THRESHOLD) == []


def test_an_outlier_is_the_only_finding_of_its_person():
    (finding,) = audit(gallery(a=[near(0, 0.95, 10), near(0, 0.95, 11), AXES[5]], b=[AXES[1]]), THRESHOLD)
    assert finding == Finding("outlier", ("a",), ("a2.jpg",), pytest.approx(0, abs=1e-6))


def test_two_pictures_that_differ_are_one_finding_of_both():
    (finding,) = audit(gallery(a=[AXES[0], near(0, 0.5, 1)]), THRESHOLD)
    assert finding == Finding("outlier", ("a",), ("a0.jpg", "a1.jpg"), pytest.approx(0.5))


def test_similar_persons_and_the_most_similar_first():
    findings = audit(gallery(a=[AXES[0]], b=[near(0, 0.85, 10)], c=[AXES[1]], d=[near(1, 0.9, 11)]), THRESHOLD)
    assert [(finding.kind, finding.persons) for finding in findings] == [
        ("similar persons", ("c", "d")),
        ("similar persons", ("a", "b")),
    ]
    assert [finding.similarity for finding in findings] == pytest.approx([0.9, 0.85])


def test_duplicates_of_one_and_of_two_persons_are_one_finding():
    persons = gallery(a=[near(0, 0.999, 12), near(0, 0.999, 10)], b=[near(0, 0.9, 11), AXES[0]], c=[AXES[1], AXES[1]])
    duplicates = [finding for finding in audit(persons, THRESHOLD) if finding.kind == "duplicate"]
    assert duplicates == [
        Finding("duplicate", ("c",), ("c0.jpg", "c1.jpg"), pytest.approx(1)),
        Finding("duplicate", ("a", "b"), ("a0.jpg", "a1.jpg", "b1.jpg"), pytest.approx(0.999)),
    ]


def test_duplicates_are_merged_by_way_of_others():
    chain = [np.cos(0.1 * k) * AXES[0] + np.sin(0.1 * k) * AXES[1] for k in (0, 1, 3, 2)]  # 0.98 at 0.2
    (finding,) = audit(gallery(a=chain), THRESHOLD)
    assert finding.pictures == ("a0.jpg", "a1.jpg", "a2.jpg", "a3.jpg")


def test_kinds_come_in_the_order_of_their_harm():
    findings = audit(gallery(a=[AXES[0], AXES[0], AXES[1]], b=[near(0, 0.9, 9)], c=[AXES[1]]), THRESHOLD)
    kinds = [finding.kind for finding in findings]
    assert kinds == sorted(kinds, key=["similar persons", "outlier", "duplicate"].index)
    assert set(kinds) == {"similar persons", "outlier", "duplicate"}


def test_pairs_in_different_blocks_are_compared():
    vectors = RNG.normal(size=(700, 64))
    vectors[650] = vectors[3]
    persons = gallery(**{f"p{place}": [vector] for place, vector in enumerate(vectors)})
    findings = audit(persons, THRESHOLD)
    assert [(finding.kind, finding.persons) for finding in findings] == [
        ("similar persons", ("p3", "p650")),
        ("duplicate", ("p3", "p650")),
    ]


@pytest.mark.slow
def test_of_too_many_findings_the_most_severe_remain():
    vectors = RNG.normal(size=(300, 16))
    persons = gallery(**{f"p{place}": [vector] for place, vector in enumerate(vectors)})
    similarities = persons.templates @ persons.templates.T
    expected = np.sort(similarities[np.triu_indices(300, 1)])[::-1][:MAX_FINDINGS]
    findings = [finding for finding in audit(persons, -1.0) if finding.kind == "similar persons"]
    assert [finding.similarity for finding in findings] == pytest.approx(expected.tolist(), abs=1e-5)


@pytest.mark.slow
def test_ten_thousand_persons_are_audited_without_a_matrix_of_all_pairs():
    import tracemalloc

    vectors = RNG.normal(size=(10_000, 64)).astype(np.float32)
    persons = gallery(**{f"p{place}": [vector] for place, vector in enumerate(vectors)})
    assert persons.templates.nbytes == 10_000 * 64 * 4
    tracemalloc.start()
    assert audit(persons, THRESHOLD) == []
    assert tracemalloc.get_traced_memory()[1] < 40e6  # all pairs would be 400 MB
    tracemalloc.stop()


def test_groups_are_numbered_by_size():
    faces = np.stack(
        [AXES[5], near(0, 0.95, 10), near(1, 0.95, 11), near(0, 0.95, 12), near(1, 0.95, 13), near(0, 0.95, 14)]
    )
    assert group(faces, THRESHOLD).tolist() == [2, 0, 1, 0, 1, 0]


def test_groups_of_one_size_are_in_the_order_of_their_first_faces():
    assert group(AXES[[3, 1, 2]], THRESHOLD).tolist() == [0, 1, 2]


def test_the_threshold_decides_on_the_mean_similarity_of_two_groups():
    faces = np.stack([AXES[0], AXES[0], near(0, 0.7, 1)])
    assert group(faces, 0.69).tolist() == [0, 0, 0]
    assert group(faces, 0.71).tolist() == [0, 0, 1]


def test_no_face_one_face_and_equal_faces():
    assert group(np.zeros((0, 8)), THRESHOLD).tolist() == []
    assert group(AXES[:1], THRESHOLD).tolist() == [0]
    assert group(np.repeat(AXES[:1], 4, axis=0), 1 - 1e-9).tolist() == [0, 0, 0, 0]


def test_more_faces_than_the_limit_are_refused():
    with pytest.raises(InputError, match="cannot group 5,001 faces, expected at most 5,000"):
        group(np.zeros((MAX_FACES + 1, 2)), THRESHOLD)
