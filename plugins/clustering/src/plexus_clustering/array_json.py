"""Arrays of a codec as JSON: base64 keeps every bit and is smaller than decimal digits."""

import base64

import numpy as np

from plexus.codec import JsonObject

_TYPE = "<f4"


def array_to_json(array: np.ndarray) -> JsonObject:
    """Convert an array of floats.

    Args:
        array: The array, of any shape.

    Returns:
        `shape`, and `float32`: its content in base64, little-endian.
    """
    return {"shape": list(array.shape), "float32": base64.b64encode(array.astype(_TYPE).tobytes()).decode()}


def array_from_json(state: JsonObject) -> np.ndarray:
    """Convert the result of `array_to_json` back.

    Args:
        state: The object that `array_to_json` returned.

    Returns:
        The array as float32.

    Raises:
        ValueError: If the content is not that of the shape, or not finite.
    """
    content = np.frombuffer(base64.b64decode(state["float32"]), _TYPE)
    if not np.isfinite(content).all():
        raise ValueError("an array holds values that are not finite")
    return content.reshape(state["shape"]).astype(np.float32)
