"""Objects of rare labels that are pasted into other images."""

import numpy as np
import pytest

from plexus import Examples, Findings, InputError, SupervisedDataset
from plexus_vision.detection.augmentation import BoxAugmentation
from plexus_vision.detection.batches import choose_augmentation
from plexus_vision.detection.boxes import overlap_of_smaller
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.copy_paste import MAX_COVERED, MAX_PASTED, CopyPaste, rare_labels
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.options import DetectOptions
from plexus_vision.detection.sample import Sample
from plexus_vision.detection.task import Detect

COMMON, RARE = 0, 1
GROUND, LEVELS = 40, {COMMON: 120, RARE: 240}
SIDES = {COMMON: 16, RARE: 10}


def sample(*objects, size=(80, 100)):
    """Return a dark image with squares: label, left and top of each; rare ones are bright."""
    image = np.full((*size, 3), GROUND, np.uint8)
    boxes = [[left, top, left + SIDES[label], top + SIDES[label]] for label, left, top in objects]
    for (label, _, _), (left, top, right, bottom) in zip(objects, boxes, strict=True):
        image[top:bottom, left:right] = LEVELS[label]
    count = len(objects)
    labels = np.array([label for label, _, _ in objects], int)
    return Sample(image, np.array(boxes, np.float32).reshape(-1, 4), labels, np.ones(count, bool))


@pytest.fixture
def samples():
    """Nine common objects in three images, and one rare object."""
    row = [(COMMON, left, 10) for left in (4, 40, 76)]
    return [sample(*row), sample(*row), sample(*row, (RARE, 30, 50))]


def paste_all(samples, seeds=range(40)):
    augmentation = CopyPaste.fit(samples, share=1.0)
    return [augmentation.apply(samples[seed % 2], np.random.default_rng(seed)) for seed in seeds]


def test_labels_with_less_than_half_of_the_mean_are_rare():
    assert rare_labels(["a"] * 9 + ["b"] * 2 + ["c"] * 4) == ["b"]
    assert rare_labels(["a"] * 3 + ["b"]) == []
    assert rare_labels(["a"] * 4 + ["b"]) == ["b"]
    assert rare_labels([]) == []


def test_boxes_of_pasted_objects_are_exact(samples):
    """The bright pixels of an image with one pasted object are those of its box, whose sides are fractions."""
    single = [each for each in paste_all(samples) if len(each.classes) == 4]
    assert len(single) >= 10
    errors = []
    for changed in single:
        rows, columns = np.nonzero(changed.image[..., 0] > (GROUND + LEVELS[RARE]) / 2)
        extent = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        errors.append(extent - changed.boxes[3])
    assert np.abs(errors).max() <= 0.6  # half a pixel, and rounding
    assert np.abs(np.mean(errors, axis=0)).max() <= 0.2


def test_pasted_objects_cover_hardly_anything(samples):
    for changed in paste_all(samples):
        overlap = overlap_of_smaller(changed.boxes, changed.boxes)
        np.fill_diagonal(overlap, 0)
        assert overlap.max() <= MAX_COVERED
        assert (changed.boxes >= 0).all()
        assert (changed.boxes <= [100, 80, 100, 80]).all()


def test_only_rare_labels_become_more(samples):
    results = paste_all(samples)
    counts = [len(each.classes) - 3 for each in results]
    assert all((each.classes[3:] == RARE).all() and each.scored.all() for each in results)
    assert min(counts) >= 1
    assert max(counts) == MAX_PASTED
    np.testing.assert_array_equal(results[0].boxes[:3], samples[0].boxes)


def test_images_are_not_changed_in_place_and_the_rest_stays(samples):
    before = samples[0].image.copy()
    changed = CopyPaste.fit(samples, share=1.0).apply(samples[0], np.random.default_rng(0))
    np.testing.assert_array_equal(samples[0].image, before)
    far = np.ones(before.shape[:2], bool)
    for left, top, right, bottom in changed.boxes[3:].round().astype(int):
        far[max(top - 3, 0) : bottom + 3, max(left - 3, 0) : right + 3] = False
    assert far.mean() > 0.5
    np.testing.assert_array_equal(changed.image[far], before[far])


def test_nothing_is_pasted_where_no_label_is_rare():
    images = [sample((COMMON, 4, 10), (RARE, 40, 40)), sample((COMMON, 4, 10), (RARE, 60, 40))]
    augmentation = CopyPaste.fit(images, share=1.0)
    assert augmentation.objects == []
    assert augmentation.apply(images[0], np.random.default_rng(0)) is images[0]


def test_the_share_of_the_images_is_that_of_the_option(samples):
    augmentation = CopyPaste.fit(samples, share=0.3)
    generator = np.random.default_rng(0)
    changed = [augmentation.apply(samples[0], generator) is not samples[0] for _ in range(500)]
    assert np.mean(changed) == pytest.approx(0.3, abs=0.05)


def test_the_same_generator_pastes_the_same(samples):
    first, again = (CopyPaste.fit(samples, 1.0).apply(samples[0], np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.boxes, again.boxes)


def test_cut_off_covered_and_difficult_objects_are_not_pasted():
    row = [(COMMON, left, 4) for left in (4, 22, 40, 58, 76)]
    common = [sample(*row), sample(*row)]
    cut_off = sample((RARE, 0, 40))
    covered = sample((RARE, 30, 40), (COMMON, 34, 40))
    difficult = sample((RARE, 30, 40))
    difficult = Sample(difficult.image, difficult.boxes, difficult.classes, np.zeros(1, bool))
    assert CopyPaste.fit([*common, cut_off, covered, difficult], 1.0).objects == []
    assert len(CopyPaste.fit([*common, cut_off, covered, sample((RARE, 30, 40))], 1.0).objects) == 1


def test_too_large_objects_and_full_images_stay_without(samples):
    augmentation = CopyPaste.fit(samples, share=1.0)
    small = sample(size=(6, 6))
    assert len(augmentation.apply(small, np.random.default_rng(0)).classes) == 0
    full = Sample(samples[0].image, np.array([[0, 0, 100, 80]], np.float32), np.array([COMMON]), np.ones(1, bool))
    assert len(augmentation.apply(full, np.random.default_rng(0)).classes) == 1


def test_augmented_images_have_pasted_objects_until_the_last_fifth(samples):
    options = DetectOptions.parse({"epochs": 10, "copy_paste": 1.0, "mosaic": 0.0})
    augmentation = choose_augmentation(samples, options, 7)
    changed = [augmentation.apply(samples, 0, (80, 100), np.random.default_rng(seed)) for seed in range(20)]
    assert sum((each.classes == RARE).sum() for each in changed) >= 10
    assert choose_augmentation(samples, options, 8).copy_paste is None
    assert choose_augmentation(samples, DetectOptions.parse({"epochs": 10}), 0).copy_paste is None
    mosaics = BoxAugmentation(mosaic=1.0, copy_paste=augmentation.copy_paste)
    assert (mosaics.apply(samples, 0, (80, 100), np.random.default_rng(0)).classes == RARE).any()


def test_an_option_without_effect_is_refused_or_noted(capsys):
    with pytest.raises(InputError, match=r"copy_paste 0.5 is an augmentation, and augment is none: set one of them"):
        DetectOptions.parse({"copy_paste": 0.5, "augment": "none"})
    images = np.zeros((4, 64, 64, 3), np.uint8)
    box = ImageBoxes(np.array([[0, 0, 20, 20]], np.float32), ("a",), np.zeros(1, bool))
    examples = Examples(images, [box] * 4)
    dataset = SupervisedDataset({"train": examples, "val": examples, "test": examples}, 0, Findings())
    task, codec = Detect("vision.detect"), DetectionCodec.fit(examples)
    task.resolve_options(dataset, codec, DetectOptions.parse({}))
    assert capsys.readouterr().err == ""
    task.resolve_options(dataset, codec, DetectOptions.parse({"copy_paste": 0.5}))
    assert "no label of the training images is rare, so no object is pasted" in capsys.readouterr().err
