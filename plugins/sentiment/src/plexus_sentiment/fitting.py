"""The codec, fitted on texts."""

import json
import math

import numpy as np

from plexus import Examples
from plexus_sentiment.codec import TextCodec, is_level
from plexus_sentiment.duplicates import Fingerprints
from plexus_sentiment.ngrams import hashed_ngrams
from plexus_sentiment.options import SentimentOptions
from plexus_sentiment.presets import load_tokenizer
from plexus_sentiment.words import words_of

SHORT = 100
"""Words of a text on average, up to which n-grams of letters and pairs tell more than they cost."""
GAP = 5
NOTHING, UNKNOWN = "[nothing]", "[unknown]"


def fit_codec(train: Examples, options: SentimentOptions) -> TextCodec:
    """Labels, pieces of words (byte-pair encoding, Sennrich et al. 2016, arXiv:1508.07909), and the words there are."""
    words = [words_of(text) for text in train.raws]
    total = sum(map(len, words))
    short = total / len(words) <= SHORT
    letters = options.letters == "yes" or (options.letters == "auto" and short)
    gap = options.gap if options.gap is not None else GAP * short
    buckets = options.buckets or 1 << min(max(math.ceil(math.log2(total * (4 if letters else 1))), 12), 22)
    seen = np.zeros(buckets, bool)
    _, singles = hashed_ngrams(words, 1, 0, None, buckets)
    seen[singles - 1] = True
    window = options.window
    if options.network is None:
        tokenizer = _fit_pieces([" ".join(line) for line in words], options.vocabulary)
    else:
        tokenizer, most = load_tokenizer(options.network)
        window = min(window, most)
    return TextCodec(
        sorted(set(train.labels), key=in_order),
        tokenizer,
        options.words,
        gap,
        letters,
        buckets,
        seen,
        window,
        Fingerprints.of(train.raws),
    )


def in_order(label: str) -> tuple[float, str]:
    """Numbers by their size, then names by the alphabet."""
    return (int(label), "") if is_level(label) else (math.inf, label)


def _fit_pieces(lines: list[str], size: int) -> str:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=[NOTHING, UNKNOWN], show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    return json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False)
