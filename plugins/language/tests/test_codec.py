"""Byte-pair encoding, the codec, and the forms and batches of training pairs."""

import json
import random
import re

import numpy as np
import pytest

from plexus_language.bpe import apply_merges, join_tokens, learn_merges, split_words
from plexus_language.codec import BEGIN, END, TranslationCodec
from plexus_language.fitting import fit_codec, refit_codec
from plexus_language.pairs import PairExamples
from plexus_language.sentence_forms import informal, masked, small_words
from plexus_language.subwords import Ragged, SubwordSampler
from plexus_language.word_pairs import find_word_pairs

TEXTS = [
    "The white cats sleep, don't they?",
    "Tom isn't here: 1,234 of «them» are…",
    "L'homme dort\u202f!",
    "⟦1⟧ sees ⟦2⟧.",
]
NAMES = ["Tom", "Mary", "John", "Ann"]
NOUNS = {"cat": "chat", "dog": "chien", "house": "maison", "car": "voiture", "book": "livre", "tree": "arbre"}
VERBS = {"sees": "voit", "wants": "veut", "sells": "vend"}
PAIRS = [
    (f"{name} {verb} the {noun} number {n}.", f"{name} {VERBS[verb]} le {NOUNS[noun]} numéro {n}.")
    for n, (name, verb, noun) in enumerate((name, verb, noun) for name in NAMES for verb in VERBS for noun in NOUNS)
]


@pytest.fixture(scope="module")
def pairs():
    return PairExamples([a for a, _ in PAIRS], [b for _, b in PAIRS])


@pytest.fixture(scope="module")
def codec(pairs):
    return fit_codec(pairs, ("en", "fr"), True, 150)


@pytest.mark.parametrize("text", TEXTS)
def test_words_join_to_the_text(text):
    assert join_tokens(split_words(text)) == text


def test_words():
    assert split_words("don't go!") == ["▁don'", "t", "▁go", "!"]
    assert split_words("a 12⟦1⟧") == ["▁a", "▁1", "2", "⟦1⟧"]
    assert split_words("Oui !") == ["▁Oui", "▁!"]


def test_merges_are_those_of_the_library():
    from tokenizers import Tokenizer, models

    words = {word: count for count, (a, b) in enumerate(PAIRS, 1) for word in split_words(f"{a} {b}")}
    tokens, merges = learn_merges(words, 120)
    library = Tokenizer(models.BPE({token: n for n, token in enumerate(tokens)}, merges))
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    assert len(tokens) == 120
    for word in words:
        assert apply_merges(word, ranks) == library.encode(word).tokens


def test_dropout_is_reproducible_and_keeps_the_text(codec):
    word = "▁numéro"
    drawn = [apply_merges(word, codec.ranks, 0.3, random.Random(seed)) for seed in range(50)]
    assert drawn == [apply_merges(word, codec.ranks, 0.3, random.Random(seed)) for seed in range(50)]
    assert {"".join(tokens) for tokens in drawn} == {word}
    assert len(set(map(tuple, drawn))) > 3
    assert apply_merges(word, codec.ranks, 1.0, random.Random(0)) == list(word)


def test_encode_and_decode(codec):
    text = "Tom sees the dog number 12."
    (source,), (target,) = codec.encode_source([text], ("en", "fr")), codec.encode_target([text])
    assert source == [codec.tag(("en", "fr")), *target, END]
    assert codec.tag(("fr", "en")) != source[0]
    assert codec.decode_ids(target) == text
    offsets = codec.source_offsets(text)
    assert len(offsets) == len(source)
    assert offsets[0] == offsets[-1] == (0, 0)
    assert "".join(text[start:end] for start, end in offsets) == text
    assert codec.encode([text])["source"].tolist() == [source]
    assert codec.decode({"tokens": np.array([[*target, END, 0]])}, [text])[0].translation == text


def test_statistics(codec):
    assert codec.knows_word("en", "Cat")
    assert not codec.knows_word("fr", "cat")
    assert codec.has_unknown("日")
    assert not codec.has_unknown("a cat")
    assert codec.scripts == {"LATIN"}
    assert codec.digit_share == 1
    assert codec.length_ratio >= 1
    assert codec.max_words == 10, "the sentences of the training are shorter"
    assert codec.placeholder_texts == ("⟦1⟧", "⟦2⟧", "⟦3⟧", "⟦4⟧")
    assert codec.encode_target(["⟦2⟧"])[0][-1] == codec.placeholders[1]
    assert [codec.vocabulary[n].strip("▁") for n in codec.digit_tokens if len(codec.vocabulary[n]) == 1] == list(
        "0123456789"
    )
    assert BEGIN in codec.special_tokens
    assert END not in codec.special_tokens


@pytest.mark.parametrize(("words", "expected"), [(3, 10), (30, 30), (200, 45)])
def test_the_limit_of_words_is_that_of_the_training_sentences(words, expected):
    sentences = ["cat " * words] * 50
    pairs = PairExamples(sentences, sentences)
    assert fit_codec(pairs, ("en", "fr"), True, 60).max_words == expected


def test_state_is_restored(codec):
    state = json.loads(json.dumps(codec.to_json()))
    TranslationCodec.state.model_validate(state)
    restored = TranslationCodec.from_json(state)
    assert restored.to_json() == codec.to_json()
    assert restored.encode_target(TEXTS) == codec.encode_target(TEXTS)


def test_refitted_codec_has_the_same_tokens(codec):
    other = refit_codec(PairExamples(["A big zebra."] * 5, ["Un grand zèbre."] * 5), codec)
    assert other.vocabulary == codec.vocabulary
    assert other.knows_word("en", "zebra")
    assert other.knows_word("en", "cat")


def test_word_pairs_are_found():
    pairs = dict(find_word_pairs([a for a, _ in PAIRS], [b for _, b in PAIRS]))
    assert NOUNS.items() <= pairs.items()
    assert VERBS.items() <= pairs.items()
    assert find_word_pairs([], []) == []


def test_forms():
    small = small_words(["I see the cat.", "Here the cat and Tom sleep.", "Yes, it is here."])
    assert informal("The cat sleeps.", small) == "the cat sleeps"
    assert informal("Tom sleeps !", small) == "Tom sleeps"
    assert informal("?", small) == "?"
    places = ("⟦1⟧", "⟦2⟧")
    assert masked("Tom has 12 cats.", "Tom a 12 chats.", places) == ("⟦1⟧ has ⟦2⟧ cats.", "⟦1⟧ a ⟦2⟧ chats.")
    assert masked("Tom likes Tom.", "Tom aime Tom.", places) is None
    assert masked("I sleep.", "Je dors.", places) is None


def test_sampled_ids_are_those_of_the_texts(codec, pairs):
    sampler = SubwordSampler(codec, pairs.inputs)
    rows = np.array([5, 0, 5])
    plain = sampler.sample(rows, 0.0, (0,))
    assert [row.tolist() for row in np.split(plain.values, plain.starts[1:-1])] == codec.encode_target(
        [pairs.inputs[r] for r in rows]
    )
    dropped = sampler.sample(np.arange(len(pairs)), 0.5, (0, 1))
    assert [codec.decode_ids(row.tolist()) for row in np.split(dropped.values, dropped.starts[1:-1])] == pairs.inputs
    assert len(dropped.values) > len(sampler.sample(np.arange(len(pairs)), 0.0, (0, 1)).values)
    assert np.array_equal(dropped.values, sampler.sample(np.arange(len(pairs)), 0.5, (0, 1)).values)


def test_ragged():
    rows = Ragged.of([[1, 2], [], [3]])
    assert rows.lengths.tolist() == [2, 0, 1]
    assert rows.padded(np.array([2, 0, 1]), 3).tolist() == [[3, 0, 0], [1, 2, 0], [0, 0, 0]]


def test_batches_hold_every_pair_in_both_directions(codec, pairs):
    texts = pairs.training_texts(codec)
    assert pairs.training_texts(codec) is texts
    batches = texts.batches(8, 0.1, seed=0, epoch=0)
    rows = []
    for number in range(len(batches)):
        x, y = batches.x[number]
        assert x["target"].shape == y.shape
        assert (y[:, -1] > 0).any()
        assert (x["source"][:, -1] > 0).any()
        assert (x["target"][:, 0] == BEGIN).all()
        assert np.array_equal(x["target"][:, 1:], np.where(y == END, 0, y)[:, :-1])
        for source, target in zip(x["source"], y, strict=True):
            tokens = source[source > 0]
            rows.append((int(tokens[0]), codec.decode_ids(tokens[1:-1]), codec.decode_ids(target[target > 0][:-1])))
    expected = 2 * (len(pairs) + len(texts.word_pairs))
    assert len(rows) == expected - expected % 8
    expected = {*PAIRS, *((b, a) for a, b in PAIRS)}
    assert 0.5 < np.mean([row[1:] in expected for row in rows]) < 0.9
    for direction, language in ((("en", "fr"), "the"), (("fr", "en"), "le")):
        chosen = [row for row in rows if row[0] == codec.tag(direction) and re.search(r"\b(number|numéro) ", row[1])]
        assert chosen
        assert all(f" {language} " in row[1] for row in chosen)
    forms = " ".join(row[1] for row in rows)
    assert "⟦1⟧" in forms
    assert any(row[1] in NOUNS for row in rows)
    assert "<unknown>" not in forms
