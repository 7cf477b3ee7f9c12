"""Texts to numbers: the same n-grams whatever the company, and what cannot be told apart."""

import numpy as np
import pytest

from plexus_sentiment.duplicates import Fingerprints
from plexus_sentiment.fitting import fit_codec
from plexus_sentiment.mixing import fit_mix
from plexus_sentiment.ngrams import hashed_ngrams, padded
from plexus_sentiment.options import SentimentOptions
from plexus_sentiment.slices import slices
from plexus_sentiment.texts import Texts, of_texts
from plexus_sentiment.votes import COST, SMOOTHING, count_ngrams, fit_votes, votes_apart
from plexus_sentiment.words import APOSTROPHE, letters_of, sentences_of, words_of

TEXTS = ["It's not bad, at all!", "a", "", "Größe — 很好 😀 good", "the the the cat"]
BUCKETS = 1 << 16


def grams_alone(text, words=3, letters=(3, 6), gap=0):
    _, buckets = hashed_ngrams([words_of(text)], words, gap, letters, BUCKETS)
    return buckets


def test_ngrams_do_not_depend_on_the_texts_beside():
    owners, buckets = hashed_ngrams([words_of(text) for text in TEXTS], 3, 2, (3, 6), BUCKETS)
    rows = padded(owners, buckets, len(TEXTS))
    for row, text in zip(rows, TEXTS, strict=True):
        np.testing.assert_array_equal(row[row > 0], grams_alone(text, gap=2))
    assert rows.min() == 0
    assert rows.max() <= BUCKETS


def test_which_ngrams_there_are():
    assert len(grams_alone("one two three", letters=None)) == 3 + 2 + 1
    # " cat ": of three letters " ca", "cat", "at "; of four " cat", "cat "; of five " cat ".
    assert len(grams_alone("cat", 1)) == 1 + 3 + 2 + 1
    assert len(grams_alone("cat cat cat", 1)) == len(grams_alone("cat", 1))
    assert len(grams_alone("")) == 0
    assert set(grams_alone("not bad", 1, None)) < set(grams_alone("not bad", 2, None))
    assert set(grams_alone("not bad", 2, None)) != set(grams_alone("bad not", 2, None))
    # Pairs: "one three", "two four" with one word between; "one four" with two.
    assert len(grams_alone("one two three four", 1, None, gap=1)) == 4 + 2
    assert len(grams_alone("one two three four", 1, None, gap=9)) == 4 + 2 + 1
    assert set(grams_alone("not a bad film", 1, None, 1)) & set(grams_alone("not really bad", 1, None, 1)) == (
        set(grams_alone("not bad", 1, None))
        | set(grams_alone("not really bad", 1, None, 1)) - set(grams_alone("not really bad", 1, None))
    )


def test_words_letters_and_sentences():
    assert words_of(f"It{APOSTROPHE}s GOOD, isn't it?") == ["it's", "good", ",", "isn't", "it", "?"]
    assert letters_of("It ' s good , is n't it ?") == letters_of("It's GOOD, isn't it?")
    assert sentences_of("Good. Really good! 3.5 stars? Yes.") == ["Good.", "Really good!", "3.5 stars?", "Yes."]
    assert sentences_of("") == []


def test_votes_are_those_of_nb_svm():
    """On the same n-grams as scikit-learn counts, the same decisions as the published method."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.svm import LinearSVC

    from plexus_sentiment.phrases import phrases

    texts, labels = phrases(600, seed=3)
    labels = np.array(labels)
    counter = CountVectorizer(tokenizer=words_of, token_pattern=None, lowercase=False, ngram_range=(1, 2), binary=True)
    x = counter.fit_transform(texts)
    inside, outside = (SMOOTHING + np.asarray(x[labels == side].sum(axis=0)).ravel() for side in (0, 1))
    ratios = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    machine = LinearSVC(C=COST, max_iter=20_000).fit(x.multiply(ratios).tocsr(), labels == 0)
    weights = 0.75 * np.abs(machine.coef_[0]).mean() + 0.25 * machine.coef_[0]
    expected = x.multiply(ratios).tocsr() @ weights

    owners, buckets = hashed_ngrams([words_of(text) for text in texts], 2, 0, None, 1 << 22)
    counted = count_ngrams(padded(owners, buckets, len(texts)), np.arange(len(texts)), len(texts), 1 << 22)
    found = (counted @ fit_votes(counted, labels, 2))[:, 0]
    assert np.abs(found).mean() == pytest.approx(1)
    np.testing.assert_allclose(found, expected / np.abs(expected).mean(), atol=0.05)


def test_votes_apart_are_those_of_the_other_texts():
    texts = ["good film", "good cast", "bad film", "bad cast"] * 5 + ["odd word", "odd word"]
    labels = np.array([0, 0, 1, 1] * 5 + [0, 1])
    owners, buckets = hashed_ngrams([words_of(text) for text in texts], 1, 0, None, BUCKETS)
    counted = count_ngrams(padded(owners, buckets, len(texts)), np.arange(len(texts)), len(texts), BUCKETS)
    folds = np.array([0, 1, 2, 3] * 5 + [4, 4])
    found = votes_apart(counted, labels, 2, folds, 5)
    np.testing.assert_array_equal(found[:20].argmax(axis=1), labels[:20])
    np.testing.assert_array_equal(found[20:], 0)
    assert not votes_apart(counted, labels, 2, folds, 1)[folds > 0].any()


def test_folds_have_every_class():
    labels = np.repeat(["1", "2", "10"], [50, 20, 10])
    texts = Texts([f"text {n}" for n in range(100)], [*labels, *["1"] * 20], guessed=20)
    codec = fit_codec(texts, SentimentOptions())
    assert codec.labels == ["1", "2", "10"]
    folds = texts.folds(codec, 4, seed=3)
    assert set(folds[80:]) == {-1}
    for fold in range(5):
        assert np.unique(labels[folds[:80] == fold], return_counts=True)[1].tolist() == [10, 2, 4]
    assert texts.folds(codec, 8, seed=3).max() == 7


def test_texts_are_the_sum_of_their_windows():
    outputs = {"linear": np.array([[1.0, 2], [3, 4], [5, 6]]), "nets": np.array([[[1.0, 2]], [[3, 4]], [[5, 6]]])}
    found = of_texts(outputs, np.array([0, 0, 1]))
    np.testing.assert_array_equal(found["linear"], [[4, 6], [5, 6]])
    np.testing.assert_array_equal(found["nets"][:, 0], [[2, 3], [5, 6]])


def test_the_better_opinion_counts_more():
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 2, 500)
    truth = np.eye(2)[targets]
    good, noise = 2 * truth + generator.normal(size=truth.shape), generator.normal(size=truth.shape)
    first, second, offsets = fit_mix(good, noise, targets)
    assert first > 0.5
    assert second < 0.1
    assert max(map(abs, offsets)) < 0.3
    _, _, (rare, often) = fit_mix(0 * good, 0 * noise, (np.arange(500) % 5 > 0).astype(int))
    assert often - rare > 1


def test_what_is_nearly_the_same():
    known = Fingerprints.of(["If you 've ever entertained the notion, stay away !", "a fine film of two hours or so"])
    again = Fingerprints.from_json(known.to_json())
    found = {
        "if you've ever entertained the notion stay away": True,  # the same letters
        "A fine film, of two hours or so!": True,
        "a fine film of two hours or so it is": True,  # the same rows of words
        "a fine film": False,
    }
    assert again.among(list(found)).tolist() == list(found.values())
    assert not again.among(["another text altogether, of some length"]).any()


@pytest.mark.data
def test_sst2_is_found_in_rt_polarity():
    from plexus.plugins.registry import registry

    task = registry().task("sentiment.classify")
    both = [task.load_dataset(task.options.parse({"data": name})) for name in ("rt_polarity", "sst2")]
    known = Fingerprints.of(both[0]["train"].raws)
    assert known.among(both[1]["test"].raws).mean() > 0.5
    assert Fingerprints.of(both[1]["train"].raws).among(both[1]["test"].raws).mean() < 0.02


def test_slices_are_of_negated_short_and_long_texts():
    texts = ["not bad at all"] * 20 + ["good"] * 20 + ["a fine film of two hours"] * 20
    found = slices(texts, np.repeat([True, True, False], 20))
    assert found == {"negated_accuracy": 1.0, "short_accuracy": 1.0, "long_accuracy": 0.0}
