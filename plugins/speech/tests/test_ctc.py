"""CTC decoding, compared with the sum over all alignments."""

import itertools

import numpy as np
import pytest

from plexus_speech.transcription.alphabet import indices_to_text, text_to_indices
from plexus_speech.transcription.codec import Transcript
from plexus_speech.transcription.ctc import align, decode_beam, decode_greedy
from plexus_speech.transcription.lexicon import Lexicon


def collapsed(path):
    return tuple(letter for i, letter in enumerate(path) if letter and (i == 0 or path[i - 1] != letter))


def random_logs(steps, letters, seed):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(letters + 1), steps)
    return np.log(probabilities)


def text_probabilities(rows):
    """Return the probability of every text, summed over all alignments."""
    probabilities = {}
    for path in itertools.product(range(rows.shape[1]), repeat=len(rows)):
        text = collapsed(path)
        probabilities[text] = probabilities.get(text, 0.0) + np.exp(rows[range(len(rows)), path].sum())
    return probabilities


@pytest.mark.parametrize("seed", range(12))
def test_a_wide_beam_finds_the_most_probable_text(seed):
    rows = random_logs(6, 2, seed)
    probabilities = text_probabilities(rows)
    best = max(probabilities, key=probabilities.get)
    assert tuple(decode_beam(rows, 200)) == best
    assert probabilities[tuple(decode_greedy(rows))] <= probabilities[best]


@pytest.mark.parametrize("seed", range(12))
def test_a_lexicon_finds_the_most_probable_of_its_texts(seed):
    space, words = 3, [[1, 2], [2], [1, 1, 2]]
    rows, lexicon = random_logs(6, 3, seed), Lexicon(words, space)
    texts = {()} | {
        tuple(itertools.chain(*[[*word, space] for word in sequence]))[:-1]
        for count in (1, 2, 3)
        for sequence in itertools.product(words, repeat=count)
    }
    probabilities = {text: value for text, value in text_probabilities(rows).items() if text in texts}
    assert tuple(decode_beam(rows, 500, lexicon)) == max(probabilities, key=probabilities.get)


def test_a_lexicon_allows_only_its_words():
    lexicon = Lexicon([[1, 2], [1, 3]], space=4)
    assert lexicon.allowed((), [1, 2, 3, 4]) == [1]
    assert lexicon.allowed((1,), [1, 2, 3, 4]) == [2, 3]
    assert lexicon.allowed((1, 2), [1, 2, 3, 4]) == [4]
    assert lexicon.allowed((1, 2, 4), [1, 2, 3, 4]) == [1]
    assert [lexicon.is_complete(prefix) for prefix in [(), (1,), (1, 2)]] == [True, False, True]


@pytest.mark.parametrize("seed", range(8))
def test_letters_are_aligned_on_the_most_probable_path(seed):
    rows, letters = random_logs(7, 3, seed), [1, 1, 3]
    spans = align(rows, letters)
    best = max(
        (path for path in itertools.product(range(4), repeat=7) if collapsed(path) == tuple(letters)),
        key=lambda path: rows[range(7), path].sum(),
    )
    expected, before = [], 0
    for place, letter in enumerate(best):
        if letter and letter != before:
            expected.append([place, place])
        if letter:
            expected[-1][1] = place + 1
        before = letter
    assert spans.tolist() == expected


def test_texts_survive_the_alphabet():
    alphabet = " abc'"
    assert indices_to_text(text_to_indices("a ca'b", alphabet), alphabet) == "a ca'b"
    assert align(random_logs(4, 2, 0), []).shape == (0, 2)


def test_a_recording_without_words_is_named():
    assert str(Transcript(text="", confidence=0.0, words=())) == "no words recognized"
    assert str(Transcript(text="one two", confidence=0.875, words=())) == "one two  87.5%"
