"""Beam search over an encoder and a decoder with key/value caches.

Prediction depends on NumPy and ONNX Runtime only: the search is here rather than from a library that needs a training
framework.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus_language.hypotheses import Constraint, Hypothesis, SearchSettings
from plexus_language.token_rules import TokenRules

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus.codec import Arrays

MAX_BATCH_TOKENS, MAX_BATCH_SENTENCES = 1024, 32
"""Source tokens with padding, and sentences, that are searched at the same time."""
BLOCK = 64
"""Width of the blocks of scores whose maxima find the largest scores."""


class BeamSearch:
    """Finds translations with a high probability, all sentences of a batch at the same time.

    The beam is an axis of its own in the decoder: the hypotheses of a sentence share the keys and values of its source.

    Args:
        predictor: The networks `encoder` and `decoder`.
        rules: Which tokens may follow.
        settings: Width of the beam, length penalty and number of results.

    Example:
        ```python
        search = BeamSearch(predictor, TokenRules(codec.vocabulary_size, begin=2, end=3), SearchSettings(beam=4))
        best = search.search([[5, 17, 3]], [Constraint(max_length=20)])[0][0]
        ```
    """

    def __init__(self, predictor: "Predictor", rules: TokenRules, settings: SearchSettings) -> None:
        self.predictor, self.rules, self.settings = predictor, rules, settings

    def search(self, sources: Sequence[Sequence[int]], constraints: Sequence[Constraint]) -> list[list[Hypothesis]]:
        """Search for the translations of sentences, those of similar length in the same batch.

        Args:
            sources: Token ids of each sentence; not empty.
            constraints: The constraint of each sentence.

        Returns:
            Of each sentence the best hypotheses, the best first; one at least.
        """
        results: list[list[Hypothesis]] = [[] for _ in sources]
        for places in length_batches([len(source) for source in sources]):
            batch = _Batch(self, [sources[place] for place in places], [constraints[place] for place in places])
            for place, hypotheses in zip(places, batch.run(), strict=True):
                results[place] = hypotheses
        return results


def length_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group sentences of similar length.

    Args:
        lengths: Length of each sentence in tokens.

    Yields:
        Places of the sentences of a batch, within the limits of tokens and sentences.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda each: (lengths[each], each)):
        is_full = (len(batch) + 1) * lengths[place] > MAX_BATCH_TOKENS or len(batch) == MAX_BATCH_SENTENCES
        if batch and is_full:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def top_k(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest scores of each row in descending order.

    The largest scores are in the blocks with the largest maxima: a row of 20,000 is not partitioned as a whole.

    Args:
        scores: Shape `(n, width)`.
        count: Number of scores per row.

    Returns:
        Scores and their places, each of shape `(n, min(count, width))`.
    """
    rows, width = scores.shape
    padded = np.pad(scores, ((0, 0), (0, -width % BLOCK)), constant_values=-np.inf) if width % BLOCK else scores
    blocks = padded.reshape(rows, -1, BLOCK)
    maxima = blocks.max(axis=2)
    count, few = min(count, width), min(count, maxima.shape[1])
    best = np.argpartition(-maxima, few - 1, axis=1)[:, :few]
    places = (best[:, :, None] * BLOCK + np.arange(BLOCK)).reshape(rows, -1)
    candidates = np.take_along_axis(blocks, best[:, :, None], axis=1).reshape(rows, -1)
    order = np.lexsort((places, -candidates), axis=1)[:, :count]  # equal scores in the order of their places
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(places, order, axis=1)


@dataclass
class _State:
    """The hypotheses that may grow, of the sentences that are not finished: `n` sentences, `b` hypotheses each.

    Args:
        rows: Place of each sentence in the batch, shape `(n,)`.
        scores: Sum of the log-probabilities, shape `(n, b)`.
        tokens: Tokens so far, shape `(n, b, t)`.
        attention: Cross-attention of each token, shape `(n, b, t, s)`.
        source: Inputs of the decoder that belong to a sentence.
        caches: Inputs of the decoder that belong to a hypothesis.
    """

    rows: np.ndarray
    scores: np.ndarray
    tokens: np.ndarray
    attention: np.ndarray
    source: "Arrays"
    caches: "Arrays"

    def select(self, places: np.ndarray, parents: np.ndarray) -> None:
        """Keep some sentences, and of each the hypotheses that are continued; nothing is copied if all are.

        Args:
            places: Places of the sentences, shape `(sentences,)`.
            parents: Places of the hypotheses, shape `(sentences, beam)`.
        """
        if len(places) < len(self.rows):
            self.source = {name: values[places] for name, values in self.source.items()}
            self.rows = self.rows[places]
        elif parents.shape == self.scores.shape and (parents == np.arange(parents.shape[1])).all():
            return
        index = places[:, None], parents
        self.caches = {name: values[index] for name, values in self.caches.items()}
        self.tokens, self.attention = self.tokens[index], self.attention[index]


class _Batch:
    """The search for a batch of sentences.

    Args:
        search: The networks, rules and settings.
        sources: Token ids of each sentence.
        constraints: The constraint of each sentence.
    """

    def __init__(self, search: BeamSearch, sources: Sequence[Sequence[int]], constraints: Sequence[Constraint]) -> None:
        self.predictor, self.rules, self.settings = search.predictor, search.rules, search.settings
        self.constraints, self.lengths = constraints, [len(source) for source in sources]
        self.finished: list[list[Hypothesis]] = [[] for _ in sources]
        self.allowed = np.stack([self.rules.penalties(constraint) for constraint in constraints])
        self.state = self._encode(sources)

    def run(self) -> list[list[Hypothesis]]:
        """Search until every sentence is finished.

        Returns:
            The best hypotheses of each sentence.
        """
        while len(self.state.rows):
            self._step()
        return [sorted(each, key=lambda one: -one.score)[: self.settings.alternatives] for each in self.finished]

    def _encode(self, sources: Sequence[Sequence[int]]) -> _State:
        count, width = len(sources), max(self.lengths)
        ids = np.zeros((count, width), np.int32)
        for row, source in enumerate(sources):
            ids[row, : len(source)] = source
        cross = self.predictor({"source": ids}, network="encoder")
        _, layers, heads, _, size = cross["cross_keys"].shape
        empty = np.zeros((count, 1, layers, heads, 0, size), np.float32)
        return _State(
            np.arange(count),
            np.zeros((count, 1)),
            np.zeros((count, 1, 0), np.int32),
            np.zeros((count, 1, 0, width), np.float32),
            {"source": ids, "cross_keys": cross["cross_keys"], "cross_values": cross["cross_values"]},
            {"keys": empty, "values": empty},
        )

    def _step(self) -> None:
        """Compute the next token of every hypothesis, and keep the best ones."""
        state, beam = self.state, self.settings.beam
        begins = np.full((*state.scores.shape, 1), self.rules.begin, np.int32)
        last = np.concatenate([begins, state.tokens], axis=2)[:, :, -1]
        outputs = self.predictor({**state.source, "token": last, **state.caches}, network="decoder")
        state.caches = {name: outputs[f"new_{name}"] for name in ("keys", "values")}
        state.attention = np.concatenate([state.attention, outputs["attention"][:, :, None]], axis=2)
        constraints = [self.constraints[row] for row in state.rows]
        log_probabilities = outputs["log_probabilities"] + self.allowed[state.rows][:, None]
        self.rules.apply(log_probabilities, state.tokens, constraints)
        totals = state.scores[:, :, None] + log_probabilities
        scores, places = top_k(totals.reshape(len(totals), -1), 2 * beam)
        self._advance(scores, *np.divmod(places, totals.shape[2]))

    def _advance(self, scores: np.ndarray, parents: np.ndarray, tokens: np.ndarray) -> None:
        """Move hypotheses that end to the finished ones, and continue with the best others."""
        state, beam = self.state, self.settings.beam
        at_cap = state.tokens.shape[2] + 1 >= np.array([self.constraints[row].max_length for row in state.rows])
        ends, possible = tokens == self.rules.end, np.isfinite(scores)
        for place, rank in np.argwhere(ends & possible & (np.arange(ends.shape[1]) < beam)):
            self._finish(
                place, state.tokens[place, parents[place, rank]], parents[place, rank], scores[place, rank], True
            )
        order = np.argsort(ends | ~possible, axis=1, kind="stable")[:, :beam]
        grows = np.take_along_axis(~ends & possible, order, axis=1)
        scores = np.where(grows, np.take_along_axis(scores, order, axis=1), -np.inf)
        parents, tokens = np.take_along_axis(parents, order, axis=1), np.take_along_axis(tokens, order, axis=1)
        for place in np.flatnonzero(at_cap | ~np.isfinite(scores[:, 0])):
            if not self.finished[state.rows[place]]:
                self._cut(int(place), int(parents[place, 0]), float(scores[place, 0]), int(tokens[place, 0]))
        places = np.flatnonzero(~at_cap & ~self._done(scores))
        state.select(places, parents[places])
        state.scores = scores[places]
        state.tokens = np.concatenate([state.tokens, tokens[places][:, :, None].astype(np.int32)], axis=2)

    def _done(self, scores: np.ndarray) -> np.ndarray:
        """Return which sentences have enough finished hypotheses that are better than those that may grow."""
        state, needed = self.state, self.settings.alternatives
        best = scores.max(axis=1) / self.settings.penalty(state.tokens.shape[2] + 1)
        done = []
        for row, score in zip(state.rows, best, strict=True):
            ranked = sorted((each.score for each in self.finished[row]), reverse=True)
            is_best = len(ranked) >= needed and ranked[needed - 1] >= score
            done.append(len(ranked) >= self.settings.beam or is_best or not np.isfinite(score))
        return np.array(done, bool)

    def _cut(self, place: int, parent: int, score: float, last: int) -> None:
        """End a sentence without a finished hypothesis: it is at the length cap, or no token may follow."""
        tokens = self.state.tokens[place, parent]
        if np.isfinite(score):
            self._finish(place, np.append(tokens, last), parent, score, False)
        else:
            self._finish(place, tokens, parent, self.state.scores[place, parent], False)

    def _finish(self, place: int, tokens: np.ndarray, parent: int, score: float, is_complete: bool) -> None:
        state, row = self.state, self.state.rows[place]
        attention = state.attention[place, parent, : len(tokens), : self.lengths[row]]
        normalized = float(score) / self.settings.penalty(len(tokens) + is_complete)
        hypothesis = Hypothesis(tuple(tokens.tolist()), float(score), normalized, attention, is_complete)
        self.finished[row].append(hypothesis)
