"""`plexus export --format compact` and `int8`: rounded weights, without Keras files."""

import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import plexus
from plexus import InputError
from plexus.cli import main
from plexus.inference.manifest import read_manifest, write_manifest
from plexus.inference.narrow_weights import widen_weights
from plexus.inference.onnx import OnnxPredictor
from plexus.inference.onnx_file import inspect_onnx
from plexus.training.compact_bundle import MIN_WEIGHTS, round_weights

GENERATOR = np.random.default_rng(0)
KERNEL = GENERATOR.normal(size=(32, 64)).astype(np.float32)
LARGE = np.full((32, 64), 1e5, np.float32)
TINY = np.full((32, 64), 1e-9, np.float32)
ARRAYS = {"x": 32, "y": 64}
"""Channels of the input and the output of a convolution."""
SMALL = GENERATOR.normal(size=MIN_WEIGHTS - 1).astype(np.float32)


@pytest.fixture
def file(tmp_path):
    """A network with a kernel that float16 represents, its transpose, two that it does not, and a small constant."""
    nodes = [
        helper.make_node("MatMul", ["x", "kernel"], ["y"]),
        helper.make_node("MatMul", ["x", "large"], ["z"]),
        helper.make_node("MatMul", ["x", "tiny"], ["t"]),
        helper.make_node("MatMul", ["y", "turned"], ["u"]),
        helper.make_node("Identity", ["small"], ["s"]),
    ]
    constants = {"kernel": KERNEL, "large": LARGE, "tiny": TINY, "turned": KERNEL.T.copy(), "small": SMALL}
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 32])]
    shapes = {"y": ["n", 64], "z": ["n", 64], "t": ["n", 64], "u": ["n", 32], "s": [len(SMALL)]}
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    tensors = [numpy_helper.from_array(values, name) for name, values in constants.items()]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), tmp_path / "n.onnx")
    return tmp_path / "n.onnx"


def test_large_kernels_are_rounded_and_others_stay(file, tmp_path):
    assert round_weights(file, tmp_path / "half.onnx") == 1
    onnx.checker.check_model(onnx.load(tmp_path / "half.onnx"), full_check=True)
    types = {tensor.name: tensor.data_type for tensor in onnx.load(tmp_path / "half.onnx").graph.initializer}
    float16, float32 = TensorProto.FLOAT16, TensorProto.FLOAT
    assert types == {"float16.kernel": float16, "large": float32, "tiny": float32, "small": float32}
    x = GENERATOR.normal(size=(5, 32)).astype(np.float32)
    outputs = OnnxPredictor({"network": tmp_path / "half.onnx"})({"x": x})
    kernel = KERNEL.astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(outputs["y"], x @ kernel, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(outputs["u"], x @ kernel @ kernel.T, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(outputs["z"], x @ LARGE, rtol=1e-5, atol=1)
    np.testing.assert_array_equal(outputs["s"], SMALL)


def test_other_readers_compute_the_same(file, tmp_path):
    round_weights(file, tmp_path / "half.onnx")
    x = GENERATOR.normal(size=(5, 32)).astype(np.float32)
    plain = onnxruntime.InferenceSession(tmp_path / "half.onnx").run(["y"], {"x": x})[0]
    np.testing.assert_allclose(OnnxPredictor({"network": tmp_path / "half.onnx"})({"x": x})["y"], plain, atol=1e-5)


def test_no_weight_is_cast_or_transposed_in_a_run(file, tmp_path):
    round_weights(file, tmp_path / "half.onnx")
    model = onnx.load_from_string(widen_weights((tmp_path / "half.onnx").read_bytes()))
    kernel = next(tensor for tensor in model.graph.initializer if tensor.name == "float16.kernel")
    np.testing.assert_array_equal(numpy_helper.to_array(kernel), KERNEL.astype(np.float16).astype(np.float32))
    settings = onnxruntime.SessionOptions()
    settings.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    onnxruntime.InferenceSession(model.SerializeToString(), settings, disabled_optimizers=["ConstantFolding"])
    assert not {"Cast", "Transpose"} & {node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node}


def test_weights_are_widened_when_a_network_is_opened(file, tmp_path, monkeypatch):
    round_weights(file, tmp_path / "half.onnx")
    models, session = [], onnxruntime.InferenceSession
    monkeypatch.setattr(
        onnxruntime, "InferenceSession", lambda model, *a, **k: models.append(model) or session(model, *a, **k)
    )
    for name in ("n.onnx", "half.onnx"):
        OnnxPredictor({"network": tmp_path / name}).open()
    assert models == [file, widen_weights((tmp_path / "half.onnx").read_bytes())]


def test_kernels_become_integers_with_scales(file, tmp_path):
    """Rows of one size have a scale each, and so have columns; the rest is float16."""
    rows = KERNEL * np.geomspace(1e-3, 1e3, 32, dtype=np.float32)[:, None]
    model = onnx.load(file)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    constants["large"].CopyFrom(numpy_helper.from_array(rows, "large"))
    columns = KERNEL * np.geomspace(1e-3, 1e3, 64, dtype=np.float32)
    constants["tiny"].CopyFrom(numpy_helper.from_array(columns, "tiny"))
    constants["small"].CopyFrom(numpy_helper.from_array(np.resize(SMALL, 2048), "small"))
    model.graph.output[-1].type.tensor_type.shape.dim[0].dim_value = 2048
    onnx.save(model, file)
    assert round_weights(file, tmp_path / "integers.onnx", "int8") == 4
    rounded = onnx.load(tmp_path / "integers.onnx")
    onnx.checker.check_model(rounded, full_check=True)
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in rounded.graph.initializer}
    types = {name: values.dtype for name, values in tensors.items() if not name.startswith("scale.")}
    (kernel,) = (name for name in types if name.endswith(".kernel"))
    assert types == {kernel: "i1", "int8.first.large": "i1", "int8.last.tiny": "i1", "float16.small": "f2"}
    assert np.abs(tensors["int8.first.large"]).max(axis=1).tolist() == [127] * 32
    assert np.abs(tensors["int8.last.tiny"]).max(axis=0).tolist() == [127] * 64
    np.testing.assert_allclose(tensors["scale.int8.first.large"], np.abs(rows).max(axis=1) / 127, rtol=1e-6)
    x = GENERATOR.normal(size=(5, 32)).astype(np.float32)
    outputs = OnnxPredictor({"network": tmp_path / "integers.onnx"})({"x": x})
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # else it rounds x, too
    plain = onnxruntime.InferenceSession(tmp_path / "integers.onnx", settings)
    for name, values in zip(outputs, plain.run(list(outputs), {"x": x}), strict=True):
        np.testing.assert_allclose(outputs[name], values, rtol=1e-4, atol=1e-4)
    expected = tensors["int8.last.tiny"] * tensors["scale.int8.last.tiny"]
    np.testing.assert_allclose(outputs["t"], x @ expected, rtol=1e-4, atol=1e-4)
    assert np.all(np.abs(expected - columns) <= 0.5001 * tensors["scale.int8.last.tiny"])


def test_convolutions_become_integers(tmp_path):
    kernel = GENERATOR.normal(size=(64, 32, 3)).astype(np.float32) * np.geomspace(0.01, 1, 64)[:, None, None]
    kernel = kernel.astype(np.float32)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size, 9]) for name, size in ARRAYS.items()]
    node = helper.make_node("Conv", ["x", "kernel"], ["y"], pads=[1, 1])
    graph = helper.make_graph([node], "graph", values[:1], values[1:], [numpy_helper.from_array(kernel, "kernel")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.save(model, tmp_path / "n.onnx")
    assert round_weights(tmp_path / "n.onnx", tmp_path / "integers.onnx", "int8") == 1
    x = {"x": GENERATOR.normal(size=(2, 32, 9)).astype(np.float32)}
    exact, rounded = (OnnxPredictor({"network": tmp_path / name})(x)["y"] for name in ("n.onnx", "integers.onnx"))
    errors = np.abs(rounded - exact).max(axis=(0, 2)) / exact.std(axis=(0, 2))
    assert 0 < errors.max() < 0.03


def test_integers_are_widened_once(file, tmp_path):
    round_weights(file, tmp_path / "integers.onnx", "int8")
    model = onnx.load_from_string(widen_weights((tmp_path / "integers.onnx").read_bytes()))
    onnx.checker.check_model(model, full_check=True)
    assert "DequantizeLinear" not in {node.op_type for node in model.graph.node}
    kernel = next(tensor for tensor in model.graph.initializer if tensor.name == "kernel")
    np.testing.assert_allclose(numpy_helper.to_array(kernel), KERNEL, atol=np.abs(KERNEL).max() / 250)


DAMAGES = ["no scale", "cut scale", "scale of another size", "another type", "no weights", "cut weights", "two names"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_integers_that_do_not_fit_their_scale_are_one_line(file, tmp_path, damage):
    round_weights(file, tmp_path / "integers.onnx", "int8")
    model = onnx.load(tmp_path / "integers.onnx")
    constants = model.graph.initializer
    scale = next(t for t in constants if t.name.startswith("scale.") and t.name.endswith("kernel"))
    kernel = next(t for t in constants if t.name == scale.name.removeprefix("scale."))
    if damage == "no scale":
        constants.remove(scale)
    elif damage == "another type":
        scale.data_type = TensorProto.DOUBLE
    elif damage == "two names":
        constants.extend([helper.make_tensor(kernel.name, TensorProto.INT8, [1], [0])] * 1000)
    elif damage == "no weights":
        kernel.raw_data = b""
    elif damage == "cut weights":
        kernel.raw_data = kernel.raw_data[:-1]
    else:
        scale.raw_data = scale.raw_data[: -1 if damage == "cut scale" else -4]
    onnx.save(model, tmp_path / "damaged.onnx")
    with pytest.raises(InputError, match=r"damaged\.onnx cannot be opened"):
        OnnxPredictor({"network": tmp_path / "damaged.onnx"}).open()


def test_another_operator_on_integers_stays(file, tmp_path):
    round_weights(file, tmp_path / "integers.onnx", "int8")
    model = onnx.load(tmp_path / "integers.onnx")
    node = next(node for node in model.graph.node if node.output[0] == "kernel")
    node.input.append("zero")  # a zero point, which is subtracted before
    widened = onnx.load_from_string(widen_weights(model.SerializeToString()))
    assert [each.output[0] for each in widened.graph.node if each.op_type == "DequantizeLinear"] == ["kernel"]
    assert [t.name for t in widened.graph.initializer if t.data_type == TensorProto.INT8] == [node.input[0]]


def test_the_shape_of_a_constant_is_folded(tmp_path):
    """Keras writes a copy of each kernel of attention of which only the shape is used."""
    nodes = [helper.make_node("Shape", ["copy"], ["shape"]), helper.make_node("MatMul", ["x", "kernel"], ["y"])]
    values = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 32]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 64]),
        helper.make_tensor_value_info("shape", TensorProto.INT64, [2]),
    ]
    tensors = [numpy_helper.from_array(KERNEL, name) for name in ("kernel", "copy")]
    graph = helper.make_graph(nodes, "graph", values[:1], values[1:], tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), tmp_path / "n.onnx")
    round_weights(tmp_path / "n.onnx", tmp_path / "half.onnx")
    assert {t.name for t in onnx.load(tmp_path / "half.onnx").graph.initializer} == {"float16.kernel", "shape"}
    outputs = OnnxPredictor({"network": tmp_path / "half.onnx"})({"x": KERNEL[:, :32]})
    assert outputs["shape"].tolist() == [32, 64]


def test_a_rounded_bundle_is_not_rounded_again(tmp_path, capsys):
    assert (
        main(["export", "sentiment.classify/reviews_small", "--format", "int8", "--out", str(tmp_path / "again")]) == 2
    )
    assert "stores its weights as float16: export the bundle that it was made of" in capsys.readouterr().err
    assert not (tmp_path / "again").exists()


def test_a_network_without_such_weights_is_not_changed(file):
    assert not inspect_onnx(file).has_narrow_weights
    assert widen_weights(file.read_bytes()) == file.read_bytes()


def test_a_weight_with_an_odd_number_of_bytes_is_one_line(file, tmp_path):
    round_weights(file, tmp_path / "half.onnx")
    model = onnx.load(tmp_path / "half.onnx")
    kernel = next(tensor for tensor in model.graph.initializer if tensor.name == "float16.kernel")
    kernel.raw_data = kernel.raw_data[:-1]
    onnx.save(model, tmp_path / "odd.onnx")
    with pytest.raises(InputError, match=r"odd\.onnx cannot be opened"):
        OnnxPredictor({"network": tmp_path / "odd.onnx"}).open()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "format", "weights", "share"),
    [
        ("vision.classify/digits", "compact", "float16", 0.65),
        ("language.translate/number_words", "compact", "float16", 0.65),
        ("language.translate/number_words", "int8", "int8", 0.4),
    ],
)
def test_a_compact_bundle_has_metrics_of_its_own(tmp_path, name, format, weights, share):
    original, out = plexus.load(name), tmp_path / "compact"
    assert main(["export", name, "--format", format, "--out", str(out)]) == 0
    networks = {f"{network}.onnx" for network in original.networks}
    assert {file.name for file in out.iterdir()} == {"README.md", "bundle.json", *networks}
    for file in networks:
        assert (out / file).stat().st_size < share * (original.folder / file).stat().st_size
    compact = plexus.load(out)
    assert compact.metrics == compact.evaluate()["scores"]
    assert compact.score["value"] == pytest.approx(original.score["value"], rel=0.01)
    card = (out / "README.md").read_text()
    assert f" are stored as {weights}, " in card
    assert card.index("plexus train") < card.index(f"plexus export trained --format {format} --out {format}")


def test_a_bundle_without_its_data_is_one_line(tmp_path, capsys):
    shipped, moved, out = plexus.load("vision.classify/digits").folder, tmp_path / "moved", tmp_path / "compact"
    shutil.copytree(shipped, moved)
    manifest = {name: value for name, value in read_manifest(moved).items() if name not in {"format", "files"}}
    manifest["options"]["data"] = str(tmp_path / "images")
    write_manifest(moved, manifest)
    assert main(["export", str(moved), "--format", "compact", "--out", str(out)]) == 2
    assert "was trained on 'digits', which cannot be used here" in capsys.readouterr().err
    assert not out.exists()
    (tmp_path / "images").mkdir()
    for label in "ab":
        (tmp_path / "images" / label).mkdir()
        for i in range(12):
            Image.fromarray(GENERATOR.integers(0, 255, (8, 8), np.uint8)).save(tmp_path / f"images/{label}/{i}.png")
    assert main(["export", str(moved), "--format", "compact", "--out", str(out)]) == 2
    assert f"is not the data that {moved} was trained on" in capsys.readouterr().err
    assert not out.exists()
