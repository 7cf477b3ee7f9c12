"""Plexus: a suite of deep-learning applications on one Keras core, every domain a plugin.

The names below are the public interface. They are resolved when first used, so that `import plexus`
costs nothing and a plugin's table of contents stays light.

Example:
    bundle = plexus.train("weather.rain", data="oslo.csv")
    plexus.load(bundle.folder).predict(["today.csv"])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "App": "plexus.app",
    "Around": "plexus.ranges",
    "Answer": "plexus.answer",
    "Batches": "plexus.batches",
    "Bundle": "plexus.bundle",
    "Choice": "plexus.ranges",
    "Codec": "plexus.codec",
    "Entry": "plexus.entry",
    "Estimator": "plexus.estimator",
    "Examples": "plexus.data.examples",
    "InputError": "plexus.errors",
    "Options": "plexus.options",
    "Run": "plexus.run",
    "Score": "plexus.score",
    "Span": "plexus.ranges",
    "Splits": "plexus.data.examples",
    "Task": "plexus.task",
    "Watcher": "plexus.callbacks.watcher",
    "hookimpl": "plexus.hookspecs",
    "load": "plexus.python",
    "train": "plexus.python",
}
__all__ = ["__version__", *_HOMES]  # pyright: ignore

if TYPE_CHECKING:
    from plexus.answer import Answer as Answer
    from plexus.app import App as App
    from plexus.batches import Batches as Batches
    from plexus.bundle import Bundle as Bundle
    from plexus.callbacks.watcher import Watcher as Watcher
    from plexus.codec import Codec as Codec
    from plexus.data.examples import Examples as Examples
    from plexus.data.examples import Splits as Splits
    from plexus.entry import Entry as Entry
    from plexus.errors import InputError as InputError
    from plexus.estimator import Estimator as Estimator
    from plexus.hookspecs import hookimpl as hookimpl
    from plexus.options import Options as Options
    from plexus.python import load as load
    from plexus.python import train as train
    from plexus.ranges import Around as Around
    from plexus.ranges import Choice as Choice
    from plexus.ranges import Span as Span
    from plexus.run import Run as Run
    from plexus.score import Score as Score
    from plexus.task import Task as Task


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'plexus' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
