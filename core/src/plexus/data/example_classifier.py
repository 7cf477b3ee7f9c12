"""Simple classifiers of images, sounds, texts and rows, for out-of-fold probabilities."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from plexus.data.example_view import ExampleView
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl
    from scipy.sparse import csr_matrix

CHUNK = 1000
"""Images that are in memory at once."""
BANDS, SEGMENTS = 40, 8
"""Frequency bands and segments in time of the features of a sound."""
WINDOW_SECONDS = 0.025
STEPS = 32
"""Points in time of the features of a series."""
MAX_CATEGORIES = 254
"""Values of a text column that have a feature of their own, the most frequent ones."""
MAX_SOUND_SECONDS = 30


@dataclass(frozen=True)
class ExampleClassifier:
    """Features of examples, and the classifier for them.

    Args:
        features: Features of shape `(n, features)`, perhaps sparse.
        estimator: Creates the classifier, of scikit-learn.
        description: The features and the classifier in words.

    Example:
        ```python
        classifier = ExampleClassifier.of(views)
        probabilities = classifier.out_of_fold(classes, folds=5, seed=0)
        ```
    """

    features: Any
    estimator: Callable[[], Any]
    description: str

    @classmethod
    def of(cls, views: Sequence[ExampleView]) -> Self:
        """Compute the features of examples by their kind.

        Args:
            views: The examples, all of one kind that is not `row`.

        Returns:
            The classifier.

        Raises:
            InputError: If there are no features for the kind, or a file cannot be read.
        """
        kind = views[0].kind
        if kind == "image":
            return cls(_image_features(views), _discriminant, "gradient histograms and linear discriminant analysis")
        if kind == "sound":
            return cls(_sound_features(views), _discriminant, "band energies and linear discriminant analysis")
        if kind == "series":
            return cls(_series_features(views), _discriminant, "resampled values and linear discriminant analysis")
        if kind == "text":
            return cls(_text_features(views), _logistic, "TF-IDF of words and pairs of words, and logistic regression")
        raise InputError("these examples are files of a kind that has no features here")

    @classmethod
    def of_table(cls, frame: "pl.DataFrame") -> Self:
        """Compute the features of the rows of a table.

        Args:
            frame: The table, without the labels.

        Returns:
            The classifier.

        Raises:
            InputError: If the table has no column.
        """
        if not frame.width:
            raise InputError("the table has no column apart from the labels")
        features, categorical = _row_features(frame)
        return cls(features, lambda: _boosting(categorical), "the columns and gradient-boosted trees")

    def out_of_fold(self, classes: np.ndarray, folds: int, seed: int) -> np.ndarray:
        """Predict each example by a classifier that has not seen it.

        Args:
            classes: Class of each example, from 0, shape `(n,)`; each class has as many examples as there are folds.
            folds: Number of folds.
            seed: Random seed of the folds.

        Returns:
            Probabilities of shape `(n, classes)`.
        """
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
        from threadpoolctl import threadpool_limits

        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
        # If other programs run, threads wait for each other: the trees of 569 rows took more than 60 s, not 5 s.
        with threadpool_limits(1):
            probabilities = cross_val_predict(
                self.estimator(), self.features, classes, cv=splitter, method="predict_proba", n_jobs=1
            )
        return np.asarray(probabilities)


def _discriminant() -> Any:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=4.0, max_iter=200)


def _boosting(categorical: np.ndarray) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=60, categorical_features=categorical, random_state=0)


def _image_features(views: Sequence[ExampleView]) -> np.ndarray:
    from plexus.data.images import evenly_spaced, resize, suitable_shape
    from plexus.data.label_spreading import image_descriptors

    shape = (*suitable_shape([view.pixels() for view in evenly_spaced(views, 100)])[:2], 1)
    parts = []
    for start in range(0, len(views), CHUNK):
        images = np.stack([resize(view.pixels(), shape) for view in views[start : start + CHUNK]])
        parts.append(image_descriptors(images))
    return np.concatenate(parts)


def _sound_features(views: Sequence[ExampleView]) -> np.ndarray:
    return np.stack([_bands(*view.samples(MAX_SOUND_SECONDS)) for view in views])


def _bands(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the logarithm of the energy in each band and segment of a sound, and its length."""
    from scipy.signal import ShortTimeFFT, get_window

    size = max(int(WINDOW_SECONDS * rate), 16)
    padded = np.pad(samples, (0, max(size * SEGMENTS - len(samples), 0)))
    transform = ShortTimeFFT(get_window("hann", size), size // 2, rate)
    energy = transform.spectrogram(padded)
    # Bands of equal width in the logarithm of the frequency, as in hearing, above 100 Hz.
    edges = np.searchsorted(transform.f, np.geomspace(100, rate / 2, BANDS + 1)[:-1]).clip(0, len(energy) - 1)
    banded = np.add.reduceat(energy, edges, axis=0)
    starts = np.linspace(0, energy.shape[1], SEGMENTS, endpoint=False).astype(int)
    segments = np.add.reduceat(banded, starts, axis=1) / np.diff(np.append(starts, energy.shape[1]))
    levels = np.log(segments + 1e-8)
    return np.append(levels - levels.max(), np.log(len(samples) / rate + 1e-3))


def _series_features(views: Sequence[ExampleView]) -> np.ndarray:
    arrays = [np.atleast_2d(np.asarray(view.content, float).T) for view in views]
    places = np.linspace(0, 1, STEPS)
    features: np.ndarray = np.nan_to_num(
        np.stack(
            [
                np.concatenate([np.interp(places, np.linspace(0, 1, array.shape[1]), line) for line in array])
                for array in arrays
            ]
        )
    )
    return features


def _text_features(views: Sequence[ExampleView]) -> "csr_matrix":
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [str(view.content) for view in views]
    try:
        return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=100_000).fit_transform(texts)
    except ValueError:  # no text has a word of two letters: letters are features then
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 3)).fit_transform(texts)


def _row_features(frame: "pl.DataFrame") -> tuple[np.ndarray, np.ndarray]:
    """Return numbers, with categories as the rank of their frequency, and which columns are categories."""
    import polars as pl

    columns, categorical = [], []
    for series in frame:
        is_number = series.dtype.is_numeric() or series.dtype == pl.Boolean or series.dtype.is_temporal()
        categorical.append(not is_number)
        columns.append(_as_numbers(series) if is_number else _as_ranks(series))
    return np.column_stack(columns), np.array(categorical)


def _as_numbers(series: "pl.Series") -> np.ndarray:
    return np.asarray(series.to_physical().cast(float).fill_null(float("nan")).to_numpy())


def _as_ranks(series: "pl.Series") -> np.ndarray:
    _, inverse, counts = np.unique(series.cast(str).fill_null("").to_numpy(), return_inverse=True, return_counts=True)
    ranks = np.empty(len(counts), int)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return np.minimum(ranks[inverse], MAX_CATEGORIES).astype(float)
