"""Chest X-rays that the project draws, for demos and tests without data files."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SIDE = 32
LABELS = ("normal", "opacity")
IMAGES = {"train": 400, "test": 120}
"""Images by split."""
MAX_IMAGES = 3
"""Images of a patient at most."""
POSITIVE_SHARE = 0.4
_BODY, _AIR, _RIB = 0.75, 0.42, 0.07
"""Brightness of tissue, what air takes away, and what a rib adds."""
_BRIGHTEST = 0.08
"""How much brighter than tissue a lung can be."""
_HAZE = 0.2
"""Brightness that haze adds to both lungs at most, in any patient: the mean of the lungs does not tell an opacity."""


@dataclass(frozen=True)
class DrawnXrays:
    """Drawn X-rays of one split.

    Args:
        images: `uint8` of shape `(n, 32, 32)`.
        outcomes: 1 for an image with opacities, else 0, shape `(n,)`.
        patients: Number of the patient of each image, shape `(n,)`; no patient is in two splits.

    Example:
        ```python
        draw_xrays()["test"].images.shape  # (120, 32, 32)
        ```
    """

    images: np.ndarray
    outcomes: np.ndarray
    patients: np.ndarray


def draw_xrays(seed: int = 0) -> dict[str, DrawnXrays]:
    """Draw chest X-rays of patients who do not exist.

    Each has two lungs with ribs, a heart and noise. Those of ill patients have one to three soft, round opacities in
    the lungs. Position, size, exposure and haze vary in all images, so that the place of a bright pixel says little.

    Args:
        seed: Seed of the patients and the images.

    Returns:
        The images of `train` and `test`.
    """
    rng = np.random.default_rng(seed)
    patients, first = {}, 0
    for split, count in IMAGES.items():
        patients[split] = first + _patients(rng, count)
        first = patients[split][-1] + 1
    everyone = np.concatenate(list(patients.values()))
    is_ill = rng.permutation(first) < POSITIVE_SHARE * first
    images = _draw(rng, everyone, is_ill[everyone])
    splits, start = {}, 0
    for split, numbers in patients.items():
        end = start + len(numbers)
        splits[split] = DrawnXrays(images[start:end], is_ill[numbers].astype(np.int64), numbers)
        start = end
    return splits


def _patients(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return numbers of patients with one to `MAX_IMAGES` images each, counted from 0."""
    numbers = np.repeat(np.arange(count), rng.integers(1, MAX_IMAGES + 1, count))
    return numbers[:count]


def _draw(rng: np.random.Generator, patients: np.ndarray, is_ill: np.ndarray) -> np.ndarray:
    """Draw all images at once: the lungs are those of the patient, all else is of the image."""
    count, people = len(patients), patients[-1] + 1
    y, x = _places(rng, count)
    anatomy = {
        "width": rng.uniform(0.27, 0.36, people)[patients],
        "height": rng.uniform(0.62, 0.8, people)[patients],
        "center": rng.uniform(0.4, 0.48, people)[patients],
        "ribs": rng.uniform(7.5, 10, people)[patients],
    }
    anatomy = {name: values[:, None, None] for name, values in anatomy.items()}
    lungs = _lungs(x, y, anatomy)
    ribs = _ribs(x, y, anatomy["ribs"], rng.uniform(0, 2 * np.pi, (count, 1, 1)))
    heart = 0.3 * np.exp(-(((x - 0.12) / rng.uniform(0.16, 0.26, (count, 1, 1))) ** 2) - ((y - 0.35) / 0.35) ** 2)
    haze = rng.uniform(0, _HAZE, (count, 1, 1)) + 0.1 * rng.uniform(-1, 1, (count, 1, 1)) * y
    opacities = _opacities(rng, x, y, anatomy) * is_ill[:, None, None]
    density = np.minimum(haze - _AIR + _RIB * ribs + heart + opacities, _BRIGHTEST)
    picture = _BODY + lungs * density
    exposure, contrast = rng.uniform(-0.12, 0.12, (count, 1, 1)), rng.uniform(0.75, 1.1, (count, 1, 1))
    noise = 0.02 * rng.standard_normal(picture.shape, np.float32)
    exposed = 0.45 + exposure + contrast * (picture - 0.5) + noise
    return np.asarray(np.clip(255 * exposed, 0, 255), np.uint8)


def _places(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates of the pixels, about -1 to 1, of patients who stand a little elsewhere and turned."""
    steps = np.linspace(-1, 1, SIDE, dtype=np.float32)
    y, x = np.meshgrid(steps, steps, indexing="ij")
    angle, scale = rng.uniform(-0.12, 0.12, (count, 1, 1)), rng.uniform(0.9, 1.15, (count, 1, 1))
    shift = rng.uniform(-0.12, 0.12, (2, count, 1, 1))
    return (
        scale * (np.cos(angle) * y - np.sin(angle) * x) + shift[0],
        scale * (np.sin(angle) * y + np.cos(angle) * x) + shift[1],
    )


def _lungs(x: np.ndarray, y: np.ndarray, anatomy: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the share of lung in each pixel: two ellipses with soft borders."""
    across, along = (np.abs(x) - anatomy["center"]) / anatomy["width"], y / anatomy["height"]
    return np.asarray(1 / (1 + np.exp(np.clip(10 * (across**2 + along**2 - 1), -50, 50))))


def _ribs(x: np.ndarray, y: np.ndarray, frequency: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Return bright bands that fall outwards."""
    return np.asarray(np.maximum(np.sin(frequency * (y - 0.5 * x**2) + phase), 0))


def _opacities(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, anatomy: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return one to three soft round spots in the lungs of each image."""
    count = len(x)
    total = np.zeros_like(x)
    number = rng.integers(1, 4, (count, 1, 1))
    for spot in range(3):
        side = rng.choice([-1, 1], (count, 1, 1))
        column = side * (anatomy["center"] + anatomy["width"] * rng.uniform(-0.5, 0.5, (count, 1, 1)))
        row = anatomy["height"] * rng.uniform(-0.65, 0.65, (count, 1, 1))
        radius = rng.uniform(0.1, 0.17, (count, 1, 1))
        strength = rng.uniform(0.25, 0.36, (count, 1, 1)) * (spot < number)
        total += strength * np.exp(-((x - column) ** 2 + (y - row) ** 2) / radius**2)
    return total
