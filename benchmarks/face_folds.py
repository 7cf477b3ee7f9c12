"""Embedders that learn from 24 persons of the ORL faces, tested on the other 6: five folds by person.

    PLEXUS_DATA=... python benchmarks/face_folds.py [--models lda plexus] [--seed 0]
        [--option NAME=VALUE ...]

`lda` is linear discriminant analysis of local binary patterns; `plexus` is `faces.recognize --weights none`, with four
of the 24 persons as validation split. Both see the same aligned faces; `lda` also the pictures as they are. The options
are those of the task, such as `epochs=20`. It prints a Markdown table of equal error rates. They depend on who is in
which fold, so compare models of one run: the mean of LDA on pictures was 8.2 to 11.2 % over 20 seeds.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline

from plexus import Examples, Findings, Run
from plexus.metrics.verification import compare_all, equal_error_rate
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer
from plexus_faces.dataset import FaceDataset
from plexus_faces.face import Face
from plexus_faces.face_finder import find_faces

FOLDS, VAL_PERSONS = 5, 4
CELLS, COMPONENTS = 4, 100
NEIGHBOURS = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))


def uniform_codes() -> np.ndarray:
    """Return the bin of each of the 256 patterns: those with two changes around the circle or fewer, and all others."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    is_uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    return np.where(is_uniform, np.cumsum(is_uniform) - 1, is_uniform.sum())


UNIFORM = uniform_codes()


def binary_patterns(image: np.ndarray) -> np.ndarray:
    """Return histograms of the uniform local binary patterns of 4 x 4 cells (Ahonen, Hadid & Pietikäinen 2006).

    The square root of the shares makes their Euclidean distance that of Hellinger.
    """
    height, width = image.shape[0] - 2, image.shape[1] - 2
    center = image[1:-1, 1:-1]
    codes = sum(
        (image[row : row + height, column : column + width] >= center) * np.uint8(1 << bit)
        for bit, (row, column) in enumerate(NEIGHBOURS)
    )
    rows = np.array_split(UNIFORM[codes], CELLS, axis=0)
    cells = [cell for row in rows for cell in np.array_split(row, CELLS, axis=1)]
    counts = [np.bincount(cell.ravel(), minlength=UNIFORM.max() + 1) / cell.size for cell in cells]
    return np.sqrt(np.concatenate(counts))


def lda_error(features: np.ndarray, persons: np.ndarray, is_test: np.ndarray) -> float:
    """Return the equal error rate of LDA on principal components, compared by cosine (Belhumeur et al. 1997)."""
    model = make_pipeline(PCA(COMPONENTS, random_state=0), LinearDiscriminantAnalysis())
    embeddings = model.fit(features[~is_test], persons[~is_test]).transform(features[is_test])
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    pairs = compare_all(embeddings, persons[is_test])
    return equal_error_rate(pairs.similarities, pairs.genuine)


def plexus_error(faces: list[Face], persons: np.ndarray, is_test: np.ndarray, values: dict[str, str]) -> float:
    """Return the equal error rate of a network that is trained from nothing."""
    task = registry().task("faces.recognize")
    options = task.options.parse({"data": "orl_faces", "weights": "none", **values})
    others = np.unique(persons[~is_test])
    val = np.random.default_rng(options.seed).permutation(others)[:VAL_PERSONS]
    is_val = np.isin(persons, val)
    examples = Examples(faces, persons.tolist())
    rows = {"train": ~is_test & ~is_val, "val": is_val, "test": is_test}
    parts = {split: examples.take(np.flatnonzero(row)) for split, row in rows.items()}
    with tempfile.TemporaryDirectory() as folder:
        run = Run.start(task.id, options, folder=Path(folder) / "run")
        result = Trainer(task).train(run, FaceDataset(parts, options.seed, Findings()))
    return result["scores"]["equal_error_rate"]


def main() -> None:
    """Print the equal error rate of each model and fold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=["lda", "plexus"], default=["lda", "plexus"])
    parser.add_argument("--option", action="append", default=[], help="option of the task, as NAME=VALUE")
    parser.add_argument("--seed", type=int, default=0, help="random seed of the folds")
    options = parser.parse_args()
    values = dict(each.split("=", 1) for each in options.option)
    files = sorted((Path(os.environ["PLEXUS_DATA"]) / "orl_faces").glob("s*/*.pgm"))
    persons = np.array([file.parent.name for file in files])
    faces = [detected[0] for detected in find_faces(files)]
    models = select_models(files, faces, persons, values, options.models)
    folds = np.array_split(np.random.default_rng(options.seed).permutation(np.unique(persons)), FOLDS)
    print(f"| equal error rate in % | {' | '.join(f'fold {fold}' for fold in range(1, FOLDS + 1))} | mean | seconds |")
    print("|---|" + "---|" * (FOLDS + 2))
    for name, error in models.items():
        started = time.monotonic()
        errors = [100 * error(np.isin(persons, fold)) for fold in folds]
        cells = " | ".join(f"{each:.1f}" for each in [*errors, float(np.mean(errors))])
        print(f"| {name} | {cells} | {time.monotonic() - started:.0f} |", flush=True)


def select_models(
    files: list[Path], faces: list[Face], persons: np.ndarray, values: dict[str, str], names: list[str]
) -> dict[str, Callable[[np.ndarray], float]]:
    """Return functions from the rows of a test fold to the equal error rate."""
    pictures = np.stack([binary_patterns(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)) for file in files])
    aligned = np.stack([binary_patterns(face.chip.mean(axis=2).astype(np.uint8)) for face in faces])
    models = {
        "lda": {
            "LDA on LBP, pictures": lambda is_test: lda_error(pictures, persons, is_test),
            "LDA on LBP, aligned faces": lambda is_test: lda_error(aligned, persons, is_test),
        },
        "plexus": {
            f"plexus, --weights {values.get('weights', 'none')}": lambda is_test: plexus_error(
                faces, persons, is_test, values
            )
        },
    }
    return {title: error for name in names for title, error in models[name].items()}


if __name__ == "__main__":
    main()
