"""Bundles of anyone: whatever is changed in one, the answer is one line.

`PLEXUS_FUZZ=4000` changes that many bytes and fields of every bundle; by default it is a sample.
"""

import json
import math
import os
import random
import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import plexus
from plexus import InputError
from plexus.cli import main
from plexus.inference import onnx as onnx_module
from plexus.inference.onnx import OnnxPredictor
from plexus.utils.checked_json import dump_checked_json, parse_json
from plexus.utils.user_settings import without_data_folder

MODELS = Path(__file__).parents[2] / "models"
COUNT = int(os.environ.get("PLEXUS_FUZZ", "0"))
FLIPS, CHANGES = COUNT or 120, COUNT or 25
INPUTS = {
    "clustering.deep/mnist": "a.png",
    "fraud.detect/simulated": '{"time": 1709300000, "customer": "5", "terminal": "7", "amount": 12.5}',
    "games.board/tic_tac_toe": "x(1,1)",
    "games.play/cartpole": "[0, 0.1, 0.02, -0.3]",
    "sentiment.classify/reviews_small": "a warm, funny film",
    "speech.commands/digits": "a.wav",
    "speech.transcribe/digits": "a.wav",
    "vision.classify/digits": "a.png",
}
VALUES = [
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**30,
    1e308,
    -0.5,
    "",
    "x",
    "\x1b[2J",
    "../../etc/passwd",
    "é" * 300,
    [],
    {},
]
VALUES += [[None], [[]], {"a": 1}, ["x"] * 1000, [0], [1e308, -1e308]]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working folder, with an image and a recording."""
    import soundfile

    from plexus_apps.image_recognition.app import draw_photo

    monkeypatch.chdir(tmp_path)
    draw_photo(tmp_path / "a.png")
    waves = np.sin(np.arange(8000) * 2 * math.pi * 300 / 8000) * np.hanning(8000)
    soundfile.write(tmp_path / "a.wav", waves, 8000)
    return tmp_path


def copy_of(name, folder):
    return Path(shutil.copytree(MODELS / name, folder / name.replace("/", "."), dirs_exist_ok=True))


def open_all(folder):
    bundle = plexus.load(folder)
    bundle.predictor.open()
    return bundle.codec


def refuse(folder):
    """Return why a bundle is refused, when it is opened or when its parts are read."""
    with pytest.raises(InputError) as error:
        open_all(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_paths_of_named_data_are_those_below_their_folder(monkeypatch):
    monkeypatch.setenv("PLEXUS_DATA", "/home/me/data")
    line = "1 file is no text and was left out: /home/me/data/imdb/train.tar.gz:README"
    assert without_data_folder(line) == "1 file is no text and was left out: imdb/train.tar.gz:README"
    assert without_data_folder("1 row: /home/me/database.csv") == "1 row: /home/me/database.csv"


def test_findings_of_shipped_bundles_have_no_path_of_a_machine():
    for file in sorted(MODELS.glob("*/*/bundle.json")):
        findings = json.loads(file.read_text())["data"]["findings"]
        assert not [line for line in findings if re.search(r"[ ;]/|[A-Z]:\\", line)], file


@pytest.mark.slow
def test_shipped_bundles_are_valid():
    for file in sorted(MODELS.glob("*/*/bundle.json")):
        bundle = plexus.load(file.parent)
        bundle.predictor.open()
        assert bundle.codec.to_json().keys() == bundle.manifest["codec"].keys()


def test_shipped_models_are_in_the_wheels_of_their_plugins():
    for file in sorted(MODELS.glob("*/*/bundle.json")):
        task, plugin = file.parent.parent.name, json.loads(file.read_text())["plugin"]["name"]
        project = tomllib.loads((MODELS.parent / "plugins" / plugin / "pyproject.toml").read_text())
        wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
        assert wheel["force-include"][f"../../models/{task}"] == f"plexus_{plugin}/models/{task}"


@pytest.mark.slow
def test_no_flipped_byte_of_any_file_is_accepted(tmp_path):
    folder, numbers = copy_of("games.play/cartpole", tmp_path), random.Random(0)
    for file in sorted(folder.iterdir()):
        content = bytearray(file.read_bytes())
        for _ in range(FLIPS):
            place, bit = numbers.randrange(len(content)), 1 << numbers.randrange(8)
            content[place] ^= bit
            file.write_bytes(content)
            content[place] ^= bit
            assert refuse(folder)
        file.write_bytes(content[: len(content) // 2])
        assert refuse(folder)
        file.write_bytes(b"")
        assert refuse(folder)
        file.write_bytes(content)
    assert plexus.load(folder)


def leaves(value, path=()):
    """Return the places of all values in JSON, of long lists some."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))


def change(manifest, place, value):
    for key in place[:-1]:
        manifest = manifest[key]
    if value is ...:
        del manifest[place[-1]]
    else:
        manifest[place[-1]] = value


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(INPUTS))
def test_any_content_with_the_right_checksum_is_one_line(name, here, edit_manifest, capfd):
    folder, numbers = copy_of(name, here), random.Random(1)
    original = (folder / "bundle.json").read_bytes()
    places = [place for place in leaves(json.loads(original)) if place and place[0] not in {"sha256", "files"}]
    codec = [place for place in places if place[0] == "codec"]
    for number in range(CHANGES):
        place = numbers.choice(codec if number % 2 else places)
        value = numbers.choice([*VALUES, ...])
        (folder / "bundle.json").write_bytes(original)
        edit_manifest(folder, lambda manifest, place=place, value=value: change(manifest, place, value))
        status = main(["predict", str(folder), INPUTS[name]])
        output = capfd.readouterr()
        assert "\x1b" not in output.out + output.err
        assert status in (0, 2), (place, value, output.err)
        assert output.err.count("\n") == (status == 2), (place, value, output.err)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "nested more than 200 deep"),
        (b'{"a": NaN}', "not JSON compliant"),
        (b'{"a": 1e999}', "not JSON compliant"),
        (b'{"a": "\\ud800"}', "surrogates not allowed"),
        (b'{"a": ' + b"9" * 5000 + b"}", "integer string conversion"),
        (b"\xff\xfe", "codec can't decode"),
        (b"[]", "holds a JSON list"),
        (b"", "Expecting value"),
        (b'{"format": 1}', "format 1, this Plexus reads 2: train the model again"),
        (b'{"format": 3}', "format 3, this Plexus reads 2: update Plexus"),
        (b'{"format": 2}', "has no checksum of its content"),
        (dump_checked_json({"format": 2}), "task: Field required"),
        (dump_checked_json({"format": True}), "has format True"),
    ],
)
def test_a_manifest_of_anything(tmp_path, document, reason):
    (tmp_path / "bundle.json").write_bytes(document)
    assert reason in refuse(tmp_path)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("scores", "mean_return"), "high", "scores.mean_return"),
        (("networks",), ["../x"], "networks"),
        (("epochs",), -1, "epochs"),
        (("options", "data"), 7, "options: the option 'data'"),
        (("files", "README.md"), ..., "files: expected README.md"),
        (("files", "/etc/passwd"), "0" * 64, "files: expected README.md"),
        (("plugin", "distribution"), "x; rm -rf /", "plugin.distribution"),
        (("plugin",), [], "plugin: expected"),
        (("task",), "../x", "task: "),
        (("more",), 1, "more: Extra inputs are not permitted"),
        (("codec", "action", "size"), 0, "codec: action.size: expected"),
        (("codec", "action", "low"), [0], "codec: environment"),
    ],
)
def test_a_field_with_another_value_is_named(tmp_path, edit_manifest, place, value, reason):
    folder = copy_of("games.play/cartpole", tmp_path)
    if place[:2] == ("codec", "action") and place[2] == "low":
        place, value = ("codec", "environment"), []
    edit_manifest(folder, lambda manifest: change(manifest, place, value))
    assert reason in refuse(folder)


def test_a_damaged_bundle_among_others_is_listed_as_such(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(MODELS / "games.play/cartpole", tmp_path / "models/games.play/aaa")
    (tmp_path / "models/games.play/aaa/bundle.json").write_text("{")
    assert main(["list", "models", "--json"]) == 0
    models = json.loads(capsys.readouterr().out)["models"]
    assert models["games.play/aaa"].startswith("cannot be used: models/games.play/aaa/bundle.json is damaged")
    assert models["games.play/cartpole"] == "mean_return 500"


@pytest.mark.parametrize("kind", ["extra", "link", "folder", "pipe", "missing", "manifest link"])
def test_only_the_regular_files_of_the_format(tmp_path, kind):
    folder = copy_of("games.play/cartpole", tmp_path)
    file = folder / ("bundle.json" if kind == "manifest link" else "network.keras")
    if kind == "extra":
        (folder / "weights.data").write_bytes(b"")
        assert "'weights.data', which is not a file of a bundle" in refuse(folder)
        return
    content = file.read_bytes()
    file.unlink()
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind.endswith("link"):
        (tmp_path / "elsewhere").write_bytes(content)
        file.symlink_to(tmp_path / "elsewhere")
    assert {"missing": "network.keras is missing"}.get(kind, "is a link or not a regular file") in refuse(folder)


@pytest.mark.parametrize("format", ["keras", "saved_model", "litert"])
def test_a_bundle_without_a_keras_file_predicts_and_is_exported_as_onnx_only(
    tmp_path, edit_manifest, monkeypatch, capsys, format
):
    """As that of a network without trainable weights."""
    monkeypatch.chdir(tmp_path)
    folder = copy_of("games.play/cartpole", tmp_path)
    edit_manifest(folder, lambda manifest: manifest["files"].pop("network.keras"))
    assert "'network.keras', which is not a file of a bundle" in refuse(folder)  # a file that is not listed
    (folder / "network.keras").unlink()
    inputs = [np.array([0, 0.1, 0.02, -0.3], np.float32)]
    assert plexus.load(folder).predict(inputs) == plexus.load("games.play/cartpole").predict(inputs)
    assert main(["export", str(folder), "--format", "onnx", "--out", "a.onnx"]) == 0
    assert Path("a.onnx").read_bytes() == (folder / "network.onnx").read_bytes()
    capsys.readouterr()
    assert main(["export", str(folder), "--format", format, "--out", "saved"]) == 2
    reason = "has no network.keras, only ONNX networks: use --format onnx"
    assert capsys.readouterr().err == f"plexus: {folder} {reason}\n"
    assert not Path("saved").exists()


@pytest.mark.parametrize(("removed", "added"), [("network.onnx", None), ("README.md", None), (None, "other.keras")])
def test_a_manifest_lists_the_files_that_a_bundle_must_and_may_have(tmp_path, edit_manifest, removed, added):
    folder = copy_of("games.play/cartpole", tmp_path)

    def edit(manifest):
        manifest["files"] = {name: digest for name, digest in manifest["files"].items() if name != removed}
        manifest["files"] |= {added: "0" * 64} if added else {}

    edit_manifest(folder, edit)
    assert "files: expected README.md, network.onnx and at most network.keras, found" in refuse(folder)


def network_of(nodes, constants=(), output_type=TensorProto.FLOAT):
    """An ONNX file with the input and the outputs of the CartPole policy."""
    inputs = [helper.make_tensor_value_info("observation", TensorProto.FLOAT, ["n", 4])]
    outputs = [helper.make_tensor_value_info(name, output_type, None) for name in ("action", "logits", "value")]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def copies_of(name):
    return [helper.make_node("Identity", [name], [output]) for output in ("action", "logits", "value")]


def endless():
    types = [("i", TensorProto.INT64), ("c", TensorProto.BOOL), ("v", TensorProto.FLOAT)]
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["more"]), helper.make_node("Add", ["v", "v"], ["sum"])],
        "body",
        [helper.make_tensor_value_info(name, kind, None if name == "v" else []) for name, kind in types],
        [
            helper.make_tensor_value_info("more", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, None),
        ],
    )
    constants = [numpy_helper.from_array(np.array(2**62), "times"), numpy_helper.from_array(np.array(True), "yes")]
    loop = helper.make_node("Loop", ["times", "yes", "observation"], ["out"], body=body)
    return network_of([loop, *copies_of("out")], constants)


def products(count, size):
    """A network that squares a matrix again and again."""
    constants = [
        numpy_helper.from_array(np.float32(1e-4), "one"),
        numpy_helper.from_array(np.array([size] * 2), "shape"),
    ]
    squares = [helper.make_node("MatMul", [f"m{n}", f"m{n}"], [f"m{n + 1}"]) for n in range(count)]
    largest = helper.make_node("ReduceMax", [f"m{count}"], ["out"])
    return network_of(
        [helper.make_node("Expand", ["one", "shape"], ["m0"]), *squares, largest, *copies_of("out")], constants
    )


def functions_of_functions():
    model = network_of([helper.make_node("f21", ["observation"], ["out"], domain="x"), *copies_of("out")])
    versions = [helper.make_opsetid("", 15), helper.make_opsetid("x", 1)]
    for number in range(22):
        kind, domain = (f"f{number - 1}", "x") if number else ("Neg", "")
        calls = [helper.make_node(kind, [a], [b], domain=domain) for a, b in (("a", "t"), ("t", "b"))]
        model.functions.append(helper.make_function("x", f"f{number}", ["a"], ["b"], calls, versions))
    model.opset_import.append(versions[1])
    return model


def conditions_of_conditions():
    def branches(depth):
        name = f"r{depth}"
        inner = {"then_branch": branches(depth - 1), "else_branch": branches(depth - 1)} if depth else {}
        node = helper.make_node("If", ["yes"], [name], **inner) if depth else copies_of("observation")[0]
        node.output[0] = name
        return helper.make_graph([node], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)])

    node = helper.make_node("If", ["yes"], ["out"], then_branch=branches(9), else_branch=branches(9))
    return network_of([node, *copies_of("out")], [numpy_helper.from_array(np.array(True), "yes")])


def external():
    model = network_of(
        [helper.make_node("Add", ["observation", "w"], ["out"]), *copies_of("out")],
        [numpy_helper.from_array(np.ones(4, np.float32), "w")],
    )
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    return model


def nan():
    node = helper.make_node("Add", ["observation", "w"], ["out"])
    return network_of([node, *copies_of("out")], [numpy_helper.from_array(np.full(4, np.nan, np.float32), "w")])


def no_rows():
    node = helper.make_node("Slice", ["observation", "zero", "zero"], ["out"])
    return network_of([node, *copies_of("out")], [numpy_helper.from_array(np.array([0]), "zero")])


def other_names():
    graph = helper.make_graph(
        [helper.make_node("Identity", ["a"], ["b"])],
        "graph",
        [helper.make_tensor_value_info("a", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("b", TensorProto.FLOAT, None)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


HOSTILE = {
    "loop": (endless, "its loops have not ended after 1 s"),
    "products": (lambda: products(1000, 1500), "it has not ended after 2 s"),
    "memory": (lambda: products(0, 2_000_000), "it needs more than"),
    "functions": (functions_of_functions, "has functions of its own, which are not run: export it without them"),
    "conditions": (conditions_of_conditions, "has 2,047 graphs, the limit is 1,000"),
    "external": (external, "stores a part of its data in another file"),
    "nan": (nan, "is not a number (NaN)"),
    "shapes": (lambda: network_of(copies_of("observation")), "cannot predict"),
    "no rows": (no_rows, "cannot predict: ValueError: expected one prediction per input, got 0 for 1 inputs"),
    "names": (other_names, "cannot compute these inputs"),
    "unknown operator": (lambda: network_of([helper.make_node("No", ["observation"], ["logits"])]), "cannot be opened"),
    "noise": (lambda: random.Random(0).randbytes(5000), "is not an ONNX network"),
    "empty": (lambda: b"", "is not an ONNX network"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_network_is_one_line(tmp_path, edit_manifest, monkeypatch, capfd, kind):
    monkeypatch.setattr(onnx_module, "MAX_LOOP_SECONDS", 1.0)
    monkeypatch.setattr(onnx_module, "MAX_SECONDS", 2.0)
    make, reason = HOSTILE[kind]
    model = make()
    folder = copy_of("games.play/cartpole", tmp_path)
    content = model if isinstance(model, bytes) else model.SerializeToString()
    (folder / "network.onnx").write_bytes(content)
    edit_manifest(folder, lambda manifest: None)
    assert main(["predict", str(folder), "[0, 0.1, 0.02, -0.3]"]) == 2
    output = capfd.readouterr()
    assert reason in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["noise", "empty", "cut", "flips", "config", "zip"])
def test_a_hostile_saved_network_is_one_line(tmp_path, edit_manifest, capfd, kind, monkeypatch):
    import zipfile

    monkeypatch.chdir(tmp_path)
    folder, numbers = copy_of("games.play/cartpole", tmp_path), random.Random(0)
    file = folder / "network.keras"
    content = bytearray(file.read_bytes())
    if kind == "flips":
        for _ in range(40):
            content[numbers.randrange(len(content))] ^= 0xFF
    file.write_bytes(
        {"noise": numbers.randbytes(5000), "empty": b"", "cut": content[: len(content) // 2]}.get(kind, content)
    )
    if kind in {"config", "zip"}:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("metadata.json", "{}")
            archive.writestr("config.json", '{"class_name": "Functional", "config": ' + "[" * 900 + "]" * 900 + "}")
            if kind == "config":
                archive.writestr("model.weights.h5", b"no HDF5")
    edit_manifest(folder, lambda manifest: None)
    assert main(["export", str(folder), "--format", "saved_model", "--out", "saved"]) == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_labels_are_printed_as_one_line_without_control_characters(here, edit_manifest, capfd):
    folder = copy_of("vision.classify/digits", here)
    hostile = [f"\x1b]0;{n}\x07\n\x9b2J\u202e\u2028" for n in range(10)]
    edit_manifest(folder, lambda manifest: manifest["codec"].update(labels=hostile))
    assert main(["predict", str(folder), "a.png"]) == 0
    text = capfd.readouterr().out
    assert text.count("\n") == 1
    assert "\\x1b]0;" in text
    assert main(["predict", str(folder), "a.png", "--json"]) == 0
    document = capfd.readouterr().out
    for output in (text, document):
        assert not set(output) & set("\x1b\x07\x9b\u202e\u2028")
    assert json.loads(document)[0]["answer"]["label"] in hostile


def test_json_is_compared_with_what_is_written(tmp_path):
    content = {"a": [1.5, None, "é\u2028"], "b": {"c": True}}
    document = dump_checked_json(content)
    assert parse_json(document, "x", "y") == content | {"sha256": json.loads(document)["sha256"]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_checked_json({"a": math.nan})


def test_a_predictor_names_the_file_for_inputs_of_another_shape(tmp_path):
    file = tmp_path / "x.onnx"
    onnx.save(network_of(copies_of("observation")), file)
    with pytest.raises(InputError, match=r"x\.onnx cannot compute these inputs"):
        OnnxPredictor({"network": file})({"observation": np.zeros((2, 7), np.float32)})


@pytest.mark.slow
def test_a_network_that_takes_long_to_open_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_module, "MAX_OPENING_SECONDS", 0.5)
    nodes = [helper.make_node("Neg", [f"x{n}" if n else "observation"], [f"x{n + 1}"]) for n in range(40_000)]
    file = tmp_path / "network.onnx"
    file.write_bytes(network_of([*nodes, *copies_of("x40000")]).SerializeToString())
    with pytest.raises(InputError, match=r"network\.onnx cannot be opened: it is not prepared after 0\.5 s$"):
        OnnxPredictor({"network": file}).open()


@pytest.mark.parametrize("name", ["vision.classify/digits", "games.play/cartpole", "fraud.detect/creditcard"])
def test_the_limits_change_no_digit_of_a_prediction(name):
    import onnxruntime

    file = MODELS / name / "network.onnx"
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (tensor,) = session.get_inputs()
    numbers = np.random.default_rng(0).integers(0, 200, [size if isinstance(size, int) else 5 for size in tensor.shape])
    inputs = {tensor.name: numbers.astype({"tensor(float)": "f4", "tensor(uint8)": "u1"}[tensor.type])}
    expected = session.run(None, inputs)
    for ours, theirs in zip(OnnxPredictor({"network": file})(inputs).values(), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
