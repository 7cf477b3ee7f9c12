"""Conformance checks of the plugin."""

from plexus.testing import parametrize_with_checks


@parametrize_with_checks("language")
def test_conformance(check):
    check()
