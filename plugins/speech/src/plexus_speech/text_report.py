"""Where transcripts and truth differ."""

import html
from collections.abc import Sequence
from pathlib import Path

from plexus_speech.audio import name_of
from plexus_speech.recordings import Recordings

SHOWN = 30
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mistaken transcripts</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
td,th{padding:.3rem .8rem;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}
del{background:#fdd}ins{background:#dfd;text-decoration:none}</style>
<h1>Mistaken transcripts</h1><p>%s</p><table><tr><th>recording<th>what was said, with what was heard instead</tr>
%s</table></html>
"""


def write_mistakes(recordings: Recordings, texts: Sequence[str], to: Path) -> None:
    """Write a page: the transcripts with most words wrong, each beside the truth."""
    import jiwer

    found = [(jiwer.wer(label, text), i) for i, (label, text) in enumerate(zip(recordings.labels, texts, strict=True))]
    wrong = sorted((-rate, i) for rate, i in found if rate)
    names = {i: html.escape(Path(name_of(recordings.raws[i])).name) for _, i in wrong[:SHOWN]}
    rows = [f"<tr><td>{name}<td>{_marked(recordings.labels[i], texts[i])}</tr>" for i, name in names.items()]
    to.write_text(_PAGE % (f"{len(wrong):,} of {len(texts):,} have a mistake.", "\n".join(rows)))


def _marked(truth: str, text: str) -> str:
    """The truth, its words that were not heard struck out, those heard instead marked."""
    import jiwer

    said, heard, parts = truth.split(), text.split(), []
    for chunk in jiwer.process_words(truth, text).alignments[0]:
        ours = " ".join(said[chunk.ref_start_idx : chunk.ref_end_idx])
        theirs = " ".join(heard[chunk.hyp_start_idx : chunk.hyp_end_idx])
        if chunk.type == "equal":
            parts.append(html.escape(ours))
        else:
            parts += [f"<{tag}>{html.escape(part)}</{tag}>" for tag, part in (("del", ours), ("ins", theirs)) if part]
    return " ".join(parts)
