"""What a plugin may say: four hooks, all optional, each answered with a list.

Example:
    from plexus import Entry, hookimpl

    @hookimpl
    def register_tasks():
        return [Entry("weather.rain", "Whether it will rain", "plexus_weather.rain:Rain")]
"""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import keras

    from plexus.plugins.entry import Entry
    from plexus.run import Run
    from plexus.training.state import TrainingState

API = 1
"""The version of the hooks and their types. A plugin that says `PLEXUS_API = 1` is refused by other ones."""

hookspec = pluggy.HookspecMarker("plexus")
hookimpl = pluggy.HookimplMarker("plexus")


@hookspec
def register_tasks() -> "list[Entry]":  # type: ignore[empty-body]
    """What can be learned: each target is a `plexus.Task`."""


@hookspec
def register_datasets() -> "list[Entry]":  # type: ignore[empty-body]
    """Named data sets, for `--data NAME`: each target is a `plexus.data.named.NamedDataset`."""


@hookspec
def register_apps() -> "list[Entry]":  # type: ignore[empty-body]
    """Programs that people can run: each target is a `plexus.App`."""


@hookspec
def run_callbacks(run: "Run", state: "TrainingState") -> "list[keras.callbacks.Callback]":  # type: ignore[empty-body]
    """Keras callbacks for one training: trackers, loggers. Every plugin's are added.

    A `plexus.TrainingCallback` is also told the scores of each epoch, and the bundle at the end.
    """
