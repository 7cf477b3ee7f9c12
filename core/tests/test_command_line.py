"""The command line: quick to start, one line for what is wrong."""

import json
import subprocess
import sys
import time

import pytest

from plexus import InputError
from plexus.cli.parser import Parser, add_options
from plexus_vision.options import ClassifyOptions

HEAVY = "cv2 jax keras matplotlib numpy onnxruntime polars pydantic rich sklearn tensorflow torch yaml"


@pytest.mark.alone
@pytest.mark.parametrize(("arguments", "budget"), [(["--help"], 0.3), (["list"], 0.5)])
def test_start_is_quick_and_light(arguments, budget):
    program = (
        "import sys, plexus.cli\n"
        "try: plexus.cli.main(sys.argv[2:])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)"
    )
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", program, HEAVY, *arguments], capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
    assert "train" in done.stdout or "tasks" in done.stdout
    assert done.stderr == "[]\n"
    assert min(seconds) <= budget


def parse(*argv):
    parser = Parser(prog="plexus")
    commands = parser.add_subparsers(dest="command")
    add_options(commands.add_parser("train"), ClassifyOptions)
    given = vars(parser.parse(["train", *argv]))
    del given["command"]
    return ClassifyOptions.parse(given)


def test_flags_are_the_options():
    given = parse("--epochs", "3", "--learning-rate", "0.5", "--strict", "--no-batch-normalization", "--size", "20")
    assert (given.epochs, given.learning_rate, given.strict, given.size) == (3, 0.5, True, 20)
    assert not given.batch_normalization
    assert given.seed == 0


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["--epochs", "0"], "--epochs must be greater than or equal to 1, not '0'"),
        (["--epochs", "many"], "--epochs must be a valid integer, unable to parse string as an integer, not 'many'"),
        (["--learning-rate", "-1"], "--learning-rate must be greater than 0, not '-1'"),
        (
            ["--schedule", "cosin"],
            "--schedule must be 'cosine', 'linear', 'one_cycle', 'exponential', 'plateau' or 'constant'",
        ),
        (["--learning-rte", "1"], "there is no option '--learning-rte': did you mean '--learning-rate'?"),
    ],
)
def test_an_option_that_is_wrong_is_named_with_its_bounds(argv, line):
    with pytest.raises(InputError) as error:
        parse(*argv)
    assert str(error.value).startswith(line)


def test_yaml_and_flags(plexus, tmp_path, refused):
    (tmp_path / "a.yaml").write_text("epochs: 0\n")
    assert "--epochs must be" in refused("train", "vision.classify", "--config", "a.yaml")
    (tmp_path / "b.yaml").write_text("epoch: 3\n")
    assert "did you mean 'epochs'" in refused("train", "vision.classify", "--config", "b.yaml")
    (tmp_path / "c.yaml").write_text("just text")
    assert "c.yaml" in refused("train", "vision.classify", "--config", "c.yaml")


def test_what_is_not_there(refused, tmp_path):
    assert "did you mean 'fashion_mnist'" in refused("train", "vision.classify", "--data", "fashionmnist")
    assert "there is no such file or folder" in refused("train", "vision.classify", "--data", "no/such")
    assert "did you mean 'vision.classify'" in refused("train", "vision.clasify")
    assert "is not a bundle" in refused("predict", tmp_path, "x.png")
    assert "is not a run" in refused("train", "--resume", tmp_path)


def test_list_as_json(plexus):
    listed = json.loads(plexus("list", "--json").stdout)
    assert set(listed) == {"tasks", "data", "apps", "models"}
    assert "vision.classify" in listed["tasks"]


def test_doctor_tells_versions_and_devices(plexus):
    told = json.loads(plexus("doctor", "--json").stdout)
    assert "cpu" in told["devices"]
    assert told["plugins"]["vision"] == "ok"
    assert {"keras", "numpy", "onnxruntime"} <= set(told["versions"])


def test_data_are_checked_before_they_are_learned_from(plexus, refused, tmp_path):
    rows = [f"a {word} film {n},{label}" for n in range(30) for word, label in (("good", "pos"), ("bad", "neg"))]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows, " ,pos"]) + "\n")
    (tmp_path / "b.csv").write_text("\n".join(["text,label", *(row.upper().lower() for row in rows[:40])]) + "\n")
    done = plexus("data", "check", "sentiment.classify", "--data", "a.csv", "--against", "b.csv", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert sum(result["examples"].values()) == 60
    assert result["labels"] == {"pos": 30, "neg": 30}
    assert result["findings"] == ["1 empty texts were dropped: a.csv train, text 61"]
    assert result["repeated"]["test in train"]["repeated"] == 0
    found = [result["repeated"][f"b.csv {split} in a.csv train"] for split in ("train", "val", "test")]
    assert sum(line["examples"] for line in found) == 40
    assert sum(line["repeated"] for line in found) > 25
    assert "50 train, 2 val, 8 test" in plexus("data", "check", "sentiment.classify", "--data", "a.csv").stdout
    assert "there is no such file" in refused("data", "check", "sentiment.classify", "--data", "c.csv")
    line = refused("data", "check", "games.play", "--data", "CartPole-v1", "--against", "b.csv")
    assert "learns from no examples" in line
