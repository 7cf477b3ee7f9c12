"""Metrics of translations by sacreBLEU; only evaluation imports this module."""

import re
from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest, Result

from plexus.metrics.intervals import bootstrap_interval

LENGTHS = {"1_5": (1, 5), "6_10": (6, 10), "over_10": (11, 10**9)}
"""Classes of the number of words of the source: first and last number."""
RESAMPLES = 1000
_REPEATING = re.compile(r"\b(\w+(?:\W+\w+){0,3})(?:\W+\1\b){2,}", re.IGNORECASE)
_WORD = re.compile(r"\w+")

References = Sequence[Sequence[str]]
"""One or several references of each sentence."""


class PairedComparison(NamedTuple):
    """Result of the paired bootstrap test of two systems.

    Attributes:
        first: BLEU of the first system.
        second: BLEU of the second system.
        p_value: Probability of a difference of this size between equal systems.

    Example:
        ```python
        compare(baseline, translations, references).p_value < 0.05
        ```
    """

    first: float
    second: float
    p_value: float


def corpus_metrics(translations: Sequence[str], references: References, sources: Sequence[str]) -> dict[str, float]:
    """Compute the metrics of translations, cased and detokenized.

    Args:
        translations: Of each sentence.
        references: Of each sentence.
        sources: The sentences.

    Returns:
        `bleu` with its 95 % interval `bleu_low` to `bleu_high`, from 0 to 100; `chrf` (chrF2) and `exact`, from 0 to 1;
        `bleu_1_5`, `bleu_6_10` and `bleu_over_10` by the number of words of the source, if there are such; the shares
        `empty`, `copied` and `repeating`; and `copy_bleu`, that of the sources as translations.
    """
    bleu = _bleu_of(translations, references)
    low, high = bleu_interval((translations, references))
    counts = [len(_WORD.findall(source)) for source in sources]
    by_length = {
        f"bleu_{name}": _bleu_of([translations[i] for i in rows], [references[i] for i in rows])
        for name, (first, last) in LENGTHS.items()
        if (rows := [i for i, count in enumerate(counts) if first <= count <= last])
    }
    triples = list(zip(translations, references, sources, strict=True))
    return {
        "bleu": bleu,
        "bleu_low": low,
        "bleu_high": high,
        "chrf": CHRF().corpus_score(translations, _streams(references)).score / 100,
        "exact": _share(_plain(text) in map(_plain, each) for text, each, _ in triples),
        **by_length,
        "empty": _share(not text.strip() and bool(source.strip()) for text, _, source in triples),
        "copied": _share(
            _plain(text) == _plain(source) and _plain(text) not in map(_plain, each) for text, each, source in triples
        ),
        "repeating": _share(is_repeating(text) and not is_repeating(source) for text, _, source in triples),
        "copy_bleu": _bleu_of(sources, references),
    }


def bleu_interval(*corpora: tuple[Sequence[str], References], seed: int = 0) -> tuple[float, float]:
    """Compute the 95 % interval of BLEU, or of its mean over corpora, by resampling sentences (Koehn 2004).

    Args:
        *corpora: Pairs of translations and their references; the n-th sentences of all corpora, which have the same
            size, are the same example in several directions and are resampled together.
        seed: Random seed.

    Returns:
        Lower and upper bound.
    """
    statistics = np.array([_sentence_statistics(*corpus) for corpus in corpora])

    def mean_bleu(rows: np.ndarray) -> float:
        sums = statistics[:, rows].sum(axis=1).tolist()
        return float(np.mean([_corpus_bleu(each) for each in sums]))

    return bootstrap_interval(mean_bleu, [np.arange(statistics.shape[1])], seed)


def _sentence_statistics(translations: Sequence[str], references: References) -> list[list[int]]:
    """Return the matches and totals of n-grams, and both lengths, of each sentence."""
    metric = BLEU(effective_order=True)
    scores = [metric.sentence_score(text, list(each)) for text, each in zip(translations, references, strict=True)]
    return [[*each.counts, *each.totals, each.sys_len, each.ref_len] for each in scores]


def _corpus_bleu(sums: list[int]) -> float:
    return float(BLEU.compute_bleu(sums[:4], sums[4:8], sums[8], sums[9], smooth_method="exp").score)


def sentence_chrf(translation: str, references: Sequence[str]) -> float:
    """Compute the chrF2 of a sentence.

    Args:
        translation: The translation.
        references: Its references.

    Returns:
        From 0 to 1.
    """
    return float(CHRF().sentence_score(translation, list(references)).score) / 100


def signatures(references: References) -> dict[str, str]:
    """Return the signatures of sacreBLEU, which name all settings and its version.

    Args:
        references: Of each sentence.

    Returns:
        The signature of `bleu` and `chrf`.
    """
    metrics = {"bleu": BLEU(), "chrf": CHRF()}
    for metric in metrics.values():
        metric.corpus_score([""] * len(references), _streams(references))  # it counts the references
    return {name: str(metric.get_signature()) for name, metric in metrics.items()}


def compare(first: Sequence[str], second: Sequence[str], references: References) -> PairedComparison:
    """Compare two systems by the paired bootstrap test (Koehn 2004).

    Args:
        first: Translations of a system.
        second: Translations of another system.
        references: Of each sentence.

    Returns:
        BLEU of both, and the p-value of their difference.
    """
    if list(first) == list(second):  # sacreBLEU's p-value is 0.001 then
        bleu = _bleu_of(first, references)
        return PairedComparison(bleu, bleu, 1.0)
    systems: list[tuple[str, Sequence[str]]] = [("first", list(first)), ("second", list(second))]
    _, scores = PairedTest(systems, {"BLEU": BLEU()}, _streams(references), "bs", RESAMPLES)()
    one, other = (each for each in scores["BLEU"] if isinstance(each, Result))
    return PairedComparison(float(one.score), float(other.score), float(cast("float", other.p_value)))


def is_repeating(text: str) -> bool:
    """Return whether a text says up to four words three times in a row.

    Args:
        text: The text.

    Returns:
        Whether it does.
    """
    return _REPEATING.search(text) is not None


def _bleu_of(translations: Sequence[str], references: References) -> float:
    return float(BLEU().corpus_score(translations, _streams(references)).score)


def _streams(references: References) -> list[list[str]]:
    """Return the references as sacreBLEU takes them: all first ones, all second ones, and so on; None for none."""
    most = max(len(each) for each in references)
    # Its types do not say that None is allowed.
    return [[each[place] if place < len(each) else None for each in references] for place in range(most)]  # type: ignore[misc]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _share(values: object) -> float:
    return float(np.mean(list(values)))  # type: ignore[call-overload]
