"""Metrics of translations, their comparison, and calibrated confidence."""

import subprocess
import sys

import numpy as np
import pytest
import sacrebleu
from dictionary_model import DictionaryCodec, DictionaryPredictor

from plexus.plugins.registry import registry
from plexus.report.intervals import confidence_interval
from plexus_language.confidence import Confidence
from plexus_language.evaluation import EvaluationPair, evaluate
from plexus_language.translation_metrics import (
    bleu_interval,
    compare,
    corpus_metrics,
    is_repeating,
    sentence_chrf,
    signatures,
)

SOURCES = [f"the white house number {n} is here and there are many cats" for n in range(40)]
REFERENCES = [(f"la maison blanche numéro {n} est ici et il y a beaucoup de chats",) for n in range(40)]
GOOD = [each[0] for each in REFERENCES]
BAD = [text.replace("blanche", "noire") if n % 2 else text for n, text in enumerate(GOOD)]


def test_metrics_are_those_of_sacrebleu():
    metrics = corpus_metrics(BAD, REFERENCES, SOURCES)
    first = [each[0] for each in REFERENCES]
    assert metrics["bleu"] == sacrebleu.corpus_bleu(BAD, [first]).score
    assert metrics["chrf"] == pytest.approx(sacrebleu.corpus_chrf(BAD, [first]).score / 100)
    assert metrics["exact"] == 0.5
    assert metrics["bleu_low"] < metrics["bleu"] < metrics["bleu_high"]
    assert metrics["bleu_over_10"] == metrics["bleu"]
    assert "bleu_1_5" not in metrics
    assert (metrics["empty"], metrics["copied"], metrics["repeating"]) == (0, 0, 0)
    assert corpus_metrics(GOOD, REFERENCES, SOURCES)["bleu"] == pytest.approx(100)


def test_several_references():
    references = [("a b c d e",), ("f g h i j", "k l m n o")]
    assert corpus_metrics(["a b c d e", "k l m n o"], references, ["x", "y"])["bleu"] == pytest.approx(100)
    assert "nrefs:var" in signatures(references)["bleu"]


def test_signatures_name_the_settings():
    results = signatures(REFERENCES)
    assert results["bleu"] == f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__}"
    assert results["chrf"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no")


def test_empty_copied_and_repeating_outputs():
    metrics = corpus_metrics(
        ["", "the cat", "non non non", "ha ha ha"], [("x",)] * 4, ["a", "the cat", "b", "ha ha ha"]
    )
    assert (metrics["empty"], metrics["copied"], metrics["repeating"]) == (0.25, 0.5, 0.25)
    assert is_repeating("you see you see you see")
    assert not is_repeating("you see you see me")


def test_the_interval_narrows_with_the_number_of_sentences():
    few, many = (np.subtract(*bleu_interval((BAD * k, REFERENCES * k))[::-1]) for k in (1, 16))
    assert 0 < many < few / 3


def test_paired_test():
    result = compare(BAD, GOOD, REFERENCES)
    assert result.second == pytest.approx(100)
    assert result.p_value < 0.01
    other = [text if n % 2 else text.replace("blanche", "noire") for n, text in enumerate(GOOD)]
    assert compare(BAD, other, REFERENCES).p_value > 0.1
    assert compare(GOOD, list(GOOD), REFERENCES).p_value == 1


def test_chrf_of_a_sentence():
    assert sentence_chrf("le chat", ["le chat"]) == 1
    assert sentence_chrf("le chat", ["un autre texte", "le chat"]) == 1
    assert sentence_chrf("xyz", ["le chat"]) == 0


def test_confidence_is_calibrated():
    rng = np.random.default_rng(0)
    scores = rng.uniform(-3, 0, 20_000)
    is_good = rng.uniform(size=20_000) < np.exp(scores)
    confidence = Confidence.fit(scores, is_good)
    for score in (-2.5, -1.0, -0.2):
        assert confidence.probability(score) == pytest.approx(np.exp(score), abs=0.05)
    assert list(confidence.probabilities) == sorted(confidence.probabilities)
    assert len(confidence.scores) <= 64
    assert Confidence.from_json(confidence.to_json()) == confidence
    few = Confidence.fit([-1.0, -2.0], [True, True])
    assert 0 < few.probability(-1) < 1


def test_evaluate_by_direction():
    codec = DictionaryCodec()
    codec.confidence = Confidence((-1.0,), (0.9,))
    pairs = [
        EvaluationPair("Hello the white house.", ("Bonjour la blanche maison.",), ("en", "fr")),
        EvaluationPair("I love you and cats.", ("Je aime toi et chats.",), ("en", "fr")),
    ]
    metrics = evaluate(DictionaryPredictor(codec), codec, pairs)
    assert metrics["bleu"] == pytest.approx(100)
    assert metrics["exact"] == 1
    assert metrics["confidence_error"] == pytest.approx(0.1)
    pairs.append(EvaluationPair("Maison blanche.", ("White house.",), ("fr", "en")))
    metrics = evaluate(DictionaryPredictor(codec), codec, pairs)
    assert metrics["exact_en_fr"] == 1
    assert metrics["exact_fr_en"] == 0
    assert metrics["exact"] == 0.5
    assert confidence_interval("bleu_en_fr", metrics, 2) == pytest.approx((100, 100))


@pytest.mark.parametrize(
    ("name", "title", "direction"),
    [
        ("bleu", "BLEU", "higher"),
        ("bleu_1_5", "BLEU of sources of 1 to 5 words", "higher"),
        ("bleu_en_fr", "BLEU, en to fr", "higher"),
        ("bleu_1_5_en_fr", "BLEU of sources of 1 to 5 words, en to fr", "higher"),
        ("empty_fr_en", "Share of empty translations, fr to en", "lower"),
        ("copy_bleu_fr_en", "BLEU of the sources as translations, fr to en", ""),
        ("unknown_of_task", "Unknown of task", ""),
    ],
)
def test_titles_of_metrics_have_the_languages(name, title, direction):
    metric = registry().task("language.translate").describe_metric(name)
    assert (metric.label, metric.direction, metric.name) == (title, direction, name)


def test_predicting_imports_no_sacrebleu():
    code = "import sys, plexus_language.translator; print([m for m in ('sacrebleu', 'sklearn') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
