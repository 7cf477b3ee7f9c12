"""Prediction with ONNX Runtime: several batches at the same time compute what one after the other does."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from plexus import InputError
from plexus.inference.cancellation import Cancellation, InferenceCancelledError
from plexus.inference.onnx import BATCH_SIZE, OnnxPredictor

KERNEL = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


@pytest.fixture
def file(tmp_path):
    """A network that multiplies its inputs by `KERNEL`, and computes NaN for a first value of -1."""
    nodes = [
        helper.make_node("MatMul", ["x", "kernel"], ["y"]),
        helper.make_node("Gather", ["x", "first"], ["column"], axis=1),
        helper.make_node("Sqrt", ["column"], ["root"]),
    ]
    constants = [numpy_helper.from_array(KERNEL, "kernel"), numpy_helper.from_array(np.array(0), "first")]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("y", "root")]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), tmp_path / "n.onnx")
    return tmp_path / "n.onnx"


@pytest.mark.parametrize("threads", [0, 1, 4])
@pytest.mark.parametrize("rows", [0, 1, BATCH_SIZE, BATCH_SIZE + 1, 7 * BATCH_SIZE + 5])
def test_outputs_are_in_the_order_of_the_inputs(file, rows, threads):
    x = np.random.default_rng(1).random((rows, 4)).astype(np.float32)
    outputs = OnnxPredictor({"network": file}, threads)({"x": x})
    np.testing.assert_allclose(outputs["y"], x @ KERNEL, atol=1e-6)
    np.testing.assert_array_equal(outputs["root"], np.sqrt(x[:, 0]))


def test_errors_of_a_batch_are_one_line(file):
    predictor = OnnxPredictor({"network": file})
    with pytest.raises(InputError, match=r"n\.onnx cannot compute these inputs"):
        predictor({"x": np.zeros((5 * BATCH_SIZE, 7), np.float32)})
    x = np.ones((5 * BATCH_SIZE, 4), np.float32)
    x[3 * BATCH_SIZE, 0] = -1
    with pytest.raises(InputError, match="its output root is not a number"):
        predictor({"x": x})


def test_batches_are_cancelled(file):
    cancellation = Cancellation()
    predictor = OnnxPredictor({"network": file}).cancelled_by(cancellation)
    x = np.ones((5 * BATCH_SIZE, 4), np.float32)
    assert len(predictor({"x": x})["y"]) == len(x)
    cancellation.cancel()
    with pytest.raises(InferenceCancelledError):
        predictor({"x": x})
