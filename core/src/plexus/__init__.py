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
    "Around": "plexus.tuning.search_space",
    "Prediction": "plexus.prediction",
    "Batches": "plexus.data.batches",
    "Bundle": "plexus.bundle",
    "Choice": "plexus.tuning.search_space",
    "Codec": "plexus.codec",
    "Entry": "plexus.plugins.entry",
    "Estimator": "plexus.tasks.estimator",
    "Examples": "plexus.data.examples",
    "InputError": "plexus.errors",
    "Options": "plexus.options",
    "Run": "plexus.run",
    "Metric": "plexus.metric",
    "Span": "plexus.tuning.search_space",
    "SupervisedDataset": "plexus.data.examples",
    "Task": "plexus.task",
    "TrainingCallback": "plexus.training.callbacks.training_callback",
    "hookimpl": "plexus.plugins.hookspecs",
    "load": "plexus.api",
    "train": "plexus.api",
}
__all__ = ["__version__", *_HOMES]  # pyright: ignore

if TYPE_CHECKING:
    from plexus.api import load as load
    from plexus.api import train as train
    from plexus.app import App as App
    from plexus.bundle import Bundle as Bundle
    from plexus.codec import Codec as Codec
    from plexus.data.batches import Batches as Batches
    from plexus.data.examples import Examples as Examples
    from plexus.data.examples import SupervisedDataset as SupervisedDataset
    from plexus.errors import InputError as InputError
    from plexus.metric import Metric as Metric
    from plexus.options import Options as Options
    from plexus.plugins.entry import Entry as Entry
    from plexus.plugins.hookspecs import hookimpl as hookimpl
    from plexus.prediction import Prediction as Prediction
    from plexus.run import Run as Run
    from plexus.task import Task as Task
    from plexus.tasks.estimator import Estimator as Estimator
    from plexus.training.callbacks.training_callback import TrainingCallback as TrainingCallback
    from plexus.tuning.search_space import Around as Around
    from plexus.tuning.search_space import Choice as Choice
    from plexus.tuning.search_space import Span as Span


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'plexus' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
