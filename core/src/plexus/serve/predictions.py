"""Predictions and explanations for the values of requests."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.bundle import Bundle
from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.prediction import Prediction
from plexus.runtime.memory import release_memory
from plexus.serve.problems import public_text
from plexus.tasks.abilities import DescribesRequests, Explainable, Servable
from plexus.utils.files import data_url

if TYPE_CHECKING:
    from plexus.codec import Input, JsonObject


def request_description(bundle: Bundle) -> str:
    """Return what one value of a request to a model holds.

    Args:
        bundle: The bundle.

    Returns:
        The description of its task; `nothing` if the task answers no requests.
    """
    task = bundle.task
    if isinstance(task, DescribesRequests):
        return task.describe_request(bundle.codec)
    return task.request_description if isinstance(task, Servable) else "nothing"


def predict_values(
    bundle: Bundle, values: "Sequence[Input]", state: object, cancellation: Cancellation
) -> "list[JsonObject]":
    """Predict for all values at once; if one cannot be read, for each on its own.

    Args:
        bundle: The bundle.
        values: JSON values, or the bytes of files.
        state: State of a `Streaming` task.
        cancellation: Ends the prediction.

    Returns:
        `answer` or `error` of each value.
    """
    cancellation.check()
    try:
        return [{"answer": each.model_dump()} for each in predict_objects(bundle, values, state, cancellation)]
    except InputError as error:
        if len(values) == 1:
            return [{"error": public_text(error)}]
        return [result for value in values for result in predict_values(bundle, [value], state, cancellation)]


def predict_objects(
    bundle: Bundle, values: "Sequence[Input]", state: object, cancellation: Cancellation
) -> list[Prediction]:
    """Predict for all values at once.

    Args:
        bundle: The bundle.
        values: JSON values, or the bytes of files.
        state: State of a `Streaming` task.
        cancellation: Ends the prediction.

    Returns:
        The prediction of each value.

    Raises:
        InputError: If one cannot be read.
    """
    inputs = [_parse(bundle, value) for value in values]
    return list(bundle.predict(inputs, state=state, cancellation=cancellation))


def _parse(bundle: Bundle, value: "Input") -> "Input":
    if not isinstance(bundle.task, Servable):
        raise InputError(f"{bundle.task.id} does not answer requests")
    return bundle.task.parse_request(bundle.codec, value)


def add_explanations(
    bundle: Bundle, values: "Sequence[Input]", results: "list[JsonObject]", cancellation: Cancellation
) -> "list[JsonObject]":
    """Add the explanations of predictions, and return the memory that they took to the system.

    Args:
        bundle: The bundle.
        values: JSON values, or the bytes of files.
        results: The results for them, of `predict_values`.
        cancellation: Ends the computation.

    Returns:
        The results with explanations.
    """
    cancellation.frees_memory = True
    try:
        return [
            result if "error" in result else explain_value(bundle, value, result, cancellation)
            for value, result in zip(values, results, strict=True)
        ]
    finally:
        release_memory()


def explain_value(bundle: Bundle, value: "Input", result: "JsonObject", cancellation: Cancellation) -> "JsonObject":
    """Add the explanation of a prediction as a data URL, and as numbers if there are; or return why there is none.

    Args:
        bundle: The bundle.
        value: A JSON value, or the bytes of a file.
        result: The result for it, with `answer`.
        cancellation: Ends the computation.

    Returns:
        The result with `explanation` and `explanation_values`; or `error`.
    """
    suffix = bundle.task.explanation_suffix if isinstance(bundle.task, Explainable) else ""
    cancellation.check()
    with tempfile.TemporaryDirectory() as folder:
        try:
            raw_input = _parse(bundle, value)
            file, values = bundle.explain_with_values(raw_input, Path(folder) / f"explanation{suffix}", cancellation)
            explained: JsonObject = {"explanation": data_url(file)}
        except InputError as error:
            return {"error": public_text(error)}
        return result | explained | ({} if values is None else {"explanation_values": values})
