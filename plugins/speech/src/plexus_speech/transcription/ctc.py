"""Decoding of connectionist temporal classification (Graves et al. 2006, doi:10.1145/1143844.1143891).

Keras and TensorFlow have decoders too; prediction depends on NumPy and ONNX Runtime only. In all functions `logs` are
log-probabilities of shape `(steps, 1 + letters)`, where index 0 is the blank.
"""

from collections import defaultdict

import numpy as np

from plexus_speech.transcription.lexicon import Lexicon

BLANK = 0
MIN_LOG_PROBABILITY = -7.0
"""Less probable letters do not extend a prefix."""


def decode_greedy(logs: np.ndarray) -> list[int]:
    """Return the most probable letter of each step, without repetitions and blanks.

    Args:
        logs: Log-probabilities of shape `(steps, 1 + letters)`.

    Returns:
        Indices of the letters.
    """
    best = logs.argmax(axis=1)
    letters: list[int] = best[(best != BLANK) & (np.diff(best, prepend=-1) != 0)].tolist()
    return letters


def decode_beam(logs: np.ndarray, width: int, lexicon: Lexicon | None = None) -> list[int]:
    """Find the most probable text, summed over its alignments, by prefix beam search.

    Algorithm 1 of Hannun et al. 2014, arXiv:1408.2873.

    Args:
        logs: Log-probabilities of shape `(steps, 1 + letters)`.
        width: Prefixes that are kept at each step.
        lexicon: The closed vocabulary, if any.

    Returns:
        Indices of the letters.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}  # ending in the blank, in a letter
    for row in logs:
        letters: list[int] = (np.flatnonzero(row[1:] > MIN_LOG_PROBABILITY) + 1).tolist()
        candidates: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [-np.inf, -np.inf])
        for prefix, (blank, letter) in beams.items():
            total, last = np.logaddexp(blank, letter), prefix[-1] if prefix else BLANK
            same = candidates[prefix]
            same[0] = np.logaddexp(same[0], total + row[BLANK])
            if last:
                same[1] = np.logaddexp(same[1], letter + row[last])
            for following in letters if lexicon is None else lexicon.allowed(prefix, letters):
                extended = candidates[(*prefix, following)]
                # A repeated letter has to be separated by a blank.
                extended[1] = np.logaddexp(extended[1], (blank if following == last else total) + row[following])
        scored = {prefix: (scores[0], scores[1]) for prefix, scores in candidates.items()}
        beams = dict(sorted(scored.items(), key=lambda item: -np.logaddexp(*item[1]))[:width])
    complete = [prefix for prefix in beams if lexicon is None or lexicon.is_complete(prefix)]
    return list(max(complete or beams, key=lambda prefix: np.logaddexp(*beams[prefix])))


def align(logs: np.ndarray, letters: list[int]) -> np.ndarray:
    """Find the steps of each letter on the most probable alignment (Viterbi 1967).

    Args:
        logs: Log-probabilities of shape `(steps, 1 + letters)`.
        letters: Indices of the letters of the text.

    Returns:
        First step of each letter and the step after its last, shape `(len(letters), 2)`.
    """
    states = np.zeros(2 * len(letters) + 1, int)
    states[1::2] = letters
    # The blank between two letters may be skipped, unless they are the same.
    skips = np.zeros(len(states), bool)
    skips[2:] = (states[2:] != BLANK) & (states[2:] != states[:-2])
    score = np.full(len(states), -np.inf)
    score[:2] = logs[0, states[:2]]
    back = np.zeros((len(logs), len(states)), np.int8)
    for step, row in enumerate(logs[1:], 1):
        candidates = np.full((3, len(states)), -np.inf)
        candidates[0], candidates[1, 1:] = score, score[:-1]
        candidates[2, 2:] = np.where(skips[2:], score[:-2], -np.inf)
        back[step] = candidates.argmax(axis=0)
        score = candidates.max(axis=0) + row[states]
    path = np.zeros(len(logs), int)
    path[-1] = len(states) - 1 if len(states) == 1 or score[-1] >= score[-2] else len(states) - 2
    for step in range(len(logs) - 1, 0, -1):
        path[step - 1] = path[step] - back[step, path[step]]
    steps = [np.flatnonzero(path == 2 * i + 1) for i in range(len(letters))]
    return np.array([(step[0], step[-1] + 1) for step in steps if len(step)]).reshape(-1, 2)
