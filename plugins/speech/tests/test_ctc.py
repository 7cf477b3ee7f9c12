"""Decoding, against every way to say a text."""

import itertools

import numpy as np
import pytest

from plexus_speech.alphabet import indices, written
from plexus_speech.ctc import aligned, greedy, prefix_beam
from plexus_speech.lexicon import Lexicon


def collapsed(path):
    return tuple(letter for i, letter in enumerate(path) if letter and (i == 0 or path[i - 1] != letter))


def logs(steps, letters, seed):
    drawn = np.random.default_rng(seed).dirichlet(np.ones(letters + 1), steps)
    return np.log(drawn)


def by_text(rows):
    """The probability of every text, summed over all paths."""
    found = {}
    for path in itertools.product(range(rows.shape[1]), repeat=len(rows)):
        text = collapsed(path)
        found[text] = found.get(text, 0.0) + np.exp(rows[range(len(rows)), path].sum())
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_wide_beam_finds_the_most_probable_text(seed):
    rows = logs(6, 2, seed)
    found = by_text(rows)
    best = max(found, key=found.get)
    assert tuple(prefix_beam(rows, 200)) == best
    assert found[tuple(greedy(rows))] <= found[best]


@pytest.mark.parametrize("seed", range(12))
def test_a_lexicon_finds_the_most_probable_of_its_texts(seed):
    space, words = 3, [[1, 2], [2], [1, 1, 2]]
    rows, lexicon = logs(6, 3, seed), Lexicon(words, space)
    texts = {()} | {
        tuple(itertools.chain(*[[*word, space] for word in chosen]))[:-1]
        for count in (1, 2, 3)
        for chosen in itertools.product(words, repeat=count)
    }
    found = {text: value for text, value in by_text(rows).items() if text in texts}
    assert tuple(prefix_beam(rows, 500, lexicon)) == max(found, key=found.get)


@pytest.mark.parametrize("seed", range(8))
def test_letters_are_aligned_on_the_most_probable_path(seed):
    rows, letters = logs(7, 3, seed), [1, 1, 3]
    spans = aligned(rows, letters)
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
    assert written(indices("a cab's".replace("s", ""), alphabet), alphabet) == "a cab'"
    assert aligned(logs(4, 2, 0), []).shape == (0, 2)
