"""Command line: start-up time, options, and one-line errors for invalid input."""

import json
import re
import subprocess
import sys
import time

import pytest

import plexus
from plexus import InputError, Options
from plexus.cli import main
from plexus.cli.parser import Parser, add_options, passed_options
from plexus.plugins.registry import registry
from plexus_apps.image_recognition.app import draw_photo
from plexus_vision.options import ClassifyOptions

SLOW_IMPORTS = "cv2 jax keras matplotlib numpy onnxruntime polars pydantic rich sklearn tensorflow torch yaml"


@pytest.mark.alone
@pytest.mark.parametrize(("arguments", "budget"), [(["--version"], 0.3), (["--help"], 0.5), (["list"], 0.5)])
def test_start_is_quick_and_light(arguments, budget, slowdown):
    program = (
        "import sys, plexus.cli\n"
        "try: plexus.cli.main(sys.argv[2:])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)"
    )
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", program, SLOW_IMPORTS, *arguments], capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
    assert {"--version": "plexus 0", "--help": "train a task", "list": "tasks"}[arguments[0]] in done.stdout
    assert done.stderr == "[]\n"
    assert min(seconds) <= budget * slowdown


def parse(*argv):
    parser = Parser(prog="plexus train")
    add_options(parser, ClassifyOptions, "options of vision.classify")
    return ClassifyOptions.parse(passed_options(parser.parse(argv)))


def test_flags_are_the_options():
    options = parse("--epochs", "3", "--learning-rate", "0.5", "--strict", "--no-batch-normalization", "--size", "20")
    assert (options.epochs, options.learning_rate, options.strict, options.size) == (3, 0.5, True, 20)
    assert not options.batch_normalization
    assert options.seed == 0


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["--epochs", "0"], "--epochs must be greater than or equal to 1, not '0'"),
        (["--epochs", "many"], "--epochs must be a valid integer, unable to parse string as an integer, not 'many'"),
        (["--learning-rate", "-1"], "--learning-rate must be greater than 0, not '-1'"),
        (
            ["--schedule", "cosin"],
            "--schedule must be 'cosine', 'cycles', 'linear', 'one_cycle', 'exponential', 'plateau' or 'constant'",
        ),
        (["--learning-rte", "1"], "there is no option '--learning-rte': did you mean '--learning-rate'?"),
    ],
)
def test_an_invalid_option_is_named_with_its_bounds(argv, line):
    with pytest.raises(InputError) as error:
        parse(*argv)
    assert str(error.value).startswith(line)


@pytest.mark.slow
def test_yaml_and_flags(plexus, tmp_path, refused):
    (tmp_path / "a.yaml").write_text("epochs: 0\n")
    assert "--epochs must be" in refused("train", "vision.classify", "--config", "a.yaml")
    (tmp_path / "b.yaml").write_text("epoch: 3\n")
    assert "did you mean 'epochs'" in refused("train", "vision.classify", "--config", "b.yaml")
    (tmp_path / "c.yaml").write_text("just text")
    assert "c.yaml" in refused("train", "vision.classify", "--config", "c.yaml")


def help_of(capsys, *argv):
    with pytest.raises(SystemExit):
        main([*argv, "--help"])
    return capsys.readouterr().out


def test_help_lists_the_options_of_the_named_task(capsys):
    """The task is the argument TASK, not any word that is the name of a task."""
    text = help_of(capsys, "train", "--out", "speech.commands", "vision.classify")
    assert "options of vision.classify" in text
    assert "--label-smoothing" in text
    titles = ["options of vision.classify:", "data:", "training:", "optimizer:", "hardware:"]
    titled = [line for line in text.splitlines() if line in titles]
    assert titled == titles
    flags = ["--label-smoothing X", "--from S", "--seed N", "--schedule S", "--devices S"]
    places = [text.index(part) for pair in zip(titles, flags, strict=True) for part in pair]
    assert places == sorted(places)
    assert text.startswith("usage: plexus train [TASK] [options]\n")
    assert re.search(
        r"--schedule S Learning-rate schedule: cosine, .* constant\. \[default: cosine\]", " ".join(text.split())
    )
    assert "speech" not in text
    assert "--label-smoothing" not in help_of(capsys, "train")
    assert "--seed" in help_of(capsys, "train")
    assert "--seed" not in help_of(capsys, "predict")


@pytest.mark.parametrize("task", sorted(registry().entries("tasks")))
def test_help_fits_80_columns_and_each_option_is_in_one_group(task, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = help_of(capsys, "train", task).splitlines()
    assert max(map(len, lines)) <= 80
    options = registry().task(task).options
    groups = options.fields_by_group("own")
    names = [name for fields in groups.values() for name in fields]
    assert sorted(names) == sorted(options.model_fields)
    assert list(groups) == ["own", *Options.groups]
    assert groups["own"].keys() == options.model_fields.keys() - Options.model_fields.keys()


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["trian"], "there is no command 'trian': did you mean 'train'"),
        (["train"], "missing argument TASK"),
        (["train", "--epochs", "0", "vision.classify"], "--epochs must be greater than or equal to 1, not '0'"),
        (["train", "vision.classify", "digits"], "unexpected argument 'digits': see plexus train --help"),
        (["train", "--label-smoothing", "0.2", "vision.classify"], "like --label-smoothing, come after its name"),
        (["train", "vision.classify", "--beam-width", "3"], "there is no option '--beam-width'"),
        (["predict"], "the following arguments are required: BUNDLE"),
        (["predict", "vision.classify/nmist", "a.png"], "there is no model 'vision.classify/nmist': did you mean"),
        (["predict", "vision.classify/mnist"], "missing argument INPUT"),
        (["predict", "vision.classify/mnist", "a.png", "--top", "3"], "there is no option '--top'"),
        (["export", "vision.classify/mnist", "--format", "onx"], "invalid choice: 'onx'"),
        (["plugins", "new"], "missing argument NAME"),
        (["plugins", "check", "visoin"], "did you mean 'vision'"),
    ],
)
def test_wrong_arguments(argv, line, capsys):
    assert main(argv) == 2
    output = capsys.readouterr()
    assert line in output.err
    assert output.err.startswith("plexus: ")
    assert output.err.count("\n") == 1
    assert output.out == ""


@pytest.mark.slow
def test_flags_and_inputs_come_in_any_order(capsys, tmp_path, monkeypatch):
    """Shipped models are found by name from any directory."""
    monkeypatch.chdir(tmp_path)
    photos = [draw_photo(tmp_path / f"{name}.png") for name in "ab"]
    argv = ["predict", "--json", "vision.classify/digits", "a.png", "--out", "why", "--explain", "b.png"]
    assert main(argv) == 0
    results = json.loads(capsys.readouterr().out)
    assert [result["input"] for result in results] == [photo.name for photo in photos]
    assert [set(result) for result in results] == [{"input", "answer", "text", "explanation"}] * 2
    assert sorted(file.name for file in (tmp_path / "why").iterdir()) == ["a.explained.png", "b.explained.png"]


@pytest.mark.slow
def test_shipped_models_by_name(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", "vision.classify/digits", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result) == {"bundle", "data", "examples", "score", "scores"}
    assert result["score"] == plexus.load("vision.classify/digits").score
    assert main(["export", "vision.classify/digits", "--format", "onnx", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == "digits-onnx.onnx"
    assert (tmp_path / "digits-onnx.onnx").is_file()


@pytest.mark.slow
def test_missing_data_tasks_bundles_and_runs(refused, tmp_path):
    assert "did you mean 'fashion_mnist'" in refused("train", "vision.classify", "--data", "fashionmnist")
    assert "there is no such file or folder" in refused("train", "vision.classify", "--data", "no/such")
    assert "did you mean 'vision.classify'" in refused("train", "vision.clasify")
    assert "is not a bundle" in refused("predict", tmp_path, "x.png")
    assert "is not a run" in refused("train", "--resume", tmp_path)


def test_a_missing_extra_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "plexus.serve.server", raising=False)
    assert main(["serve", "vision.classify/digits"]) == 2
    line = "plexus: this needs uvicorn, which is not installed: pip install 'plexus-core[serve]'\n"
    assert capsys.readouterr().err == line


def test_list_as_json(plexus):
    document = json.loads(plexus("list", "--json").stdout)
    assert set(document) == {"tasks", "data", "apps", "models"}
    assert "vision.classify" in document["tasks"]


@pytest.mark.slow
def test_doctor_reports_versions_and_devices(plexus):
    report = json.loads(plexus("doctor", "--json").stdout)
    assert "cpu" in report["devices"]
    assert report["plugins"]["vision"] == "ok"
    assert {"keras", "numpy", "onnxruntime"} <= set(report["versions"])


@pytest.mark.slow
def test_data_check_reports_findings_and_duplicates(plexus, refused, tmp_path):
    rows = [f"a {word} film {n},{label}" for n in range(30) for word, label in (("good", "pos"), ("bad", "neg"))]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows, " ,pos"]) + "\n")
    (tmp_path / "b.csv").write_text("\n".join(["text,label", *(row.upper().lower() for row in rows[:40])]) + "\n")
    done = plexus("data", "check", "sentiment.classify", "--data", "a.csv", "--against", "b.csv", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert sum(result["examples"].values()) == 60
    assert result["labels"] == {"pos": 30, "neg": 30}
    assert result["findings"] == ["1 empty text was dropped: a.csv train, text 61"]
    assert result["repeated"]["test in train"]["repeated"] == 0
    counts = [result["repeated"][f"b.csv {split} in a.csv train"] for split in ("train", "val", "test")]
    assert sum(count["examples"] for count in counts) == 40
    assert sum(count["repeated"] for count in counts) > 25
    assert "50 train, 2 val, 8 test" in plexus("data", "check", "sentiment.classify", "--data", "a.csv").stdout
    assert "there is no such file" in refused("data", "check", "sentiment.classify", "--data", "c.csv")
    line = refused("data", "check", "games.play", "--data", "CartPole-v1", "--against", "b.csv")
    assert "learns from no examples" in line
