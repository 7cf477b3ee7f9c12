"""Conformance checks of the plugin."""

import pytest

from plexus.testing import parametrize_with_checks

pytestmark = pytest.mark.slow


@parametrize_with_checks("speech")
def test_conformance(check):
    check()
