"""Conformance of the clustering plugin."""

from plexus.testing import parametrize_with_checks


@parametrize_with_checks("clustering")
def test_conformance(check):
    check()
