"""The lists of all checks, and functions that run them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from plexus.bundle import Bundle
from plexus.errors import unknown
from plexus.plugins.loading import Plugin
from plexus.plugins.registry import registry
from plexus.testing import bundle_checks, codec_checks, plugin_checks, prediction_checks, training_checks
from plexus.testing.trial import Trial

PLUGIN_CHECKS: tuple[Callable[[Plugin], None], ...] = (
    plugin_checks.check_plugin_loads,
    plugin_checks.check_entries_are_described,
    plugin_checks.check_targets_have_their_type,
    plugin_checks.check_tasks_import_quickly,
    plugin_checks.check_options_are_described,
    plugin_checks.check_options_are_bounded,
    plugin_checks.check_options_survive_json,
)
TASK_CHECKS: tuple[Callable[[Trial], None], ...] = (
    codec_checks.check_codec_survives_json,
    codec_checks.check_fit_codec_is_pure,
    codec_checks.check_invalid_data_is_refused,
    bundle_checks.check_evaluation_is_reproducible,
    bundle_checks.check_metric_beats_baseline,
    bundle_checks.check_onnx_equals_keras,
    prediction_checks.check_predictions_are_plain_data,
    prediction_checks.check_predictions_are_independent,
    prediction_checks.check_predict_changes_nothing,
    training_checks.check_batches_are_reproducible,
    training_checks.check_epochs_are_shuffled,
    training_checks.check_losses_are_finite,
    training_checks.check_resumed_training_is_identical,
)


def check_plugin(name: str) -> list[str]:
    """Run the checks of a plugin that train nothing, as `plexus plugins check` does.

    Args:
        name: Name of an installed plugin.

    Returns:
        One line per failed check; none if all pass.

    Raises:
        InputError: If there is no plugin of that name.
    """
    plugin, failures = find_plugin(name), []
    for check in PLUGIN_CHECKS:
        try:
            check(plugin)
        except AssertionError as error:
            failures.append(str(error))
    return failures


def check_task(id: str, folder: Path, **options: object) -> Bundle:
    """Train a task for some seconds, and run all checks of tasks on it.

    Args:
        id: Id of a registered task.
        folder: Folder to train in; a run that ended in its `run` is used instead of another training.
        **options: Options of the training, instead of the task's `trial_options`.

    Returns:
        The bundle, for further checks.

    Raises:
        AssertionError: If a check fails; the line says what was expected and what was found.
        InputError: If there is no such task, or an option is wrong.
    """
    trial = Trial(id, folder, **options)
    for check in TASK_CHECKS:
        check(trial)
    return trial.bundle


def find_plugin(name: str) -> Plugin:
    """Return an installed plugin.

    Args:
        name: Its name.

    Returns:
        The plugin.

    Raises:
        InputError: If there is none of that name.
    """
    plugins: Mapping[str, Plugin] = {plugin.name: plugin for plugin in registry().plugins}
    if name not in plugins:
        raise unknown("plugin", name, plugins)
    return plugins[name]
