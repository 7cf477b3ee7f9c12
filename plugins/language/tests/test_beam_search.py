"""Beam search: best sequences, length penalty, rules, batches."""

import itertools

import numpy as np
import pytest

from plexus_language.beam_search import BeamSearch, length_batches, top_k
from plexus_language.hypotheses import Constraint, SearchSettings
from plexus_language.token_rules import TokenRules

BEGIN, END, SIZE = 1, 2, 7
WORDS = range(3, SIZE)


class TableNetwork:
    """A decoder whose log-probabilities depend on the last token, the place and the source."""

    def __init__(self, end=1.0, seed=0):
        logits = np.random.default_rng(seed).normal(size=(4, SIZE, SIZE)) * 1.5
        logits[:, :, END] += end - 1.0
        logits[:, :, [0, BEGIN]] = -30
        self.table = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
        self.rows = []

    def log_probabilities(self, source, place, last):
        return self.table[(source + place) % 4, last]

    def __call__(self, inputs, network):
        source = inputs["source"]
        if network == "encoder":
            cross = np.zeros((*source.shape[:1], 1, 1, source.shape[1], 1), np.float32)
            return {"cross_keys": cross, "cross_values": cross}
        token, keys = inputs["token"], inputs["keys"]
        self.rows.append(token.shape)
        result = np.array(
            [
                [self.log_probabilities(int(s[0]), keys.shape[4], t) for t in line]
                for s, line in zip(source, token, strict=True)
            ]
        )
        caches = np.concatenate([keys, token[:, :, None, None, None, None].astype(np.float32)], axis=4)
        # The caches hold the tokens of the same hypothesis: they were reordered with it.
        attention = np.full((*token.shape, source.shape[1]), 1 / source.shape[1], np.float32)
        return {
            "log_probabilities": result.astype(np.float32),
            "attention": attention,
            "new_keys": caches,
            "new_values": caches,
        }


def rules(**options):
    return TokenRules(SIZE, BEGIN, END, forbidden=[0], **options)


def exhaustive(network, source, settings, longest):
    """The best complete sequences of at most `longest` tokens that repeat nothing three times."""
    results = []
    for length in range(1, longest):
        for words in itertools.product(WORDS, repeat=length):
            if any(len(set(words[i : i + 3])) == 1 for i in range(length - 2)):
                continue
            steps = [BEGIN, *words, END]
            total = sum(
                network.log_probabilities(source, place, a)[b] for place, (a, b) in enumerate(itertools.pairwise(steps))
            )
            results.append((total / settings.penalty(length + 1), words))
    return sorted(results, reverse=True)


@pytest.mark.parametrize("seed", range(5))
def test_finds_the_best_sequence(seed):
    network, settings = TableNetwork(seed=seed), SearchSettings(beam=64, alternatives=3)
    results = BeamSearch(network, rules(), settings).search([[5, 2]], [Constraint(5)])[0]
    expected = exhaustive(network, 5, settings, 5)[:3]
    assert [one.tokens for one in results] == [words for _, words in expected]
    assert [one.score for one in results] == pytest.approx([score for score, _ in expected], abs=1e-5)


def test_a_beam_of_one_takes_the_most_probable_token():
    network = TableNetwork(seed=3)
    results = BeamSearch(network, rules(), SearchSettings(beam=1)).search([[4]], [Constraint(6)])[0][0]
    last, total = BEGIN, 0.0
    for place, token in enumerate([*results.tokens, END][: len(results.tokens) + results.is_complete]):
        values = network.log_probabilities(4, place, last).copy()
        values[END] = -np.inf if place == 0 else values[END]
        assert token == values.argmax()
        last, total = token, total + values[token]
    assert results.log_probability == pytest.approx(total, abs=1e-5)


def test_a_batch_gives_the_results_of_single_sentences():
    network, settings = TableNetwork(seed=1), SearchSettings(beam=4, alternatives=2)
    sources = [[s] + [9] * (s % 3) for s in range(1, 12)]
    search = BeamSearch(network, rules(), settings)
    together = search.search(sources, [Constraint(8)] * len(sources))
    alone = [search.search([source], [Constraint(8)])[0] for source in sources]
    assert [[one.tokens for one in each] for each in together] == [[one.tokens for one in each] for each in alone]
    assert [each[0].attention.shape for each in together] == [
        (len(each[0].tokens), len(source)) for each, source in zip(together, sources, strict=True)
    ]


def test_the_length_penalty_prefers_longer_sequences():
    network = TableNetwork(seed=2)
    lengths = [
        len(BeamSearch(network, rules(), SearchSettings(8, penalty)).search([[3]], [Constraint(12)])[0][0].tokens)
        for penalty in (0.0, 3.0)
    ]
    assert lengths[0] < lengths[1]


def test_length_penalty_of_the_paper():
    assert SearchSettings(length_penalty=0.6).penalty(7) == pytest.approx(2**0.6)
    assert SearchSettings(length_penalty=0.0).penalty(7) == 1


def test_a_forced_prefix_begins_every_result():
    search = BeamSearch(TableNetwork(seed=4), rules(), SearchSettings(4, alternatives=3))
    for one in search.search([[3]], [Constraint(8, prefix=(6, 6, 5))])[0]:
        assert one.tokens[:3] == (6, 6, 5)


def test_required_tokens_occur_once():
    search = BeamSearch(TableNetwork(seed=5), TokenRules(SIZE, BEGIN, END, forbidden=[0, 5, 6]), SearchSettings(4))
    results = search.search([[3], [3]], [Constraint(8, required=frozenset([5, 6])), Constraint(8)])
    assert results[0][0].tokens.count(5) == 1
    assert results[0][0].tokens.count(6) == 1
    assert not {5, 6} & set(results[1][0].tokens)


def test_nothing_is_repeated_three_times_in_a_row():
    network = TableNetwork(seed=6)
    network.table[:] = -9.0
    network.table[:, :, 4] = -0.01
    network.table[:, 4, 5] = network.table[:, 5, 4] = -0.001
    network.table[:, 4, 4] = -9.0
    free = BeamSearch(network, rules(repeatable=[4, 5]), SearchSettings(1)).search([[3]], [Constraint(12)])[0][0]
    assert free.tokens == (4, 5) * 6
    assert not free.is_complete
    results = BeamSearch(network, rules(), SearchSettings(1)).search([[3]], [Constraint(12)])[0][0]
    assert (results.tokens, results.is_complete) == ((4, 5, 4, 5), True)
    allowed = BeamSearch(network, rules(), SearchSettings(1)).search([[3]], [Constraint(12, may_repeat=True)])[0][0]
    assert allowed.tokens == (4, 5) * 6


def test_the_length_cap_ends_a_search_without_an_end():
    network = TableNetwork(end=-40.0)
    results = BeamSearch(network, rules(), SearchSettings(3)).search([[3]], [Constraint(5)])[0][0]
    assert len(results.tokens) == 5
    assert not results.is_complete


def test_a_search_without_any_possible_token_ends():
    nothing = TokenRules(SIZE, BEGIN, END, forbidden=[0, END, *WORDS])
    results = BeamSearch(TableNetwork(), nothing, SearchSettings(2)).search([[3]], [Constraint(5)])[0][0]
    assert (results.tokens, results.is_complete) == ((), False)


def test_finished_sentences_are_not_computed_further():
    network = TableNetwork(seed=1)
    BeamSearch(network, rules(), SearchSettings(2)).search([[s] for s in range(8)], [Constraint(9)] * 8)
    counts = [rows for rows, _ in network.rows]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 8
    assert network.rows[0] == (8, 1)


def test_batches_are_of_similar_length_within_the_limits():
    lengths = [3, 600, 4, 500, 3, 2000] + [10] * 70
    batches = list(length_batches(lengths))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert all(len(batch) <= 32 for batch in batches)
    assert all(len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 1024 for batch in batches)
    assert [5] in batches


@pytest.mark.parametrize(("width", "count"), [(5, 8), (64, 3), (1000, 8), (20_000, 8)])
def test_largest_scores(width, count):
    scores = np.random.default_rng(width).integers(0, width, (3, width)).astype(np.float32)
    values, places = top_k(scores, count)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    assert (values == np.take_along_axis(scores, order, axis=1)).all()
    assert (np.take_along_axis(scores, places, axis=1) == values).all()
