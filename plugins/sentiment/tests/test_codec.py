"""Tokenization, n-grams, NB-SVM, folds, stacking and duplicates."""

import numpy as np
import pytest

from plexus import Findings, SupervisedDataset
from plexus.plugins.registry import registry
from plexus_sentiment.codec import TextCodec, as_text, pool_windows
from plexus_sentiment.codec_state import TextState
from plexus_sentiment.cross_fitting import passage_weights
from plexus_sentiment.duplicates import TextFingerprints
from plexus_sentiment.examples import TextExamples
from plexus_sentiment.explain import attribute_words
from plexus_sentiment.nb_svm import COST, COUNT_SMOOTHING, count_ngrams, cross_fitted_logits, fit_nb_svm
from plexus_sentiment.ngrams import NgramHasher, pad_rows
from plexus_sentiment.options import ClassifyOptions
from plexus_sentiment.passages import LONGEST, LONGEST_FOR_PRESET, SHORTEST, cut_token_passages, sample_encoder_windows
from plexus_sentiment.slices import slice_accuracies
from plexus_sentiment.stacking_fit import fit_weights
from plexus_sentiment.tokenization import APOSTROPHE, alphanumeric, split_sentences, split_words

TEXTS = ["It's not bad, at all!", "a", "", "Größe — 很好 😀 good", "the the the cat"]
BUCKETS = 1 << 16


def ngrams_of(text, max_words=3, characters=True, max_gap=0):
    return NgramHasher(max_words, max_gap, characters, BUCKETS).hash([split_words(text)])[1]


def count_all(texts, hasher):
    """Return the n-gram counts of texts of one window each."""
    owners, buckets = hasher.hash([split_words(text) for text in texts])
    return count_ngrams(pad_rows(owners, buckets, len(texts)), np.ones(len(texts), int), hasher.buckets)


def test_ngrams_do_not_depend_on_other_texts():
    owners, buckets = NgramHasher(3, 2, True, BUCKETS).hash([split_words(text) for text in TEXTS])
    rows = pad_rows(owners, buckets, len(TEXTS))
    for row, text in zip(rows, TEXTS, strict=True):
        np.testing.assert_array_equal(row[row > 0], ngrams_of(text, max_gap=2))
    assert rows.min() == 0
    assert rows.max() <= BUCKETS


def test_kinds_of_ngrams():
    assert len(ngrams_of("one two three", characters=False)) == 3 + 2 + 1
    # " cat " has the trigrams " ca", "cat", "at ", the 4-grams " cat", "cat " and the 5-gram " cat ".
    assert len(ngrams_of("cat", 1)) == 1 + 3 + 2 + 1
    assert len(ngrams_of("cat cat cat", 1)) == len(ngrams_of("cat", 1))
    assert len(ngrams_of("")) == 0
    assert set(ngrams_of("not bad", 1, False)) < set(ngrams_of("not bad", 2, False))
    assert set(ngrams_of("not bad", 2, False)) != set(ngrams_of("bad not", 2, False))
    # Skip-grams: "one three", "two four" skip one word; "one four" skips two.
    assert len(ngrams_of("one two three four", 1, False, max_gap=1)) == 4 + 2
    assert len(ngrams_of("one two three four", 1, False, max_gap=9)) == 4 + 2 + 1
    assert set(ngrams_of("not a bad film", 1, False, 1)) & set(ngrams_of("not really bad", 1, False, 1)) == (
        set(ngrams_of("not bad", 1, False))
        | set(ngrams_of("not really bad", 1, False, 1)) - set(ngrams_of("not really bad", 1, False))
    )


def test_ngrams_at_the_end_of_long_texts():
    words = [f"word{number}" for number in range(7)]
    plain, with_end = NgramHasher(3, 0, False, BUCKETS), NgramHasher(3, 0, False, BUCKETS, end_words=3)
    all_of_text, all_with_end = plain.hash([words])[1], with_end.hash([words])[1]
    assert len(set(all_with_end) - set(all_of_text)) == 3 + 2  # one and two words of the last three
    moved = with_end.hash([[words[-1], *words[:-1]]])[1]
    assert set(moved) - set(all_with_end) - set(plain.hash([[words[-1], *words[:-1]]])[1])
    short = words[:6]
    np.testing.assert_array_equal(with_end.hash([short])[1], plain.hash([short])[1])
    np.testing.assert_array_equal(with_end.unigrams().hash([words])[1], plain.unigrams().hash([words])[1])


def test_words_letters_and_sentences():
    assert split_words(f"It{APOSTROPHE}s GOOD, isn't it?") == ["it's", "good", ",", "isn't", "it", "?"]
    assert alphanumeric("It ' s good , is n't it ?") == alphanumeric("It's GOOD, isn't it?")
    assert split_sentences("Good. Really good! 3.5 stars? Yes.") == ["Good.", "Really good!", "3.5 stars?", "Yes."]
    assert split_sentences("") == []


def test_nb_svm_equals_the_published_method():
    """The logits on n-grams counted by scikit-learn are those of the published method."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.svm import LinearSVC

    from plexus_sentiment.phrases import generate_phrases

    texts, classes = generate_phrases(600, seed=3)
    classes = np.array(classes)
    counter = CountVectorizer(
        tokenizer=split_words, token_pattern=None, lowercase=False, ngram_range=(1, 2), binary=True
    )
    x = counter.fit_transform(texts)
    inside, outside = (COUNT_SMOOTHING + np.asarray(x[classes == side].sum(axis=0)).ravel() for side in (0, 1))
    ratios = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    classifier = LinearSVC(C=COST, max_iter=20_000).fit(x.multiply(ratios).tocsr(), classes == 0)
    weights = 0.75 * np.abs(classifier.coef_[0]).mean() + 0.25 * classifier.coef_[0]
    expected = x.multiply(ratios).tocsr() @ weights

    counts = count_all(texts, NgramHasher(2, 0, False, 1 << 22))
    logits = (counts @ fit_nb_svm(counts, classes, 2))[:, 0]
    assert np.abs(logits).mean() == pytest.approx(1)
    np.testing.assert_allclose(logits, expected / np.abs(expected).mean(), atol=0.05)


def test_cross_fitted_logits_do_not_use_their_fold():
    texts = ["good film", "good cast", "bad film", "bad cast"] * 5 + ["odd word", "odd word"]
    classes = np.array([0, 0, 1, 1] * 5 + [0, 1])
    counts = count_all(texts, NgramHasher(1, 0, False, BUCKETS))
    folds = np.array([0, 1, 2, 3] * 5 + [4, 4])
    logits = cross_fitted_logits(counts, classes, 2, folds, counts, folds)
    np.testing.assert_array_equal(logits[:20].argmax(axis=1), classes[:20])
    np.testing.assert_array_equal(logits[20:], 0)
    others = count_all(["bad cast", "good cast"], NgramHasher(1, 0, False, BUCKETS))
    assert cross_fitted_logits(counts, classes, 2, folds, others, np.array([0, 0])).argmax(axis=1).tolist() == [1, 0]


def test_folds_contain_every_class():
    labels = np.repeat(["1", "2", "10"], [50, 20, 10])
    texts = TextExamples([f"text {n}" for n in range(100)], [*labels, *["1"] * 20], pseudo_labels=20)
    codec = TextCodec.fit(texts, ClassifyOptions())
    assert codec.labels == ["1", "2", "10"]
    classes = codec.label_indices(texts.targets)
    folds = texts.folds(classes, 4, seed=3)
    assert set(folds[80:]) == {-1}
    for fold in range(5):
        assert np.unique(labels[folds[:80] == fold], return_counts=True)[1].tolist() == [10, 2, 4]
    assert texts.folds(classes, 8, seed=3).max() == 7


def test_folds_of_many_texts_are_small():
    """Each network lacks a twentieth of them, and 3,000 texts serve for the stacking."""
    classes = np.arange(20_000) % 2
    texts = TextExamples([""] * 20_000, ["a", "b"] * 10_000)
    assert texts.folds(classes, 3, seed=0).max() + 1 == 20
    assert texts.take(range(9_000)).folds(classes[:9_000], 4, seed=0).max() + 1 == 12


@pytest.mark.parametrize(
    ("words", "end_words", "sizes"),
    [
        (100, 0, {"nets": 4, "embedding_size": 32, "filters": 48, "kernel_widths": "1,2,3"}),
        (101, 20, {"nets": 3, "embedding_size": 100, "filters": 400, "kernel_widths": "3"}),
    ],
)
def test_networks_of_long_texts_are_larger(words, end_words, sizes):
    task = registry().task("sentiment.classify")
    options = task.options.parse({"data": "none"})
    texts = TextExamples([" ".join(["word"] * words)] * 20, ["a", "b"] * 10)
    dataset = SupervisedDataset({"train": texts}, 0, Findings())
    codec = task.fit_codec(dataset, options)
    assert codec.ngrams.end_words == end_words
    assert sizes.items() <= task.resolve_options(dataset, codec, options).items()


def test_negative_numbers_are_ordered_labels():
    codec = TextCodec.fit(TextExamples(["a", "b", "c"], ["1", "-1", "0"]), ClassifyOptions())
    assert codec.labels == ["-1", "0", "1"]
    assert codec.label_values.tolist() == [-1, 0, 1]


def test_windows_are_pooled():
    outputs = {"linear": np.array([[1.0, 2], [3, 4], [5, 6]]), "nets": np.array([[[1.0, 2]], [[3, 4]], [[5, 6]]])}
    pooled = pool_windows(outputs, np.array([2, 1]))
    np.testing.assert_array_equal(pooled["linear"], [[4, 6], [5, 6]])
    np.testing.assert_array_equal(pooled["nets"][:, 0], [[2, 3], [5, 6]])


def test_windows_are_encoded_in_order():
    texts = TextExamples(["one two three " * 20, "", "four five"], ["a", "b", "a"])
    codec = TextCodec.fit(texts, ClassifyOptions(window=16))
    assert codec.window_counts(texts.word_counts(codec)).tolist() == [4, 1, 1]
    arrays = texts.encode(codec)
    assert len(arrays["grams"]) == len(arrays["pieces"]) == 6
    assert not arrays["pieces"][4].any()
    for name, values in codec.encode(["four five"]).items():
        np.testing.assert_array_equal(arrays[name][5][: values.shape[1]], values[0])
        assert not arrays[name][5][values.shape[1] :].any()


def test_windows_of_a_section_share_its_ngrams():
    words = [f"word{n}" for n in range(40)]
    codec = TextCodec.fit(TextExamples([" ".join(words), "a"], ["a", "b"]), ClassifyOptions(window=16))
    alone = codec.encode([" ".join(words)])["pieces"]
    codec.ngram_windows = 2
    arrays = codec.encode([" ".join(words), "", "word1"])
    np.testing.assert_array_equal(arrays["pieces"][:3], alone)
    rows = [row[row > 0] for row in arrays["grams"]]
    np.testing.assert_array_equal(np.concatenate(rows[:2]), codec.ngrams.hash([words[:32]])[1])
    assert abs(len(rows[0]) - len(rows[1])) <= 1
    np.testing.assert_array_equal(rows[2], codec.ngrams.hash([words[32:]])[1])
    assert len(rows) == 5
    assert len(rows[3]) == 0
    np.testing.assert_array_equal(rows[4], codec.ngrams.hash([["word1"]])[1])


def test_a_word_is_attributed_in_its_window_and_section():
    words = [f"word{n}" for n in range(40)]
    codec = TextCodec.fit(TextExamples([" ".join(words), "a"], ["a", "b"]), ClassifyOptions(window=16))
    codec.ngram_windows = 2
    generator = np.random.default_rng(0)
    of_ngrams, of_tokens = (
        generator.normal(0, 0.02, size) for size in (codec.ngrams.buckets + 1, codec.vocabulary_size)
    )
    of_ngrams[0] = of_tokens[0] = 0

    def predictor(inputs, network="network"):
        linear, nets = of_ngrams[inputs["grams"]].sum(axis=1), of_tokens[inputs["pieces"]].sum(axis=1)
        return {"linear": np.stack([linear, -linear], axis=1), "nets": np.stack([nets, -nets], axis=1)[:, None]}

    def log_odds(windows, sections):
        linear = sum(of_ngrams[codec.ngrams.hash([section])[1]].sum() for section in sections)
        tokens = codec.encode_windows(windows, windows)["pieces"]
        return 2 * (linear + of_tokens[tokens].sum() / len(windows))

    values = [attribution.value for attribution in attribute_words(predictor, codec, " ".join(words))]
    windows, sections = [words[:16], words[16:32], words[32:]], [words[:32], words[32:]]
    whole = log_odds(windows, sections)
    sign = 1 if whole > 0 else -1
    for place, window, section in [(3, 0, 0), (20, 1, 0), (35, 2, 1)]:
        without = [[word for word in part if word != words[place]] for part in windows]
        shorter = [[word for word in part if word != words[place]] for part in sections]
        assert len(without[window]) < len(windows[window])
        assert len(shorter[section]) < len(sections[section])
        assert values[place] == pytest.approx(sign * (whole - log_odds(without, shorter)), abs=1e-4)


def test_stacking_prefers_the_better_model():
    generator = np.random.default_rng(0)
    classes = generator.integers(0, 2, 500)
    truth = np.eye(2)[classes]
    good, noise = 2 * truth + generator.normal(size=truth.shape), generator.normal(size=truth.shape)
    words = np.full(500, 20)
    stacking = fit_weights(good, noise, words, classes)
    assert min(stacking.linear) > 0.5
    assert max(stacking.ensemble) < 0.1
    assert np.abs(stacking.offsets).max() < 0.3
    rare, frequent = fit_weights(0 * good, 0 * noise, words, (np.arange(500) % 5 > 0).astype(int)).offsets[0]
    assert frequent - rare > 1


def test_the_mix_is_not_worse_than_its_parts_at_any_length():
    """Logits that grow with the length are mixed with logits of a fixed size, which lean to a class in short texts."""
    generator = np.random.default_rng(0)
    classes, words = generator.integers(0, 2, 12_000), np.exp(generator.uniform(np.log(4), np.log(600), 12_000))
    side, noise = 2 * classes - 1, generator.normal(size=(2, 12_000))
    linear = 0.01 * words * side + 0.04 * words**0.7 * noise[0]
    ensemble = side + 1.5 * noise[1] + 8 / np.sqrt(words)
    linear, ensemble = (np.stack([-logits, logits], axis=1) for logits in (linear, ensemble))
    fitted, checked = slice(0, 6000), slice(6000, None)
    stacking = fit_weights(linear[fitted], ensemble[fitted], words[fitted], classes[fitted])
    long = words > 200
    constant = fit_weights(linear[long], ensemble[long], np.full(long.sum(), 200), classes[long])
    losses = []
    for shortest, longest in ((4, 10), (10, 30), (30, 100), (100, 600)):
        rows = np.flatnonzero((words[checked] >= shortest) & (words[checked] < longest)) + 6000
        logits = [linear[rows], ensemble[rows]]
        logits += [each.combine(linear[rows], ensemble[rows], words[rows]) for each in (stacking, constant)]
        of_linear, of_ensemble, mix, of_constant = (np.mean(x.argmax(axis=1) == classes[rows]) for x in logits)
        assert mix >= max(of_linear, of_ensemble) - 0.005
        losses.append(max(of_linear, of_ensemble) - of_constant)
    assert max(losses) > 0.02  # weights of long texts are wrong for short ones


def test_passages_weigh_only_where_texts_of_their_length_are_rare():
    lengths = np.array([5, 10, 20, 40, 80])
    np.testing.assert_allclose(passage_weights(np.full(100, 200), lengths[:3]), 1)
    np.testing.assert_allclose(passage_weights(np.repeat([20, 200], 50), lengths), [1, 0.5, 0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(passage_weights(np.repeat([5, 320], [1, 39]), lengths), [0.5, 0.75, 1, 1, 1])
    rows, cut = cut_token_passages(np.ones((2, 300), np.int32) * [[1], [0]], np.random.default_rng(0))
    assert rows.tolist() == [0]
    assert SHORTEST <= np.count_nonzero(cut) <= LONGEST


def test_an_encoder_sees_one_window_or_passage_of_each_text():
    first, last = 1, 2
    tokens = np.zeros((4, 203), np.int32)
    tokens[:3] = [first, *range(1000, 1201), last]
    tokens[1:3, 1:-1] += [[1000], [2000]]
    tokens[3, :4] = [first, 5000, 5001, last]
    seen, sizes = set(), []
    for seed in range(40):
        long, short = sample_encoder_windows(tokens, np.array([3, 1]), np.random.default_rng(seed))
        assert short[:4].tolist() == [first, 5000, 5001, last]
        assert not short[4:].any()
        size = np.count_nonzero(long) - 2
        assert SHORTEST <= size <= LONGEST_FOR_PRESET or size == 201
        sizes.append(size)
        assert long[[0, size + 1]].tolist() == [first, last]
        assert np.all(np.diff(long[1 : size + 1]) == 1)
        assert not long[size + 2 :].any()
        seen.add(long[1] // 1000)
    assert seen == {1, 2, 3}
    assert 10 <= sizes.count(201) <= 30


def test_bundles_of_before_have_one_weight_and_texts_as_written():
    codec = TextCodec.fit(TextExamples(["good, isn't it", "bad"], ["a", "b"]), ClassifyOptions())
    state = codec.to_json()
    assert TextState.model_validate(state).model_dump() == state
    old = {name: value for name, value in state.items() if name != "canonical"}
    old["ngrams"] = {name: value for name, value in state["ngrams"].items() if name != "negation"}
    old["stacking"] = {"linear": 2.0, "ensemble": 0.5, "offsets": [0.25, -0.25]}
    old["fingerprints"] = {"letters": state["fingerprints"]["letters"], "shingles": ""}
    TextState.model_validate(old)
    read = TextCodec.from_json(old)
    assert read.split_words("isn't it") == ["isn't", "it"]
    logits = np.array([[1.0, 2.0], [1.0, 2.0]])
    mixed = read.stacking.combine(logits, logits, np.array([0, 9000]))
    np.testing.assert_allclose(mixed, 2.5 * logits + [0.25, -0.25])
    with pytest.raises(ValueError, match="expected ascending numbers of words"):
        TextState.model_validate({**state, "stacking": {**state["stacking"], "knots": [5.0, 2.0]}})


def test_near_duplicates():
    texts = ["If you 've ever entertained the notion, stay away !", "a fine film of two hours or so"]
    fingerprints = TextFingerprints.from_json(TextFingerprints.fit(texts).to_json())
    expected = {
        "if you've ever entertained the notion stay away": True,  # the same letters
        "A fine film, of two hours or so!": True,
        "a fine film of two hours or so it is": True,  # the same shingles
        "a fine film": False,
    }
    assert fingerprints.contains(list(expected)).tolist() == list(expected.values())
    assert not fingerprints.contains(["another text altogether, of some length"]).any()


def test_texts_that_have_common_phrases_are_no_duplicates():
    texts = ["this is one of the worst movies i have ever seen", "do not waste your time and money on this movie"]
    fingerprints = TextFingerprints.fit(texts)
    both = "this is one of the worst movies so do not waste your time and money on it"
    assert not fingerprints.contains([both, "i have ever seen this movie"]).any()
    old = TextFingerprints(fingerprints.letters, fingerprints.sketches, np.zeros(0, np.uint32))
    assert TextFingerprints.from_json(old.to_json()).contains(texts).all()


@pytest.mark.slow
@pytest.mark.data
def test_sst2_repeats_rt_polarity():
    from plexus.plugins.registry import registry

    task = registry().task("sentiment.classify")
    rt_polarity, sst2 = (task.load_dataset(task.options.parse({"data": name})) for name in ("rt_polarity", "sst2"))
    assert task.find_duplicates(sst2["test"], rt_polarity["train"]).mean() > 0.5
    assert task.find_duplicates(sst2["test"], sst2["train"]).mean() < 0.02


def test_slices_are_of_negated_short_and_long_texts():
    texts = ["not bad at all"] * 20 + ["good"] * 20 + ["a fine film of two hours"] * 20
    accuracies = slice_accuracies(texts, np.repeat([True, True, False], 20))
    assert accuracies == {"negated_accuracy": 1.0, "short_accuracy": 1.0, "long_accuracy": 0.0}


def test_the_loss_excludes_the_fold_of_the_example():
    import keras

    from plexus_sentiment.learner import CrossFittedCrossentropy

    generator = np.random.default_rng(0)
    logits = generator.normal(size=(12, 2, 3)).astype(np.float32)
    classes, folds = generator.integers(0, 3, 12), np.arange(12) % 5
    loss = CrossFittedCrossentropy(0.1)
    value = float(loss(np.stack([classes, folds], axis=1), logits))
    smoothed = 0.9 * np.eye(3)[classes] + 0.1 / 3
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    losses = -(smoothed[:, None] * log_probabilities).sum(axis=-1)
    expected = sum(losses[folds != network, network].mean() for network in range(2))
    assert value == pytest.approx(expected, rel=1e-5)
    config = keras.saving.serialize_keras_object(loss)["config"]
    assert config["smoothing"] == 0.1


def test_a_lone_surrogate_is_a_question_mark():
    assert as_text("a wonderful \udcff film") == "a wonderful ? film"
    assert as_text("naïve") == "naïve"
