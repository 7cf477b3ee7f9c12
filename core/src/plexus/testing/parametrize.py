"""One pytest item per check."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from plexus.plugins.registry import registry
from plexus.testing.runner import PLUGIN_CHECKS, TASK_CHECKS, find_plugin
from plexus.testing.trial import shared_trial

if TYPE_CHECKING:
    import pytest


def parametrize_with_checks(plugin: str, expected_failures: Mapping[str, str] | None = None) -> "pytest.MarkDecorator":
    """Return a mark that runs a test once for each check of a plugin and its tasks, as the argument `check`.

    A task is trained once, when its first check runs. As in scikit-learn's `parametrize_with_checks`, each check is an
    item of its own: `test_conformance[weather.rain-check_onnx_equals_keras]`.

    Args:
        plugin: Name of an installed plugin.
        expected_failures: Reasons by the name of a check, or by `ID-CHECK` for one task alone; these items are
            expected to fail.

    Returns:
        The mark.

    Raises:
        InputError: If there is no plugin of that name.

    Example:
        ```python
        @parametrize_with_checks("weather", {"check_epochs_are_shuffled": "each epoch is the whole data in one batch"})
        def test_conformance(check):
            check()
        ```
    """
    import pytest

    reasons = expected_failures or {}
    items = []
    for subject, check in _checks(plugin):
        name = f"{subject}-{check.func.__name__}"
        reason = reasons.get(name) or reasons.get(check.func.__name__)
        items.append(pytest.param(check, id=name, marks=[pytest.mark.xfail(reason=reason)] if reason else []))
    return pytest.mark.parametrize("check", items)


def _checks(name: str) -> "Iterator[tuple[str, partial[None]]]":
    """Yield a name and each check, bound to the plugin or to the trial of a task."""
    plugin = find_plugin(name)
    for check in PLUGIN_CHECKS:
        yield name, partial(check, plugin)
    for id in registry().entries("tasks"):
        if registry().owner("tasks", id).name == name:
            for task_check in TASK_CHECKS:
                yield id, partial(task_check, shared_trial(id))
