"""Nothing that identifies a patient leaves the readers."""

import pickle
import shutil

import numpy as np
import pytest

from plexus import InputError
from plexus_medical.dataset import require_training_images
from plexus_medical.dicom import read_dicom

NAME, IDENTIFIER = "Roentgen^Wilhelmine", "ID-77-4711"
TAGS = {"PatientName": NAME, "PatientID": IDENTIFIER, "PatientBirthDate": "18450327", "PatientSex": "F"}


def reveals(text):
    return any(word in text for word in ("Roentgen", "Wilhelmine", "4711", "18450327"))


@pytest.fixture
def dicom_folder(tmp_path, write_dicom, grey):
    """Twenty patients with two DICOM files each, one of them with planted names."""
    for number in range(40):
        label = ("normal", "ill")[number // 2 % 2]
        (tmp_path / "set" / label).mkdir(parents=True, exist_ok=True)
        tags = TAGS if number < 2 else {"PatientID": f"other-{number // 2}", "PatientName": "A^B"}
        write_dicom(tmp_path / "set" / label / f"IM{number:04d}", grey(number), **tags)
    return tmp_path / "set"


def test_patients_of_dicom_files_are_on_one_side(dicom_folder, read):
    dataset = read(dicom_folder, positive="ill")
    assert dataset.has_patients
    assert not set(dataset["train"].patients.tolist()) & set(dataset["test"].patients.tolist())
    whole = dataset["unseen"]
    assert len(set(whole.patients.tolist())) == 20
    by_name = {file.name: patient for file, patient in zip(whole.inputs, whole.patients.tolist(), strict=True)}
    assert by_name["IM0000"] == by_name["IM0001"] != by_name["IM0002"]


def test_a_dataset_holds_no_identifier(dicom_folder, read, capsys, write_dicom, grey):
    write_dicom(dicom_folder / "normal" / "again", grey(0), **TAGS)
    damaged = write_dicom(dicom_folder / "normal" / "damaged", grey(50), **TAGS)
    damaged.write_bytes(damaged.read_bytes()[:-100])
    write_dicom(dicom_folder / "normal" / "frames", grey(51), NumberOfFrames=2, **TAGS)
    dataset = read(dicom_folder, positive="ill")
    lines = dataset.findings.lines()
    assert len(lines) == 2
    assert not reveals(" ".join(lines))
    assert not reveals(pickle.dumps(dataset).decode("latin-1"))
    assert not reveals(repr(vars(dataset)) + repr(dataset["train"]) + str(dataset.evaluation_protocol))
    captured = capsys.readouterr()
    assert not reveals(captured.out + captured.err)


def test_a_table_of_identifiers(tmp_path, read, save_png, grey, capsys):
    rows = ["path,label,patient,name"]
    for number in range(40):
        save_png(tmp_path / f"{number}.png", grey(number))
        patient = IDENTIFIER if number < 4 else f"other-{number // 2}"
        rows.append(f"{number}.png,{('normal', 'ill')[number // 2 % 2]},{patient},{NAME}")
    (tmp_path / "a.csv").write_text("\n".join(rows))
    dataset = read(tmp_path / "a.csv", positive="ill")
    assert len(set(dataset["unseen"].patients.tolist())) == 19
    assert not reveals(pickle.dumps(dataset).decode("latin-1") + " ".join(dataset.findings.lines()))
    captured = capsys.readouterr()
    assert not reveals(captured.out + captured.err)
    with pytest.raises(InputError) as refusal:
        read(tmp_path / "a.csv", positive="ill", subgroups="patient")
    assert not reveals(str(refusal.value))


def test_errors_of_dicom_files_quote_no_element(tmp_path, write_dicom, grey, capsys):
    file = write_dicom(tmp_path / "a.dcm", grey(0), **TAGS, StudyDate="18450327")
    content = file.read_bytes()
    lines = []
    for start in range(132, len(content) - 256, 7):
        damaged = content[:start] + b"\xff\xfe\x00" + content[start + 3 :]
        try:
            read_dicom(damaged)
        except InputError as error:
            lines.append(str(error))
    assert len(lines) > 20
    assert not any(map(reveals, lines))
    captured = capsys.readouterr()
    assert not reveals(captured.out + captured.err)


def test_only_pixels_are_returned(tmp_path, write_dicom, grey):
    pixels = read_dicom(write_dicom(tmp_path / "a.dcm", grey(0), **TAGS))
    assert type(pixels) is np.ndarray
    assert pixels.tobytes() == grey(0).tobytes()


def test_an_anonymized_folder_names_one_patient(tmp_path, read, write_dicom, grey):
    rows = ["path,label"]
    for number in range(40):
        label = ("normal", "ill")[number % 2]
        (tmp_path / "set" / label).mkdir(parents=True, exist_ok=True)
        write_dicom(tmp_path / "set" / label / f"{number}.dcm", grey(number), PatientID="ANONYMOUS")
        rows.append(f"set/{label}/{number}.dcm,{label}")
    with pytest.raises(InputError, match=r"found 1: all images name the same patient, .* pass --patient path"):
        require_training_images(read(tmp_path / "set", positive="ill"))
    (tmp_path / "a.csv").write_text("\n".join(rows))
    dataset = read(tmp_path / "a.csv", positive="ill", patient="path")
    require_training_images(dataset)
    assert len(set(dataset["unseen"].patients.tolist())) == 40


def test_an_archive_of_dicom_files(dicom_folder, tmp_path, read):
    archive = shutil.make_archive(str(tmp_path / "set"), "zip", dicom_folder)
    assert len(set(read(archive, positive="ill")["unseen"].patients.tolist())) == 20
