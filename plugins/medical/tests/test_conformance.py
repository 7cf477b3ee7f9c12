"""Conformance checks of the plugin."""

from plexus.testing import parametrize_with_checks


@parametrize_with_checks("medical")
def test_conformance(check):
    check()
