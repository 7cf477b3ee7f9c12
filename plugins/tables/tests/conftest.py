"""Marks of the tests of tables."""

import pytest

SHARED = ("test_conformance[tables.diagnose-", "test_conformance[tables.risk-")
"""Conformance checks of tasks that have most steps from `tables.classify`, which `make test` checks."""


@pytest.hookimpl(tryfirst=True)  # before tests are selected by their marks
def pytest_collection_modifyitems(items):
    for item in items:
        if item.name.startswith(SHARED):
            item.add_marker(pytest.mark.slow)
