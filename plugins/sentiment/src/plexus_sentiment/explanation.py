"""Each word's push."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus_sentiment.codec import Feeling, TextCodec
from plexus_sentiment.texts import of_texts
from plexus_sentiment.words import words_of

if TYPE_CHECKING:
    from plexus.task import Predictor

STRONG = 1.5
"""Of the logarithm of the odds, a push that is drawn in full colour."""
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 18px/1.7 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }}
body {{ color: #1c2430; background: #fff }}
mark {{ color: inherit; border-radius: .2em; padding: .1em .05em }}
p.answer {{ font-size: 1.2em }} small {{ color: #5b6675 }} td {{ padding: .2em .8em .2em 0; vertical-align: top }}
</style>
<p class="answer"><b>{label}</b> {probability:.1%}{unsure}</p>
<p dir="auto">{words}</p>
<p><small>Each word's colour is its push: by how much the odds of “{label}” fall if it is left out.
<mark style="background:{for_}">for</mark> <mark style="background:{against}">against</mark></small></p>
{sentences}
</html>
"""


@dataclass(frozen=True)
class Push:
    """A word, and by how much the logarithm of the odds of the answer falls if it is left out."""

    word: str
    strength: float


def pushes(predictor: "Predictor", codec: TextCodec, text: str) -> list[Push]:
    """Every word's push, by leaving it out (Zeiler & Fergus 2014, of words: Li et al. 2016, arXiv:1612.08220)."""
    windows = codec.windows(words_of(text))
    variants = [
        [other[:at] + other[at + 1 :] if here == number else other for here, other in enumerate(windows)]
        for number, window in enumerate(windows)
        for at in range(len(window))
    ]
    rows = [windows, *variants]
    owners = np.repeat(np.arange(len(rows)), len(windows))
    outputs = predictor(codec.encode_windows([window for row in rows for window in row]))
    words = [word for window in windows for word in window]
    odds = _log_odds(codec.probabilities(of_texts(outputs, owners)))
    return [Push(word, float(odds[0] - without)) for word, without in zip(words, odds[1:], strict=True)]


def write_explanation(answer: Feeling, found: list[Push], file: Path) -> Path:
    """Write a page: the text with its words coloured, and its sentences one by one."""
    words = " ".join(
        f'<mark style="background:{_colour(push.strength)}" title="{push.strength:+.2f}">'
        f"{html.escape(push.word)}</mark>"
        for push in found
    )
    lines = "".join(
        f"<tr><td dir=auto>{html.escape(one.text)}<td>{html.escape(one.label)}<td>{one.probability:.0%}"
        for one in answer.sentences
    )
    file.write_text(
        _PAGE.format(
            title=html.escape(f"{answer.label} {answer.probability:.1%}"),
            label=html.escape(answer.label),
            probability=answer.probability,
            unsure=" — unsure" if answer.unsure else "",
            words=words,
            for_=_colour(STRONG),
            against=_colour(-STRONG),
            sentences=f"<h2>Sentence by sentence</h2><table>{lines}</table>" if lines else "",
        ),
        encoding="utf-8",
    )
    return file


def for_terminal(found: list[Push]) -> str:
    """The words, those that push in blue (for the answer) and orange (against it)."""
    return " ".join(
        f"\033[{'34' if push.strength > 0 else '33'}m{push.word}\033[0m"
        if abs(push.strength) > STRONG / 5
        else push.word
        for push in found
    )


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Of the label that is the most probable in the first row."""
    own = np.clip(probabilities[:, probabilities[0].argmax()], 1e-9, 1 - 1e-9)
    return np.log(own / (1 - own))


def _colour(strength: float) -> str:
    share = min(abs(strength) / STRONG, 1)
    return f"rgba({'42,111,219' if strength > 0 else '217,130,43'},{0.6 * share:.2f})"
