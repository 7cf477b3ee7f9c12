"""Connectionist temporal classification: from what is heard at each moment to letters (Graves et al. 2006).

Everywhere `logs` is the logarithm of probabilities `(steps, 1 + letters)`, and index 0 is the blank.
"""

from collections import defaultdict

import numpy as np

from plexus_speech.lexicon import Lexicon

BLANK = 0
LEAST = -7.0
"""Letters less probable than this, as a logarithm, do not go on a prefix."""


def greedy(logs: np.ndarray) -> list[int]:
    """The most probable letter at each step; repetitions and blanks left out."""
    best = logs.argmax(axis=1)
    return best[(best != BLANK) & (np.diff(best, prepend=-1) != 0)].tolist()


def prefix_beam(logs: np.ndarray, width: int, lexicon: Lexicon | None = None) -> list[int]:
    """The most probable letters, summed over all ways to say them (Hannun et al. 2014, arXiv:1408.2873, algorithm 1).

    Args:
        width: prefixes that are kept at each step.
        lexicon: the words that there are; anything may be written without.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}
    for row in logs:
        letters = (np.flatnonzero(row[1:] > LEAST) + 1).tolist()
        found: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [-np.inf, -np.inf])
        for prefix, (blank, letter) in beams.items():
            whole, last = np.logaddexp(blank, letter), prefix[-1] if prefix else BLANK
            stays = found[prefix]
            stays[0] = np.logaddexp(stays[0], whole + row[BLANK])
            if last:
                stays[1] = np.logaddexp(stays[1], letter + row[last])
            for next_one in letters if lexicon is None else lexicon.after(prefix, letters):
                grows = found[(*prefix, next_one)]
                grows[1] = np.logaddexp(grows[1], (blank if next_one == last else whole) + row[next_one])
        kept = sorted(found.items(), key=lambda item: -np.logaddexp(*item[1]))[:width]
        beams = {prefix: (scores[0], scores[1]) for prefix, scores in kept}
    whole_words = [prefix for prefix in beams if lexicon is None or lexicon.ends(prefix)]
    return list(max(whole_words or beams, key=lambda prefix: np.logaddexp(*beams[prefix])))


def aligned(logs: np.ndarray, letters: list[int]) -> np.ndarray:
    """The steps at which each letter is heard, on the most probable way to say them (Viterbi 1967).

    Returns:
        `(letters, 2)`: the first step and the one after the last, of each.
    """
    states = np.zeros(2 * len(letters) + 1, int)
    states[1::2] = letters
    # From a letter to the next without a blank between, unless they are the same.
    jumps = np.zeros(len(states), bool)
    jumps[2:] = (states[2:] != BLANK) & (states[2:] != states[:-2])
    score = np.full(len(states), -np.inf)
    score[:2] = logs[0, states[:2]]
    came = np.zeros((len(logs), len(states)), np.int8)
    for step, row in enumerate(logs[1:], 1):
        options = np.full((3, len(states)), -np.inf)
        options[0], options[1, 1:] = score, score[:-1]
        options[2, 2:] = np.where(jumps[2:], score[:-2], -np.inf)
        came[step] = options.argmax(axis=0)
        score = options.max(axis=0) + row[states]
    path = np.zeros(len(logs), int)
    path[-1] = len(states) - 1 if len(states) == 1 or score[-1] >= score[-2] else len(states) - 2
    for step in range(len(logs) - 1, 0, -1):
        path[step - 1] = path[step] - came[step, path[step]]
    places = [np.flatnonzero(path == 2 * i + 1) for i in range(len(letters))]
    return np.array([(place[0], place[-1] + 1) for place in places if len(place)]).reshape(-1, 2)
