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
def run_callbacks(run: "Run", state: "TrainingState") -> "list[keras.callbacks.Callback]":  # type: ignore[empty-body]
    """Return Keras callbacks for one training: trackers, loggers. Those of all plugins are added.

    A `plexus.TrainingCallback` is also called after each evaluation and when the bundle is written.

    Args:
        run: The training.
        state: Its progress.

    Returns:
        The callbacks.
    """
