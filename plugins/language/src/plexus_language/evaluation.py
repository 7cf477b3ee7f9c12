"""Evaluation and calibration of translation models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus_language.confidence import Confidence
from plexus_language.metrics import direction_metric
from plexus_language.request import SentenceRequest
from plexus_language.translator import Translator

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_language.codec import TranslationCodec
    from plexus_language.translated_sentence import TranslatedSentence

GOOD_CHRF = 0.7
"""chrF2 from which on a translation that is not exact counts as good, for its confidence."""
BINS = 10


@dataclass(frozen=True)
class EvaluationPair:
    """A sentence with its references.

    Args:
        source: The sentence.
        references: One or several translations.
        direction: Codes of the source and the target language.

    Example:
        ```python
        EvaluationPair("Good evening.", ("Bonsoir.",), ("en", "fr"))
        ```
    """

    source: str
    references: tuple[str, ...]
    direction: tuple[str, str]


def evaluate(predictor: "Predictor", codec: "TranslationCodec", pairs: Sequence[EvaluationPair]) -> dict[str, float]:
    """Compute the metrics of translations; sentences are not split.

    Args:
        predictor: The networks.
        codec: The codec.
        pairs: Sentences with references, of one or several directions.

    Returns:
        Of each direction the metrics of `translation_metrics.corpus_metrics` with its languages, as in `bleu_en_fr` and
        `bleu_en_fr_low`; without languages their means; of a calibrated model `confidence_error`, the expected
        calibration error of its confidence, if a sentence was searched for.
    """
    from plexus_language.translation_metrics import bleu_interval, corpus_metrics

    results = translate_pairs(predictor, codec, pairs)
    metrics: dict[str, float] = {}
    by_direction, corpora = [], []
    for direction in dict.fromkeys(pair.direction for pair in pairs):
        rows = [place for place, pair in enumerate(pairs) if pair.direction == direction]
        texts, sources = [results[row].text for row in rows], [pairs[row].source for row in rows]
        corpora.append((texts, [pairs[row].references for row in rows]))
        by_direction.append(corpus_metrics(*corpora[-1], sources))
        metrics |= {direction_metric(name, direction): value for name, value in by_direction[-1].items()}
    if len(by_direction) == 1:
        metrics = {}
    common = [name for name in by_direction[0] if all(name in each for each in by_direction)]
    means = {name: float(np.mean([each[name] for each in by_direction])) for name in common}
    if len({len(texts) for texts, _ in corpora}) == 1:
        means["bleu_low"], means["bleu_high"] = bleu_interval(*corpora)
    scores, good = _scores(results, pairs)
    if codec.confidence is not None and scores:
        means["confidence_error"] = _calibration_error(codec.confidence, scores, good)
    return means | metrics


def calibrate(predictor: "Predictor", codec: "TranslationCodec", pairs: Sequence[EvaluationPair]) -> "TranslationCodec":
    """Fit the confidence of translations on validation sentences.

    Args:
        predictor: The networks.
        codec: The fitted codec.
        pairs: Validation sentences with references.

    Returns:
        The calibrated codec; the codec itself if no sentence was searched for.
    """
    results = translate_pairs(predictor, codec, pairs)
    scores, good = _scores(results, pairs)
    return codec.with_confidence(Confidence.fit(scores, good)) if scores else codec


def is_good(translation: str, references: Sequence[str]) -> bool:
    """Return whether a translation counts as good, for its confidence.

    Args:
        translation: The translation.
        references: Its references.

    Returns:
        Whether it is one of the references, or its chrF2 is at least 0.7.
    """
    from plexus_language.translation_metrics import sentence_chrf

    return translation in references or sentence_chrf(translation, references) >= GOOD_CHRF


def translate_pairs(
    predictor: "Predictor", codec: "TranslationCodec", pairs: Sequence[EvaluationPair]
) -> "list[TranslatedSentence]":
    """Translate the sources of pairs, each as one sentence.

    Args:
        predictor: The networks.
        codec: The codec.
        pairs: The pairs.

    Returns:
        One translation per pair.
    """
    requests = [SentenceRequest(" ".join(pair.source.split()), pair.direction) for pair in pairs]
    return Translator(predictor, codec).search(requests)


def _scores(results: "Sequence[TranslatedSentence]", pairs: Sequence[EvaluationPair]) -> tuple[list[float], list[bool]]:
    """Return the mean log-probability of each translation that was searched for, and whether it is good."""
    scores, good = [], []
    for result, pair in zip(results, pairs, strict=True):
        if (score := result.mean_log_probability) is not None and result.is_complete:
            scores.append(score)
            good.append(is_good(result.text, pair.references))
    return scores, good


def _calibration_error(confidence: Confidence, scores: Sequence[float], good: Sequence[bool]) -> float:
    """Return the expected calibration error (Naeini et al. 2015) in ten bins of equal width."""
    probabilities = np.array([confidence.probability(score) for score in scores])
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, probabilities - np.array(good, float), BINS)
    return float(np.abs(gaps).sum() / len(scores))
