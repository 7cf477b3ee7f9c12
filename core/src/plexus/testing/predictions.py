"""What answers owe."""

from typing import Any

import numpy as np

from plexus.bundle import Bundle
from plexus.data.examples import SupervisedDataset
from plexus.prediction import Prediction

SEVERAL = 3
TOLERANCE = 1e-4


def check_answers(bundle: Bundle, dataset: Any) -> None:
    """One plain answer an input, the same whatever is asked beside it; only for a source that is `SupervisedDataset`.

    Raises:
        AssertionError: they are not.
    """
    if not isinstance(dataset, SupervisedDataset):
        return  # an environment, say: what its inputs are is its own affair
    raws = list(dataset["test"].raws[:SEVERAL])
    together = bundle.predict(raws)
    assert len(together) == len(raws), f"{len(together)} answers for {len(raws)} inputs"  # noqa: S101
    for raw, answer in zip(raws, together, strict=True):
        assert isinstance(answer, Prediction), f"{answer!r} is not a plexus.Answer"  # noqa: S101
        assert type(answer).model_validate_json(answer.model_dump_json()) == answer, "the answer is not plain data"  # noqa: S101
        (alone,) = bundle.predict([raw])
        same = _close(alone.model_dump(), answer.model_dump())
        assert same, f"asked alone the answer is {alone!r}, beside others {answer!r}"  # noqa: S101


def _close(a: Any, b: Any) -> bool:
    """Equal, but for the last digits of numbers."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_close(a[name], b[name]) for name in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_close, a, b))
    return bool(np.isclose(a, b, atol=TOLERANCE)) if isinstance(a, float) else bool(a == b)
