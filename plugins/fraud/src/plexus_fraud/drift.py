"""Drift of features; it lives in the core, and this module keeps its earlier name importable."""

from plexus.metrics.drift import LARGE_DRIFT, ReferenceDistribution

__all__ = ["LARGE_DRIFT", "ReferenceDistribution"]
