"""The hooks of a plugin. All are optional, and each returns a list.

Example:
    ```python
    from plexus import Entry, hookimpl

    @hookimpl
    def register_tasks() -> list[Entry]:
        return [Entry("weather.rain", "Whether it will rain", "plexus_weather.task:Rain")]
    ```
"""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import keras

    from plexus.plugins.entry import Entry
    from plexus.run import Run
    from plexus.training.state import TrainingState

API = 1
"""Version of the hooks and their types. A plugin with `PLEXUS_API = 1` is refused by a Plexus that has another one."""

hookspec = pluggy.HookspecMarker("plexus")
hookimpl = pluggy.HookimplMarker("plexus")


@hookspec
def register_tasks() -> "list[Entry]":  # type: ignore[empty-body]
    """Return the tasks of the plugin.

    Returns:
        Entries whose targets are subclasses of `plexus.Task`.
    """


@hookspec
def register_datasets() -> "list[Entry]":  # type: ignore[empty-body]
    """Return named data sets, for `--data NAME`.

    Returns:
        Entries whose targets are `plexus.NamedDataset` objects.
    """


@hookspec
def register_apps() -> "list[Entry]":  # type: ignore[empty-body]
    """Return apps, for `plexus open` and `plexus demo`.

    Returns:
        Entries whose targets are subclasses of `plexus.App`.
    """


@hookspec
def register_commands() -> "list[Entry]":  # type: ignore[empty-body]
    """Return commands, for `plexus NAME`.

    A command is a module like those of `plexus.cli`: `add_arguments(parser)` adds arguments to an
    `argparse.ArgumentParser`, but no subparsers; `run(arguments)` takes their `argparse.Namespace` and returns a
    document of JSON types, which `--json` prints; `show(result)` returns the lines that are printed without `--json`.
    The exit status is 0, or `status(result)` if the module has that function.

    Returns:
        Entries whose targets are modules, `"package.module"`. No entry has the name of a command of Plexus itself.
    """


@hookspec
def run_callbacks(run: "Run", state: "TrainingState") -> "list[keras.callbacks.Callback]":  # type: ignore[empty-body]
    """Return Keras callbacks for one training: trackers, loggers. Those of all plugins are added.

    A `plexus.TrainingCallback` is also called after each evaluation and when the bundle is written.

    Args:
        run: The training.
        state: Its progress.

    Returns:
        The callbacks.
    """
