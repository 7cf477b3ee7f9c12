"""One test a task, for pytest."""

from typing import Any

from plexus.plugins.registry import registry


def parametrize_tasks(plugin: str | None = None) -> Any:
    """A mark that runs a test once for each registered task, as its argument `id`.

    Args:
        plugin: only the tasks of this one.
    """
    import pytest

    every = registry().entries("tasks")
    return pytest.mark.parametrize("id", [id for id in every if plugin in (None, registry().owner("tasks", id).name)])
