"""From the values that a DICOM file stores to those that are displayed."""

from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError

if TYPE_CHECKING:
    from pydicom import Dataset

PERCENTILES = (0.5, 99.5)
"""Percentiles of the values that become black and white, where the file names no window: a burned-in letter or a dead
pixel does not darken the image."""
BYTE_BITS = 8
_GREY = ("MONOCHROME2", "MONOCHROME1")
_PALETTE = "PALETTE COLOR"
_COLORS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")


def require_interpretation(kind: str, samples: int, name: str) -> None:
    """Refuse an image whose values have no meaning that is read.

    Args:
        kind: The Photometric Interpretation (PS3.3, C.7.6.3.1.2).
        samples: Samples per pixel.
        name: Name of the file, for messages.

    Raises:
        InputError: If it is not one of those with this number of samples.
    """
    expected = _COLORS if samples == 3 else (*_GREY, _PALETTE)
    if kind not in expected:
        raise InputError(
            f"{name} has the Photometric Interpretation {kind[:16]!r}, expected {', '.join(expected[:-1])} or "
            f"{expected[-1]}: save it again as {expected[0]}"
        )


def to_grey(pixels: np.ndarray, elements: "Dataset", name: str) -> np.ndarray:
    """Apply the modality and the VOI transformation to a grey image (PS3.3, C.11.1 and C.11.2).

    Args:
        pixels: Values as they are stored, shape `(height, width)`.
        elements: The elements of the file.
        name: Name of the file, for messages.

    Returns:
        `uint8` if 8 bits or fewer are stored, else `uint16`, shape `(height, width)`; 0 is black.

    Raises:
        InputError: If a window is invalid.
    """
    kind = str(elements.PhotometricInterpretation)
    grey = _to_integers(_displayed(pixels, elements, name), elements)
    return np.iinfo(grey.dtype).max - grey if kind == "MONOCHROME1" else grey


def to_rgb(pixels: np.ndarray, elements: "Dataset", name: str) -> np.ndarray:
    """Return a color image with the full range of its type.

    Args:
        pixels: Indices of a palette, shape `(height, width)`, or RGB, shape `(height, width, 3)`.
        elements: The elements of the file.
        name: Name of the file, for messages.

    Returns:
        `uint8` or `uint16`, shape `(height, width, 3)`.

    Raises:
        InputError: If samples have a sign or more than 16 bits.
    """
    bits = int(elements.BitsStored)
    if elements.PhotometricInterpretation == _PALETTE:
        from pydicom.pixels.processing import apply_color_lut

        pixels = apply_color_lut(pixels, elements)[..., :3]
        return pixels if pixels.dtype == np.uint8 else (pixels >> BYTE_BITS).astype(np.uint8)
    if pixels.dtype.kind != "u" or bits > 2 * BYTE_BITS:
        raise InputError(f"{name} has colors of {bits} bits, expected 8 or 16 without a sign")
    return pixels if pixels.dtype == np.uint8 else _to_integers(pixels / (2.0**bits - 1), elements)


def apply_window(values: np.ndarray, center: float, width: float, function: str = "LINEAR") -> np.ndarray:
    """Apply a window to values (PS3.3, C.11.2.1.2 and C.11.2.1.3).

    pydicom's scales to the range of the stored values, whose ends it does not return.

    Args:
        values: Values after the modality transformation, any shape.
        center: Center of the window.
        width: Width of the window, 1 or more for `LINEAR`, else above 0.
        function: `LINEAR`, `LINEAR_EXACT` or `SIGMOID`.

    Returns:
        Shares of the display's range, from 0 (black) to 1 (white), of the same shape.
    """
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -80, 80))))
    if function == "LINEAR":
        center, width = center - 0.5, width - 1
    if not width:
        return (values > center).astype(values.dtype)
    return np.clip((values - center) / width + 0.5, 0, 1)


def _displayed(pixels: np.ndarray, elements: "Dataset", name: str) -> np.ndarray:
    """Return shares of the display's range."""
    bits = int(elements.BitsStored)
    values = _modality(pixels, elements)
    if elements.get("VOILUTSequence"):
        return _shares_of_table(values, elements.VOILUTSequence[0], _order(elements))
    if elements.get("WindowCenter") is not None and elements.get("WindowWidth") is not None:
        return _windowed(values, elements, name)
    if bits <= BYTE_BITS and pixels.dtype.kind == "u" and values is pixels:
        return pixels / np.float32(2**bits - 1)
    return _full_range(values, _padding(pixels, elements))


def _modality(pixels: np.ndarray, elements: "Dataset") -> np.ndarray:
    """Apply the modality LUT, or slope and intercept (PS3.3, C.11.1.1); the pixels themselves if there is neither."""
    if elements.get("ModalityLUTSequence"):
        return _looked_up(pixels, elements.ModalityLUTSequence[0], _order(elements))[0]
    slope, intercept = elements.get("RescaleSlope"), elements.get("RescaleIntercept")
    slope, intercept = (1 if slope is None else float(slope)), (0 if intercept is None else float(intercept))
    if slope == 1 and intercept == 0:
        return pixels
    if not (np.isfinite(slope) and np.isfinite(intercept)):
        raise ValueError("slope and intercept must be finite")
    return pixels.astype(_float_of(elements)) * slope + intercept


def _windowed(values: np.ndarray, elements: "Dataset", name: str) -> np.ndarray:
    try:
        center, width = _first(elements.WindowCenter), _first(elements.WindowWidth)
    except (TypeError, ValueError):
        raise InputError(f"{name} has a Window Center or Window Width that is no number: correct it") from None
    function = str(elements.get("VOILUTFunction") or "LINEAR")
    least = 1 if function == "LINEAR" else 0
    if function not in {"LINEAR", "LINEAR_EXACT", "SIGMOID"}:
        raise InputError(f"{name} has a VOI LUT Function that DICOM does not define")
    if not np.isfinite((center, width)).all() or width < least or not width:
        raise InputError(f"{name} has a window of width {width:g}, expected 1 or more: correct its Window Width")
    return apply_window(values.astype(_float_of(elements), copy=False), center, width, function)


def _looked_up(values: np.ndarray, item: "Dataset", order: str) -> tuple[np.ndarray, int]:
    """Return the entries of a lookup table, and their bits (PS3.3, C.11.1.1 and C.11.2.1.1).

    pydicom's functions wrap indices that do not fit the type of the entries.
    """
    count, first, bits = (int(number) for number in item.LUTDescriptor)
    count = count % (1 << 16) or 1 << 16
    data = item.LUTData
    if isinstance(data, bytes):
        data = np.frombuffer(data, f"{order}u2" if len(data) >= 2 * count else np.uint8)
    table = np.asarray(data, np.int64).reshape(-1)[:count]
    if len(table) < count or not 1 <= bits <= 16:
        raise ValueError("the lookup table is cut off")
    indices = np.clip(np.rint(values).astype(np.int64) - first, 0, count - 1)
    return table[indices], bits


def _shares_of_table(values: np.ndarray, item: "Dataset", order: str) -> np.ndarray:
    entries, bits = _looked_up(values, item, order)
    return np.asarray(entries / np.float32(max(2**bits - 1, int(entries.max()))))


def _padding(pixels: np.ndarray, elements: "Dataset") -> np.ndarray | None:
    """Return which pixels are padding (PS3.3, C.7.5.1.1.2), if the file names its value."""
    value = elements.get("PixelPaddingValue")
    return None if value is None else pixels == value


def _full_range(values: np.ndarray, padding: np.ndarray | None) -> np.ndarray:
    image = values if padding is None or padding.all() else values[~padding]
    low, high = np.percentile(image, PERCENTILES)
    if high <= low:
        low, high = float(image.min()), float(image.max())
    if high <= low:
        return np.zeros(values.shape, np.float32)
    return np.asarray(np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1))


def _to_integers(shares: np.ndarray, elements: "Dataset") -> np.ndarray:
    kind = np.uint8 if elements.BitsStored <= BYTE_BITS else np.uint16
    return np.rint(shares * np.float32(np.iinfo(kind).max)).astype(kind)


def _order(elements: "Dataset") -> str:
    """Return the order of the bytes of words, as NumPy writes it."""
    return ">" if elements.original_encoding[1] is False else "<"


def _float_of(elements: "Dataset") -> type[np.floating]:
    """Return the type of floats that holds the values exactly."""
    return np.float32 if elements.BitsStored <= 16 else np.float64


def _first(value: object) -> float:
    """Return the first of one or more values."""
    return float(value[0] if hasattr(value, "__getitem__") and not isinstance(value, str) else value)  # type: ignore[arg-type]
