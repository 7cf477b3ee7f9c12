"""Experiment trackers: CSV, TensorBoard and MLflow."""
