"""Which named data sets each task reads, and the line that refuses the others."""

import pytest

from plexus import InputError, NamedDataset
from plexus.cli import main
from plexus.plugins.registry import registry

IMAGES = ["cifar10", "digits", "drawn_faces", "drawn_xrays", "fashion_mnist", "mnist", "pneumoniamnist", "usps"]
TABLES = ["banknote_authentication", "breast_cancer", "diabetes", "german_credit", "pima_diabetes", "wine"]
WORDS = ["fsdd", "speech_commands", "spoken"]
SETS = {
    "clustering.deep": sorted([*IMAGES, "breast_cancer", "clustering_benchmark", "diabetes", "drawn_shapes", "wine"]),
    "faces.recognize": ["drawn_faces", "orl_faces"],
    "fraud.detect": ["creditcard", "fraud_handbook", "simulated"],
    "language.translate": ["number_words", "tatoeba_fra_eng"],
    "medical.classify": ["drawn_xrays", "pneumoniamnist"],
    "sentiment.classify": ["imdb", "phrases", "rt_polarity", "sst2", "tweets"],
    "speech.commands": WORDS,
    "speech.transcribe": WORDS,
    "tables.classify": TABLES,
    "tables.diagnose": TABLES,
    "tables.regress": TABLES,
    "tables.risk": TABLES,
    "vision.classify": IMAGES,
    "vision.detect": ["bccd", "drawn_shapes"],
    "vision.pretrain": sorted([*IMAGES, "drawn_shapes"]),
}
EMBEDDED = [
    "breast_cancer",
    "diabetes",
    "digits",
    "drawn_faces",
    "drawn_shapes",
    "drawn_xrays",
    "number_words",
    "phrases",
    "simulated",
    "spoken",
    "wine",
]
FILES = ["bccd", "cifar10", "fashion_mnist", "mnist", "pneumoniamnist", "rt_polarity", "usps"]
TWO_LABELS = ["tables.diagnose", "tables.risk"]
OTHER_TARGET = {
    **{id: {"diabetes": "sex"} for id in ("tables.classify", *TWO_LABELS)},
    "tables.regress": {"breast_cancer": "mean area", "wine": "alcohol"},
}
"""Columns to predict where the last one has another kind of target."""


@pytest.fixture
def no_reads(monkeypatch):
    """Fail if a data set is downloaded or read."""
    for name in ("fetch", "fetch_file", "read_arrays"):
        monkeypatch.setattr(NamedDataset, name, lambda *arguments: pytest.fail("the data set is read"))


def test_the_data_sets_that_each_task_reads():
    for id in ["games.board", "games.play", *SETS]:
        assert registry().task_datasets(id) == SETS.get(id, []), id


@pytest.mark.parametrize("id", SETS)
def test_each_data_set_is_readable_or_refused(id, no_reads):
    task = registry().task(id)
    sets = {name for names in SETS.values() for name in names}
    assert sets <= set(registry().entries("data"))
    for name in sets:
        if name in SETS[id]:
            assert task.locate(name) is registry().dataset(name)
            continue
        readers = ", ".join(other for other in SETS if name in SETS[other])
        with pytest.raises(InputError) as error:
            task.locate(name)
        assert str(error.value) == (
            f"{id} cannot read the data set {name!r}, which is for {readers}; data sets of {id}: {', '.join(SETS[id])}"
        )


@pytest.mark.parametrize(
    ("id", "data", "name"),
    [
        ("vision.classify", "banknote_authentication", "banknote_authentication"),
        ("vision.detect", "digits", "digits"),
        ("clustering.deep", "spoken", "spoken"),
        ("sentiment.classify", "digits", "digits"),
        ("sentiment.classify", "phrases,digits", "digits"),
        ("speech.commands", "digits", "digits"),
        ("speech.commands", "simulated", "simulated"),
        ("speech.transcribe", "digits-strings", "digits"),
        ("language.translate", "phrases", "phrases"),
        ("tables.regress", "creditcard", "creditcard"),
    ],
)
def test_a_training_on_data_of_another_task_is_refused(id, data, name, no_reads, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for command in (["train"], ["data", "check"], ["tune"]):
        assert main([*command, id, "--data", data]) == 2
        line = capsys.readouterr().err
        assert f"{id} cannot read the data set {name!r}, which is for " in line
        assert line.endswith(f"; data sets of {id}: {', '.join(SETS[id])}\n")
        assert line.count("\n") == 1


def test_an_evaluation_on_data_of_another_task_is_refused(no_reads, capsys):
    assert main(["evaluate", "vision.classify/digits", "--data", "simulated"]) == 2
    assert (
        "vision.classify cannot read the data set 'simulated', which is for fraud.detect; " in capsys.readouterr().err
    )


@pytest.mark.parametrize(("id", "name"), [(id, name) for id in SETS for name in EMBEDDED if name in SETS[id]])
@pytest.mark.slow
def test_data_sets_without_files_are_read(id, name):
    _check(id, name)


@pytest.mark.parametrize(("id", "name"), [(id, name) for id in SETS for name in FILES if name in SETS[id]])
@pytest.mark.slow
@pytest.mark.data
def test_data_sets_of_files_are_read(id, name):
    _check(id, name)


def _check(id, name):
    task = registry().task(id)
    data = f"{name}-strings" if id == "speech.transcribe" else name
    target = OTHER_TARGET.get(id, {}).get(name)
    options = task.options.parse({"data": data, **({"target": target} if target else {})})
    dataset = task.load_dataset(options)
    assert dataset.count("train")
    if name == "wine" and id in TWO_LABELS:
        with pytest.raises(InputError, match=r"wine: expected a target with two labels, .* use tables\.classify"):
            task.check_dataset(dataset, options)
    else:
        task.check_dataset(dataset, options)


def test_words_are_no_texts(no_reads):
    task = registry().task("speech.transcribe")
    with pytest.raises(InputError, match="fsdd: expected sentences, found words: pass --data fsdd-strings"):
        task.load_dataset(task.options.parse({"data": "fsdd"}))


def test_images_are_unlabelled_whatever_their_labels_are():
    task = registry().task("vision.classify")
    assert task.locate_unlabelled("drawn_shapes") is registry().dataset("drawn_shapes")
