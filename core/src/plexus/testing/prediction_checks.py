"""Checks of predictions."""

import numpy as np

from plexus.prediction import Prediction
from plexus.testing.trial import Trial

INPUTS = 3
TOLERANCE = 1e-4


def check_predictions_are_plain_data(trial: Trial) -> None:
    """There is one `plexus.Prediction` per input, and it survives JSON.

    Args:
        trial: A small training of the task.
    """
    for prediction in trial.bundle.predict(_inputs(trial)):  # it refuses another number of predictions
        assert isinstance(prediction, Prediction), f"expected a plexus.Prediction, found {prediction!r}"
        restored = type(prediction).model_validate_json(prediction.model_dump_json())
        assert restored == prediction, f"after a way through JSON: expected {prediction!r}, found {restored!r}"


def check_predictions_are_independent(trial: Trial) -> None:
    """A prediction does not depend on the other inputs of the call.

    Args:
        trial: A small training of the task.
    """
    inputs = _inputs(trial)
    for raw_input, together in zip(inputs, trial.bundle.predict(inputs), strict=False):
        (alone,) = trial.bundle.predict([raw_input])
        same = _close(alone.model_dump(), together.model_dump())
        assert same, f"predicted alone: expected {together!r} as with other inputs, found {alone!r}"


def check_predict_changes_nothing(trial: Trial) -> None:
    """Predicting changes neither the codec nor the dataset.

    Args:
        trial: A small training of the task.
    """
    codec, dataset = trial.bundle.codec, trial.dataset
    before = codec.to_json(), dataset.fingerprint
    trial.bundle.predict(_inputs(trial))
    assert codec.to_json() == before[0], "predict: expected an unchanged codec, found another result of to_json"
    assert dataset.fingerprint == before[1], "predict: expected an unchanged dataset, found another fingerprint"


def _inputs(trial: Trial) -> list[object]:
    """Return some raw inputs of the test split; none if the dataset has no examples."""
    return [] if trial.test_examples is None else list(trial.test_examples.inputs[:INPUTS])


def _close(a: object, b: object) -> bool:
    """Return whether two values are equal, numbers up to `TOLERANCE`."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_close(a[name], b[name]) for name in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_close, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, atol=TOLERANCE, equal_nan=True))
    return a == b
