"""Batches of several images of several persons."""

import numpy as np

from plexus import Examples
from plexus_faces.codec import FaceCodec
from plexus_faces.face import Face
from plexus_faces.options import RecognizeOptions
from plexus_faces.sampling import person_batches, person_groups

PERSONS = np.array([0] * 8 + [1] * 8 + [2] * 5 + [3])


def groups(seed=0):
    return person_groups(PERSONS, 4, np.random.default_rng(seed))


def test_a_group_is_of_one_person():
    assert (PERSONS[groups()] == PERSONS[groups()][:, :1]).all()


def test_every_image_is_used_and_the_first_groups_are_of_different_persons():
    rows = groups()
    assert rows.shape == (7, 4)
    assert set(rows.reshape(-1)) == set(range(len(PERSONS)))
    assert sorted(PERSONS[rows[:4, 0]]) == [0, 1, 2, 3]


def test_images_repeat_only_to_fill_a_group():
    rows = groups().reshape(-1)
    assert np.bincount(rows)[:16].tolist() == [1] * 16
    assert np.bincount(rows)[16:21].sum() == 8
    assert np.bincount(rows)[21] == 4


def test_the_seed_alone_determines_the_order():
    np.testing.assert_array_equal(groups(1), groups(1))
    assert not np.array_equal(groups(1), groups(2))


def batches(**values):
    chips = np.broadcast_to(np.arange(22, dtype=np.uint8)[:, None, None, None], (22, 150, 150, 3))
    faces = [Face((0.0, 0.0, 1.0, 1.0), 1.0, np.zeros((5, 2)), chip) for chip in chips]
    train = Examples(faces, [f"person {i}" for i in PERSONS])
    return person_batches(train, FaceCodec(), RecognizeOptions.parse({"weights": "none", **values}), epoch=1)


def test_batches_have_faces_and_their_persons():
    epoch = batches(batch_size=12)
    assert epoch.batch_size == 12
    assert len(epoch) == 2
    np.testing.assert_array_equal(PERSONS[epoch.x["face"][:, 0, 0, 0]], epoch.y)


def test_batches_are_not_larger_than_the_data():
    epoch = batches(batch_size=512)
    assert (len(epoch), epoch.batch_size) == (1, 28)
