"""Conversion of dlib's face detector and landmarks to this package's files; run again, it writes the same bytes.

`python -m plexus_faces.conversion` writes `networks/detector.onnx` and `networks/landmarks.npz`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from plexus_faces.dlib_files import DlibFile, find_models
from plexus_faces.dlib_network import MEAN, SCALE, read_weights
from plexus_faces.package_data import FOLDER

if TYPE_CHECKING:
    import onnx

ItemT = TypeVar("ItemT")

OPSET, IR_VERSION = 17, 8
"""Versions of ONNX that the network is written in."""


def convert(folder: Path = FOLDER) -> None:
    """Write the face detector and the landmarks.

    Args:
        folder: The folder for `detector.onnx` and `landmarks.npz`.

    Raises:
        InputError: If the package with dlib's files is not installed, or one of them cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    models = find_models()
    detector = build_detector(read_weights(models / "mmod_human_face_detector.dat"))
    (folder / "detector.onnx").write_bytes(detector.SerializeToString(deterministic=True))
    with (folder / "landmarks.npz").open("wb") as stream:
        np.savez(stream, **read_landmarks(models / "shape_predictor_5_face_landmarks.dat"))  # type: ignore[arg-type]


def build_detector(weights: Sequence[np.ndarray]) -> "onnx.ModelProto":
    """Build the face detector: seven convolutions, of which the first three halve height and width.

    Its preprocessing is folded into the first convolution: Keras's export, which computes it apart, takes a fifth more
    time.

    Args:
        weights: Kernel, shape `(height, width, inputs, outputs)`, and bias of each convolution.

    Returns:
        A network from `image`, bytes of shape `(n, h, w, 3)`, to `scores` of shape `(n, 1, (h - 21) // 8, (w - 21) //
        8)`: the score of the square window of 80 pixels around the pixel (8 row + 14, 8 column + 14).
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    kernels, biases = [kernel.transpose(3, 2, 0, 1) for kernel in weights[::2]], list(weights[1::2])
    biases[0] = biases[0] - SCALE * kernels[0].sum(axis=(2, 3), dtype=np.float64) @ np.array(MEAN)
    kernels[0] = kernels[0] * SCALE
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["pixels"], ["features_0"], perm=[0, 3, 1, 2]),
    ]
    for i, kernel in enumerate(kernels):
        strides, margin = (2, 0) if i < 3 else (1, kernel.shape[-1] // 2)
        names = [f"features_{i}", f"kernel_{i}", f"bias_{i}"]
        last = i == len(kernels) - 1
        output = "scores" if last else f"convolved_{i}"
        nodes.append(helper.make_node("Conv", names, [output], strides=[strides] * 2, pads=[margin] * 4))
        if not last:
            nodes.append(helper.make_node("Relu", [output], [f"features_{i + 1}"]))
    parameters = [(f"kernel_{i}", kernel) for i, kernel in enumerate(kernels)]
    parameters += [(f"bias_{i}", bias) for i, bias in enumerate(biases)]
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", "height", "width", 3])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 1, "rows", "columns"])
    initializers = [numpy_helper.from_array(values.astype(np.float32), name) for name, values in parameters]
    graph = helper.make_graph(nodes, "face_detector", [image], [scores], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(model)
    return model


def read_landmarks(file: Path) -> dict[str, np.ndarray]:
    """Read dlib's ensemble of regression trees for landmarks.

    Args:
        file: File of a `shape_predictor`.

    Returns:
        `mean`, the mean landmarks as shares of the box, shape `(points, 2)`; `anchors` and `offsets`, the landmark near
        each pixel and the pixel's position from it, shapes `(levels, pixels)` and `(levels, pixels, 2)`; `pixels` and
        `thresholds`, the two pixels that each node compares and the largest difference that leads to its right child,
        shapes `(levels, 2, trees, nodes)` and `(levels, trees, nodes)`; `leaves`, the corrections of the landmarks,
        shape `(levels, trees, leaves, 2 · points)`.

    Raises:
        InputError: If it cannot be read.
    """
    stream = DlibFile(file)
    if (version := stream.read_integer()) != 1:
        raise stream.error(f"expected a shape predictor of version 1, found version {version}")
    mean = stream.read_floats().reshape(-1, 2)
    forests = _read_list(stream, lambda: _read_list(stream, lambda: _read_tree(stream)))
    anchors = _read_list(stream, lambda: _read_list(stream, stream.read_size))
    offsets = _read_list(stream, lambda: _read_list(stream, lambda: (stream.read_float(), stream.read_float())))
    nodes = np.array([[splits for splits, _ in forest] for forest in forests])
    return {
        "mean": mean,
        "anchors": np.array(anchors, np.uint8),
        "offsets": np.array(offsets, np.float32),
        "pixels": np.moveaxis(nodes[..., :2], -1, 1).astype(np.uint16),
        # Differences of grey levels are integers.
        "thresholds": np.floor(nodes[..., 2]).astype(np.int8),
        # Float16 or bytes, half of the size or less, move landmarks by up to 2 % of the box.
        "leaves": np.array([[leaves for _, leaves in forest] for forest in forests], np.float32),
    }


def _read_list(stream: DlibFile, read_item: Callable[[], ItemT]) -> list[ItemT]:
    return [read_item() for _ in range(stream.read_size())]


def _read_tree(stream: DlibFile) -> tuple[list[tuple[int, int, float]], list[np.ndarray]]:
    """Return the nodes of a tree, level by level (two pixels and a threshold), and its leaves."""
    nodes = _read_list(stream, lambda: (stream.read_size(), stream.read_size(), stream.read_float()))
    return nodes, _read_list(stream, lambda: stream.read_floats().ravel())


if __name__ == "__main__":
    convert()
