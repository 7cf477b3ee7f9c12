"""Names and order of an ONNX file follow from the network, not from counters and hashes of the process."""

import random
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from plexus.training.onnx_order import normalize_onnx

MODELS = Path(__file__).parents[2] / "models"
SHAPES = {"cartpole": {"observation": (3, 4)}, "creditcard": {"x": (3, 30)}, "digits": {"image": (3, 8, 8, 1)}}


def shuffled(model, seed):
    """Another file of the same network: other names, another order that is possible."""
    numbers, graph, names = random.Random(seed), model.graph, {}
    fixed = {value.name for value in (*graph.input, *graph.output)} | {""}

    def renamed(name):
        return name if name in fixed else names.setdefault(name, f"x{numbers.random()}")

    waiting, nodes = list(graph.node), []
    numbers.shuffle(waiting)
    done = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer} | {""}
    while waiting:
        node = next(node for node in waiting if done.issuperset(node.input))
        waiting.remove(node)
        nodes.append(node)
        done.update(node.output)
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.node[:]
    del copy.graph.initializer[:]
    for node in nodes:
        new = copy.graph.node.add()
        new.CopyFrom(node)
        new.input[:], new.output[:] = map(renamed, node.input), map(renamed, node.output)
        new.name = renamed(f"node {node.name}")
    for tensor in numbers.sample(list(graph.initializer), len(graph.initializer)):
        new = copy.graph.initializer.add()
        new.CopyFrom(tensor)
        new.name = renamed(tensor.name)
    return copy


@pytest.mark.parametrize("name", ["games.play/cartpole", "fraud.detect/creditcard", "vision.classify/digits"])
def test_all_files_of_a_network_become_the_same_that_computes_the_same(name):
    original = onnx.load(MODELS / name / "network.onnx")
    contents = set()
    for seed in range(4):
        model = shuffled(original, seed)
        normalize_onnx(model, {output.name: output.name for output in model.graph.output})
        onnx.checker.check_model(model)
        contents.add(model.SerializeToString())
    (content,) = contents
    before, after = (onnxruntime.InferenceSession(m) for m in (original.SerializeToString(), content))
    assert [output.name for output in after.get_outputs()] == [output.name for output in before.get_outputs()]
    ((input_name, shape),) = SHAPES[name.split("/")[1]].items()
    dtype = np.uint8 if input_name == "image" else np.float32
    inputs = {input_name: np.random.default_rng(0).integers(0, 5, shape).astype(dtype)}
    for expected, actual in zip(before.run(None, inputs), after.run(None, inputs), strict=True):
        np.testing.assert_array_equal(actual, expected)


def test_outputs_get_their_names():
    model = onnx.load(MODELS / "games.play/cartpole/network.onnx")
    names = {output.name: f"new_{output.name}" for output in model.graph.output}
    normalize_onnx(model, names)
    onnx.checker.check_model(model)
    assert [output.name for output in model.graph.output] == list(names.values())


def test_counters_of_the_process_leave_no_trace():
    contents = set()
    for number in (7, 160):
        model = onnx.load(MODELS / "games.play/cartpole/network.onnx")
        model.graph.doc_string = f"converted from __inference_{number}"
        for place, value in enumerate([*model.graph.input, *model.graph.output]):
            value.type.tensor_type.shape.dim[0].dim_param = f"unk__{number + place}"
        normalize_onnx(model, {output.name: output.name for output in model.graph.output})
        onnx.checker.check_model(model)
        contents.add(model.SerializeToString())
    assert len(contents) == 1
    assert [axis.dim_param for axis in model.graph.input[0].type.tensor_type.shape.dim[:1]] == ["axis_0"]
    names = [value.type.tensor_type.shape.dim[0].dim_param for value in model.graph.output]
    assert len(set(names)) == len(names)


def test_axes_of_one_size_get_one_name():
    model = onnx.load(MODELS / "games.play/cartpole/network.onnx")
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    normalize_onnx(model, {output.name: output.name for output in model.graph.output})
    names = {value.type.tensor_type.shape.dim[0].dim_param for value in (*model.graph.input, *model.graph.output)}
    assert names == {"axis_0"}
