"""ONNX Runtime prediction, input limits and table prediction."""
