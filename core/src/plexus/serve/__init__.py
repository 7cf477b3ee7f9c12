"""Serving bundles over HTTP, with ONNX Runtime only."""
