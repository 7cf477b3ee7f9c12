"""Metrics, calibration and confidence intervals."""
