"""Bundles over HTTP, answered by ONNX Runtime alone."""
