"""Cross-fitting of the weights of the two kinds of models."""

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Arrays
from plexus_sentiment.codec import TextCodec, as_text
from plexus_sentiment.examples import TextExamples
from plexus_sentiment.length_sorted_predictor import LengthSortedPredictor
from plexus_sentiment.nb_svm import count_ngrams, cross_fitted_logits
from plexus_sentiment.passages import cut_passages
from plexus_sentiment.stacking import Stacking, interpolation_weights
from plexus_sentiment.stacking_fit import KNOTS, fit_weights
from plexus_sentiment.windows import compute_sections

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from plexus import Predictor

ENOUGH_TEXTS = 0.05
"""Share of the texts at a knot from which passages do not count there."""


def fit_stacking(predictor: "Predictor", examples: TextExamples, codec: TextCodec, seed: int) -> Stacking:
    """Fit weights on texts, and on passages of them, that each kind of model was not fitted on.

    Passages are as short as no whole text of a corpus of reviews is. At lengths of which there are enough texts they
    do not count.

    Args:
        predictor: The networks, each of which was trained without a fold.
        examples: The training texts.
        codec: The codec.
        seed: Random seed of the folds and the passages.

    Returns:
        The weights.
    """
    from scipy.sparse import vstack

    classes, ngrams = codec.label_indices(examples.targets), count_text_ngrams(examples, codec)
    networks = predictor({name: values[:1] for name, values in examples.encode(codec).items()})["nets"].shape[1]
    folds = examples.folds(classes, networks, seed)
    rows = np.flatnonzero((folds >= 0) & (folds < networks))
    words = [codec.split_words(as_text(examples.inputs[row])) for row in rows.tolist()]
    owners, passages = cut_passages(words, np.random.default_rng(seed))
    parts = [_compute_texts(predictor, examples, codec, rows), _compute_passages(predictor, codec, passages)]
    rows = np.concatenate([rows, rows[owners]])
    others = vstack([ngrams[rows[: len(words)]], _count_passage_ngrams(passages, codec)]).tocsr()
    linear = cross_fitted_logits(ngrams, classes, len(codec.labels), folds, others, folds[rows])
    ensemble = np.concatenate([part["nets"] for part in parts])[np.arange(len(rows)), folds[rows]]
    word_counts = [part["words"] for part in parts]
    weights = np.concatenate([np.ones(len(words)), passage_weights(*word_counts)])
    return fit_weights(linear, ensemble, np.concatenate(word_counts), classes[rows], weights)


def passage_weights(texts: np.ndarray, passages: np.ndarray) -> np.ndarray:
    """Return weights of passages: 1 at lengths that no text has, 0 where at least 5 % of the texts are.

    The label of a passage is that of its text, and often wrong: where texts of its length are, they decide.

    Args:
        texts: Number of words of each text, shape `(n,)`.
        passages: Number of words of each passage, shape `(m,)`.

    Returns:
        Weights from 0 to 1, shape `(m,)`.
    """
    present = interpolation_weights(texts, KNOTS).mean(axis=0) / ENOUGH_TEXTS
    return np.asarray(interpolation_weights(passages, KNOTS) @ np.maximum(1 - present, 0))


def count_text_ngrams(examples: TextExamples, codec: TextCodec) -> "csr_matrix":
    """Count the n-grams of texts.

    Args:
        examples: The texts.
        codec: The codec.

    Returns:
        The result of `count_ngrams`.
    """
    window_counts = codec.window_counts(examples.word_counts(codec))
    return count_ngrams(examples.encode(codec)["grams"], window_counts, codec.ngrams.buckets)


def _compute_texts(predictor: "Predictor", examples: TextExamples, codec: TextCodec, rows: np.ndarray) -> Arrays:
    word_counts = examples.word_counts(codec)
    of_rows = np.repeat(np.isin(np.arange(len(examples)), rows), codec.window_counts(word_counts))
    windows = {name: values[of_rows] for name, values in examples.encode(codec).items()}
    return codec.pool(LengthSortedPredictor(predictor)(windows), word_counts[rows])


def _compute_passages(predictor: "Predictor", codec: TextCodec, passages: Sequence[list[str]]) -> Arrays:
    word_counts = np.array([len(words) for words in passages], np.int64)
    sections = list(chain.from_iterable(map(codec.sections, passages)))
    return codec.pool(compute_sections(predictor, codec, sections), word_counts)


def _count_passage_ngrams(passages: Sequence[list[str]], codec: TextCodec) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    owners, buckets = codec.ngrams.hash(passages)
    return csr_matrix((np.ones(len(owners), np.float32), (owners, buckets)), (len(passages), codec.ngrams.buckets + 1))
