"""Splits from which a model can be trained, and the line if there are none."""

import numpy as np
import pytest

from plexus import InputError
from plexus_vision.detection.calibration import ScoreCalibration
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.decision import Decision
from plexus_vision.detection.task import Detect

CAT, DOG = ("cat", 0, 4, 12, 13), ("dog", 21, 6, 39, 29)


def test_the_last_image_of_a_label_remains_in_training(tmp_path, load, write_voc, fit):
    """Both images with a dog also have a rarer label: each of these alone may be held out."""
    rare = {f"i{number}": [CAT, DOG, (f"rare {number // 2}", 5, 5, 20, 20)] for number in range(4)}
    write_voc(tmp_path, rare | {f"j{number}": [CAT] for number in range(10)})
    for seed in range(10):
        dataset = load(tmp_path, seed=seed)
        labels = {label for target in dataset["train"].targets for label in target.labels}
        assert labels == {"cat", "dog", "rare 0", "rare 1"}
        assert fit(dataset).labels == sorted(labels)


def test_held_out_splits_have_boxes(tmp_path, load, write_voc, fit):
    boxes = {"a": [CAT, DOG], "b": [CAT], "c": [CAT, DOG]}
    write_voc(tmp_path, boxes | {f"n{number}": [] for number in range(20)})
    for seed in range(5):
        dataset = load(tmp_path, seed=seed)
        assert all(any(map(len, dataset[split].targets)) for split in ("train", "val", "test"))
        assert fit(dataset).labels == ["cat", "dog"]


@pytest.mark.parametrize(
    ("images", "line"),
    [
        (
            {"train": [[CAT]], "val": [[DOG]], "test": [[CAT]]},
            r"0\.png of the val split has the label 'dog', expected cat, as the training images: rename",
        ),
        ({"train": [[CAT]], "val": [[CAT]], "test": [[CAT], [DOG]]}, r"1\.png of the test split has the label 'dog'"),
        ({"train": [[CAT]], "val": [[]], "test": [[CAT]]}, "no image of the val split has boxes"),
        ({"train": [[CAT]], "val": [[CAT]], "test": [[], []]}, "no image of the test split has boxes"),
        ({"train": [[(*CAT, True)]], "val": [[CAT]], "test": [[CAT]]}, "no image of the train split has boxes"),
        ({"train": [[("x" * 10_001, 1, 1, 5, 5)]], "val": [[CAT]], "test": [[CAT]]}, "has 10,001 characters; expected"),
        (
            {"train": [[("lid", 1, 1, 5, 5), ("lid_low", 9, 9, 15, 15)]], "val": [[CAT]], "test": [[CAT]]},
            "label 'lid_low' names a bound of the metrics of 'lid': rename it",
        ),
    ],
)
def test_what_no_training_can_use(tmp_path, images, line, load, write_voc, fit):
    for split, contents in images.items():
        write_voc(tmp_path / split, {str(number): boxes for number, boxes in enumerate(contents)}, seed=len(split))
    dataset = load(tmp_path)
    with pytest.raises(InputError, match=line):
        fit(dataset)


@pytest.mark.parametrize(
    ("split", "label", "line"),
    [
        ("test", "RBC", ""),
        ("test", "cell", r"a\.png has the label 'cell', expected Platelets, RBC, WBC, as the model: rename"),
        ("train", "other", ""),
    ],
)
def test_evaluation_on_other_labels(tmp_path, split, label, line, load, write_voc):
    """The boxes of another label in the training split are not evaluated, and so are no error."""
    for each in ("train", "val", "test"):
        write_voc(tmp_path / each, {"a": [(label if each == split else "RBC", 0, 4, 12, 13)]}, seed=len(each))
    decision = Decision([0.5] * 3, ScoreCalibration([1.0] * 3, [0.0] * 3))
    codec = DetectionCodec(["Platelets", "RBC", "WBC"], (64, 64, 3), (8,), (30, 40), decision)

    def predictor(inputs):
        count = len(inputs["image"])
        return {"scores": np.full((count, 64, 3), -9, np.float32), "boxes": np.ones((count, 64, 4), np.float32)}

    dataset = load(tmp_path)
    if line:
        with pytest.raises(InputError, match=line):
            Detect("vision.detect").evaluate(predictor, dataset, codec, "test")
    else:
        metrics = Detect("vision.detect").evaluate(predictor, dataset, codec, "test")
        assert metrics["count_error_RBC"] == 1
        assert metrics["baseline_map50"] == (0 if split == "train" else pytest.approx(1))
