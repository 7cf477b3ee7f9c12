"""`plexus predict` with several arguments, some of which cannot be read."""

import json
from pathlib import Path

import pytest

import plexus
from plexus import InputError
from plexus.cli import main
from plexus.inference.limits import InputLimits

MODELS = Path(__file__).parents[2] / "models"
REVIEWS, DIGITS = str(MODELS / "sentiment.classify/reviews"), str(MODELS / "vision.classify/digits")
FRAUD, GAME = str(MODELS / "fraud.detect/simulated"), str(MODELS / "games.play/cartpole")
PAYMENT = '{"time": 1709300000, "customer": "5", "terminal": "7", "amount": 12.5}'


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working folder, with readable and unreadable inputs."""
    from plexus_apps.image_recognition.app import draw_photo

    monkeypatch.chdir(tmp_path)
    draw_photo(tmp_path / "a.png")
    (tmp_path / "good.txt").write_text("a great film\n")
    (tmp_path / "zero.txt").write_bytes(b"a\0b")
    (tmp_path / "blank.txt").write_text("\n\n")
    (tmp_path / "good.csv").write_text("text,id\na great film,1\n")
    (tmp_path / "pay.csv").write_text("time,customer,terminal,amount\n1709300000,5,7,12.5\n")
    (tmp_path / "five.json").write_text("5")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("bundle", "good", "bad", "reason"),
    [
        (REVIEWS, "good.txt", "zero.txt", "zero.txt is not text: byte 1 is 0"),
        (REVIEWS, "good.txt", "blank.txt", "blank.txt has no inputs: fill it, or leave it out"),
        (REVIEWS, "good.csv", "missing.csv", "missing.csv: there is no such file"),
        (REVIEWS, "good.csv", f"{'x' * 300}.csv", f"cannot use {'x' * 300}.csv: File name too long"),
        (DIGITS, "a.png", "empty", "empty has no images"),
        (FRAUD, "pay.csv", "missing.csv", "missing.csv: there is no such file"),
        (FRAUD, PAYMENT, "[", "[: expected a transaction as a JSON object"),
        (FRAUD, PAYMENT, "[" * 100_000, "[[[["),
        (GAME, "[0, 0, 0, 0]", "five.json", "five.json: expected a list of observations"),
        (GAME, "[0, 0, 0, 0]", "[" * 100_000, "[[[["),
    ],
)
def test_an_argument_that_cannot_be_read_is_named_and_the_others_are_answered(here, capsys, bundle, good, bad, reason):
    for arguments in ([good, bad], [bad, good]):
        assert main(["predict", bundle, *arguments, "--json"]) == 2
        output = capsys.readouterr()
        results = json.loads(output.out)
        assert [list(result)[1] for result in results] == ["answer" if name == good else "error" for name in arguments]
        (refused,) = (result for result in results if "error" in result)
        assert refused["input"] == bad
        assert refused["error"].startswith(reason)
        assert [line for line in output.err.splitlines() if reason in line] == [f"plexus: {refused['error']}"]


def test_if_no_argument_can_be_read_each_is_named(here, capsys):
    assert main(["predict", REVIEWS, "zero.txt", "blank.txt"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert [line.split()[1] for line in output.err.splitlines()] == ["zero.txt", "blank.txt"]


@pytest.mark.parametrize(
    ("name", "content", "answers"),
    [
        ("a.txt", "a great film\r\n\na dull film", ["line 1", "line 3"]),
        ("A.TXT", "a great film", ["line 1"]),
        ("a.text", "a great film", ["line 1"]),
        ("plain", "a great film\na\u2028dull film\n", ["line 1", "line 2"]),
        ("a.json", '[{"text": "a great film"}, {"text": "a dull film"}]', ["row 1", "row 2"]),
        ("a.html", "<p>good</p>", "a.html is a file, but no text file: pass a .txt with one text per line"),
        ("a.csv.zip", "PK", "a.csv.zip is an archive: unpack it, and pass the files in it"),
        ("a.tar.gz", "", "a.tar.gz is an archive: unpack it"),
        ("folder", None, "folder is a folder: pass the .txt files in it"),
        ("a\0b", ..., ["a\\x00b"]),
        ("missing.txt", ..., "cannot read missing.txt: No such file"),
        ("missing.tar.gz", ..., "cannot read missing.tar.gz: No such file"),
        ("i read it in reviews.zip", ..., ["i read it in reviews.zip"]),
        ("word " * 1000, ..., ["word " * 1000]),
        (". .", ..., [". ."]),
    ],
)
def test_a_text_is_read_from_the_file_of_that_name_or_refused(here, capsys, name, content, answers):
    if content is None:
        (here / name).mkdir()
    elif content is not ...:
        (here / name).write_text(content, newline="")
    refused = isinstance(answers, str)
    assert main(["predict", REVIEWS, name]) == (2 if refused else 0)
    output = capsys.readouterr()
    if refused:
        assert output.err.startswith(f"plexus: {answers}")
        assert output.err.count("\n") == 1
    else:
        prefix = "" if content is ... else f"{name} "
        assert [line.split("  ")[0].strip() for line in output.out.splitlines()] == [
            f"{prefix}{answer}".strip() for answer in answers
        ]


def test_the_name_of_a_file_is_a_text_on_standard_input(here, capsys, monkeypatch):
    monkeypatch.setattr("plexus.data.text_arguments.read_standard_input_text", lambda: "empty\n\ngood.csv\n")
    assert main(["predict", REVIEWS, "-"]) == 0
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == ["line 1", "line 2", "line 3"]


def test_a_text_that_is_too_long_is_named_and_the_others_are_answered(here, capsys):
    most = int(InputLimits().characters)
    (here / "long.txt").write_text(f"a great film\n{'x' * (most + 1)}\n")
    assert main(["predict", REVIEWS, "long.txt", "good.txt"]) == 2
    output = capsys.readouterr()
    assert [line.split("  ")[0] for line in output.out.splitlines()] == ["long.txt line 1", "good.txt line 1"]
    assert output.err == (
        f"plexus: long.txt line 2: the text has {most + 1:,} characters, expected at most {most:,}: split it\n"
    )


def test_a_text_that_is_too_long_is_not_explained(tmp_path):
    with pytest.raises(InputError, match="expected at most 2,000,000"):
        plexus.load(REVIEWS).explain("x" * 2_000_001, tmp_path / "a.html")


@pytest.mark.parametrize("bad", [("x.jsonl",), ("x.xlsx", "--explain"), ("folder",), (".",)])
def test_a_path_to_which_nothing_would_be_written_is_refused(here, capsys, bad):
    for argument in ("good.csv", "a great film"):
        before = sorted(here.iterdir())
        assert main(["predict", REVIEWS, argument, "--out", *bad]) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err == (
            f"plexus: --out {bad[0]}: expected a file that ends in .csv for the predictions of a table, or with "
            "--explain a folder\n"
        )
        assert sorted(here.iterdir()) == before


def test_rows_are_written_to_a_csv_and_explanations_to_a_folder(here):
    assert main(["predict", REVIEWS, "good.csv", "--out", "Scored.CSV"]) == 0
    assert (here / "Scored.CSV").read_text().startswith("text,id,label,")
    (here / "run.1").mkdir()
    for folder in ("run.1", "why"):
        assert main(["predict", REVIEWS, "good", "--explain", "--out", folder]) == 0
        assert [file.name for file in (here / folder).iterdir()] == ["good.explained.html"]


def test_a_text_that_is_longer_than_a_file_name_is_explained(here, capsys):
    assert main(["predict", REVIEWS, "good film " * 40, "--explain", "--out", "why"]) == 0
    assert [file.name for file in (here / "why").iterdir()] == [
        "good-film-good-film-good-film-good-film.explained.html"
    ]
