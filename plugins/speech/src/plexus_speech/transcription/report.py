"""The page of the transcripts with the most errors."""

from collections.abc import Sequence
from pathlib import Path

from plexus_speech.audio import recording_name
from plexus_speech.recordings import Recordings

MAX_ROWS = 30
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mistaken transcripts</title>
<style>:root{color-scheme:light dark;--text:#1c2430;--page:#fff;--line:#ddd;--missing:#fdd;--inserted:#dfd}
@media (prefers-color-scheme:dark){
:root{--text:#e4e8ef;--page:#12161d;--line:#2c3440;--missing:#5c2020;--inserted:#1d4a2a}}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
body{color:var(--text);background:var(--page)}div{overflow-x:auto}
td,th{padding:.3rem .8rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
del{background:var(--missing)}ins{background:var(--inserted);text-decoration:none}</style>
<h1>Mistaken transcripts</h1>
<p>{{ "{:,}".format(mistaken) }} of {{ "{:,}".format(total) }} transcripts have an error.</p>
<div tabindex="0" role="region" aria-label="Transcripts">
<table><tr><th>recording<th>text, with <del>missing</del> and <ins>inserted</ins> words</tr>
{% for name, chunks in rows %}<tr><td>{{ name }}<td>
{% for tag, words in chunks %}{% if tag %}<{{ tag }}>{{ words }}</{{ tag }}>{% else %}{{ words }}{% endif %}
{% endfor %}</tr>
{% endfor %}</table></div></html>
"""


def write_mistakes(recordings: Recordings, texts: Sequence[str], path: Path) -> None:
    """Write a page of the transcripts with the highest word error rates, compared with the truth.

    Args:
        recordings: The recordings and their true texts.
        texts: The predicted text of each.
        path: The HTML file to write.
    """
    import jiwer
    from jinja2 import Environment

    rates = [float(jiwer.wer(truth, text)) for truth, text in zip(recordings.targets, texts, strict=True)]
    mistaken = sorted((i for i, rate in enumerate(rates) if rate), key=lambda i: (-rates[i], i))
    rows = [
        (Path(recording_name(recordings.inputs[i])).name, _difference(recordings.targets[i], texts[i]))
        for i in mistaken[:MAX_ROWS]
    ]
    template = Environment(autoescape=True).from_string(_PAGE)
    path.write_text(template.render(rows=rows, mistaken=len(mistaken), total=len(texts)), encoding="utf-8")


def _difference(truth: str, text: str) -> list[tuple[str, str]]:
    """Return runs of words, each with the HTML tag `del` or `ins`, or none for words that are equal."""
    import jiwer

    true_words, words = truth.split(), text.split()
    chunks: list[tuple[str, str]] = []
    for chunk in jiwer.process_words(truth, text).alignments[0]:
        missing = " ".join(true_words[chunk.ref_start_idx : chunk.ref_end_idx])
        inserted = " ".join(words[chunk.hyp_start_idx : chunk.hyp_end_idx])
        if chunk.type == "equal":
            chunks.append(("", missing))
        else:
            chunks += [(tag, run) for tag, run in (("del", missing), ("ins", inserted)) if run]
    return chunks
