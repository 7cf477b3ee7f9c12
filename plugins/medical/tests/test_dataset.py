"""Medical images from folders, archives, tables and arrays: splits, folds, labels, and errors of unusable data."""

import shutil
from collections import Counter

import numpy as np
import pytest

from plexus import InputError
from plexus.data.examples import is_out_of_fold, split_counts
from plexus_medical.dataset import require_training_images
from plexus_medical.examples import MedicalExamples

VAL_LINE = "1 validation split was added to the training images: validation metrics are computed out of fold: "


@pytest.fixture
def table(tmp_path, save_png, grey):
    """A function that writes a CSV of images: `patients` has the patient of each, `split` its split."""

    def write(patients, labels=None, split=None, column="patient_id", **columns):
        labels = labels or [("normal", "ill")[int(patient[1:]) % 2] for patient in patients]
        columns = {column: patients, "label": labels, **columns} | ({"split": split} if split else {})
        rows = [",".join(["path", *columns])]
        for number in range(len(patients)):
            save_png(tmp_path / f"images/{number}.png", grey(number))
            rows.append(",".join([f"images/{number}.png", *(values[number] for values in columns.values())]))
        (tmp_path / "xrays.csv").write_text("\n".join(rows))
        return tmp_path / "xrays.csv"

    return write


def patients_of(dataset, split):
    return set(dataset[split].patients.tolist())


def test_a_folder_without_splits(folder, read):
    dataset = read(folder)
    assert dataset.labels == ("NORMAL", "PNEUMONIA")
    assert dataset["val"] is dataset["train"]
    assert is_out_of_fold(dataset)
    assert split_counts(dataset) == {"train": 34, "test": 6}
    assert Counter(dataset["test"].targets) == {"NORMAL": 3, "PNEUMONIA": 3}
    assert sorted(np.bincount(dataset.folds)) == [6, 7, 7, 7, 7]
    assert dataset.count("unseen") == 40
    (line,) = dataset.findings.lines()
    assert line.startswith("1 data set names no patients, so that each image is a patient of its own: ")
    assert not dataset.has_patients
    assert dataset.evaluation_protocol == (
        "on 6 images out of 40, at random, stratified by the label; patients are not known"
    )
    require_training_images(dataset)


def test_folds_are_stratified_and_depend_on_the_seed_alone(folder, read):
    first, again, other = read(folder), read(folder), read(folder, seed=1)
    assert np.array_equal(first.folds, again.folds)
    assert first["test"].inputs == again["test"].inputs
    assert first.fingerprint == again.fingerprint == other.fingerprint
    assert first["test"].inputs != other["test"].inputs
    for fold in range(5):
        counts = Counter(np.array(first["train"].targets)[first.folds == fold])
        assert set(counts.values()) <= {3, 4}
    assert read(folder, folds=2).folds.max() == 1


def test_official_splits(folder, read):
    for split, numbers in (("train", range(28)), ("val", range(28, 32)), ("test", range(32, 40))):
        for number in numbers:
            label = ("NORMAL", "PNEUMONIA")[number % 2]
            (folder / split / label).mkdir(parents=True, exist_ok=True)
            (folder / label / f"{number}.png").rename(folder / split / label / f"{number}.png")
    for label in ("NORMAL", "PNEUMONIA"):
        (folder / label).rmdir()
    dataset = read(folder)
    assert split_counts(dataset) == {"train": 32, "test": 8}
    assert VAL_LINE + "4 images" in dataset.findings.lines()
    assert {file.name for file in dataset["unseen"].inputs} == {f"{number}.png" for number in range(32, 40)}
    assert dataset.evaluation_protocol == "on 8 images, the official test split"


def test_an_archive(folder, tmp_path, read):
    archive = shutil.make_archive(str(tmp_path / "set"), "zip", folder)
    assert split_counts(read(archive)) == {"train": 34, "test": 6}


def test_a_table_with_patients_and_subgroups(table, read):
    patients = [f"p{number // 3}" for number in range(60)]
    dataset = read(table(patients, sex=["f", "m", "f"] * 20), positive="ill", subgroups="sex")
    assert dataset.has_patients
    assert not patients_of(dataset, "train") & patients_of(dataset, "test")
    assert len(patients_of(dataset, "train") | patients_of(dataset, "test")) == 20
    train = dataset["train"]
    for patient in patients_of(dataset, "train"):
        assert len(set(dataset.folds[train.patients == patient])) == 1
    numbers = [int(file.stem) for file in train.inputs]
    assert train.attributes == {"sex": [("f", "m", "f")[number % 3] for number in numbers]}
    assert train.targets == [("normal", "ill")[number // 3 % 2] for number in numbers]
    assert "no patient is on both sides" in dataset.evaluation_protocol
    assert dataset.findings.lines() == []


@pytest.mark.parametrize("column", ["patient", "Patient ID", "PatientID", "subject_id"])
def test_the_column_of_patients_by_its_name(table, read, column):
    dataset = read(table([f"p{number // 2}" for number in range(40)], column=column), positive="ill")
    assert len(patients_of(dataset, "train") | patients_of(dataset, "test")) == 20


def test_the_column_of_patients_by_the_option(table, read):
    file = table([f"p{number}" for number in range(40)], person=[f"q{number // 4}" for number in range(40)])
    dataset = read(file, positive="ill", patient="person")
    assert len(patients_of(dataset, "train") | patients_of(dataset, "test")) == 10
    assert dataset.fingerprint != read(file, positive="ill").fingerprint
    with pytest.raises(
        InputError, match=r"--patient ward: .*xrays\.csv has no such column; there are path, patient_id"
    ):
        read(file, patient="ward")


def test_a_missing_patient(table, read):
    patients = [f"p{number // 2}" for number in range(40)]
    labels = [("normal", "ill")[number % 2] for number in range(40)]
    patients[4] = patients[5] = ""
    dataset = read(table(patients, labels), positive="ill")
    (line,) = dataset.findings.lines()
    assert line.startswith("2 images have no patient and are patients of their own each: ")
    assert "xrays.csv, line 6 names no patient" in line
    assert len(patients_of(dataset, "train") | patients_of(dataset, "test")) == 21


def test_patients_of_the_official_test_split_leave_training(table, read):
    patients = [f"p{number // 2}" for number in range(60)]
    split = ["test" if number % 8 == 0 else "train" for number in range(60)]
    dataset = read(table(patients, split=split), positive="ill")
    assert split_counts(dataset) == {"train": 44, "test": 8}
    assert not patients_of(dataset, "train") & patients_of(dataset, "test")
    assert dataset.findings.lines() == [
        "1 official test split has patients of training images, which were dropped: 8 training images of 8 patients"
    ]
    with pytest.raises(InputError, match=r"8 training images of 8 patients \(--strict\)"):
        read(table(patients, split=split), positive="ill", strict=True)


def test_data_for_an_evaluation_alone(table, read):
    dataset = read(table([f"p{number}" for number in range(6)], split=["test"] * 6), positive="ill")
    assert list(dataset.splits) == ["test"]
    assert dataset.count("unseen") == 6
    with pytest.raises(InputError, match=r"label 'normal': expected 5 or more .* in the train split, found 0"):
        require_training_images(dataset)
    small = read(table(["p0", "p1"]), positive="ill")
    assert small.count("unseen") == 2
    with pytest.raises(InputError, match="expected 5 or more patients with images in the train split, found"):
        require_training_images(small)


def test_several_labels_need_the_positive_one(table, read):
    labels = ["bacteria", "virus", "healthy"] * 20
    file = table([f"p{number}" for number in range(60)], labels)
    with pytest.raises(
        InputError,
        match=r"has 3 labels: name that of the outcome with --positive, .* negative label: bacteria, healthy, virus$",
    ):
        read(file)
    dataset = read(file, positive="virus")
    assert dataset.labels == ("not virus", "virus")
    targets = dataset["train"].targets + dataset["test"].targets
    assert Counter(targets) == {"virus": 20, "not virus": 40}
    with pytest.raises(InputError, match="--positive fungus: expected one of the labels of"):
        read(file, positive="fungus")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("picture_of,label\na.png,x\n", "no column is named path or file; there are picture_of, label"),
        ("path,label\na.png,\n", "line 2: path and label must both have a value"),
        ("path,label,split\na.png,x,tset\n", "line 2: split 'tset' is none of train, val, test"),
        ("path,label\n", "has no rows"),
        ("path,label\na.png,x\n", "no labelled images; 1 image could not be read and was dropped: .*no such file"),
    ],
)
def test_invalid_tables(tmp_path, read, text, reason):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=reason):
        read(tmp_path / "a.csv")


def test_subgroups_that_cannot_be_used(table, folder, read):
    file = table([f"p{number}" for number in range(20)], sex=["f", "m"] * 10)
    with pytest.raises(
        InputError, match=r"--subgroups age: .* has no such column; there are path, patient_id, label, sex"
    ):
        read(file, subgroups="sex,age")
    with pytest.raises(InputError, match="--subgroups patient_id: expected a column that does not identify"):
        read(file, subgroups="patient_id")
    with pytest.raises(InputError, match=r"--subgroups sex: .*set has no columns: list the images in a \.csv"):
        read(folder, subgroups="sex")


def test_arrays_as_medmnist_has_them(tmp_path, read):
    generator = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 40), ("val", 10), ("test", 12)):
        arrays[f"{split}_images"] = generator.integers(0, 256, (count, 28, 28), np.uint8)
        arrays[f"{split}_labels"] = (np.arange(count) % 2).astype(np.uint8)[:, None]
    np.savez(tmp_path / "a.npz", **arrays)
    dataset = read(tmp_path / "a.npz")
    assert dataset.labels == ("0", "1")
    assert split_counts(dataset) == {"train": 50, "test": 12}
    assert dataset["train"].inputs.shape == (50, 28, 28)
    assert np.array_equal(dataset["test"].inputs, arrays["test_images"])
    np.savez(tmp_path / "b.npz", train_images=arrays["train_images"])
    with pytest.raises(InputError, match=r"the train split has no labels; expected an array named like train_labels"):
        read(tmp_path / "b.npz")


def test_unreadable_images_are_counted_named_and_dropped(folder, read):
    file = folder / "NORMAL/0.png"
    file.write_bytes(file.read_bytes()[:60])
    (folder / "PNEUMONIA/1.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 40)
    dataset = read(folder)
    line = dataset.findings.lines()[0]
    assert line.startswith("2 images could not be read and were dropped: ")
    assert "NORMAL/0.png" in line
    assert "PNEUMONIA/1.dcm" in line
    assert dataset.count("unseen") == 39
    with pytest.raises(InputError, match=r"0\.png is damaged"):
        read(folder, strict=True)


def test_other_places(tmp_path, read):
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(InputError, match="expected a folder with one sub-folder of images per label"):
        read(tmp_path / "notes.txt")
    with pytest.raises(InputError, match=r"did you mean 'drawn_xrays'|drawn_xrays, pneumoniamnist"):
        read("drawn_xray")


def test_examples_keep_patients_and_attributes():
    examples = MedicalExamples(
        np.zeros((3, 4, 4), np.uint8),
        ["a", "b", "a"],
        patients=np.array([5, 5, 9]),
        attributes={"sex": ["f", "m", "x"]},
    )
    part = examples.take(np.array([2, 0]))
    assert part.patients.tolist() == [9, 5]
    assert part.attributes == {"sex": ["x", "f"]}
    assert part.targets == ["a", "a"]
    assert MedicalExamples(["a.png", "b.png"], ["a", "b"]).patients.tolist() == [0, 1]


@pytest.mark.data
def test_the_repeats_of_pneumoniamnist(read):
    dataset = read("pneumoniamnist")
    lines = dataset.findings.lines()
    assert lines[0].startswith("18 training images repeat others pixel by pixel and were dropped: ")
    assert lines[1].startswith("8 validation images repeat training images pixel by pixel and were dropped: ")
    assert VAL_LINE + "516 images" in lines
    assert dataset.labels == ("normal", "pneumonia")
    assert split_counts(dataset) == {"train": 4462, "test": 744}
    assert dataset.count("unseen") == 4708 + 524 - 26
    shares = [np.mean(np.array(dataset["train"].targets)[dataset.folds == fold] == "pneumonia") for fold in range(5)]
    assert np.ptp(shares) < 0.001


@pytest.mark.parametrize("missing", ["nan", "NaN", "N/A", "NULL", " ? "])
def test_a_text_for_a_missing_patient_is_no_patient(table, read, missing):
    patients = [missing if number < 4 else f"p{number // 2}" for number in range(40)]
    dataset = read(table(patients, labels=["normal", "ill"] * 20))
    assert dataset.findings.lines()[0].startswith("4 images have no patient and are patients of their own each")
    assert len(patients_of(dataset, "train") | patients_of(dataset, "test")) == 18 + 4


def test_whole_numbers_with_a_decimal_point_are_the_same_patients(table, read):
    patients = [f"{number // 4}{'.0' if number % 2 else ''}" for number in range(40)]
    dataset = read(table(patients, labels=["normal", "normal", "ill", "ill"] * 10))
    assert len(patients_of(dataset, "train") | patients_of(dataset, "test")) == 10


def test_blanks_around_a_label_are_no_part_of_it(table, read):
    file = table([f"p{number}" for number in range(40)], labels=[" normal", "ill "] * 20)
    assert read(file).labels == ("normal", "ill")


def test_two_columns_of_one_name_are_refused(tmp_path, read):
    (tmp_path / "xrays.csv").write_text("path,label,label\na.png,ill,normal\n")
    with pytest.raises(InputError, match=r"xrays\.csv: 2 columns are named label: rename or remove all but one"):
        read(tmp_path / "xrays.csv")
