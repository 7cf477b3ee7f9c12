"""Conformance of the clustering plugin."""

import pytest

from plexus.testing import parametrize_with_checks

pytestmark = pytest.mark.slow


@parametrize_with_checks("clustering")
def test_conformance(check):
    check()
