"""Training of the subword tokenizer."""

import json
from collections.abc import Iterable

PADDING, UNKNOWN = "[nothing]", "[unknown]"
"""The first two tokens, with the ids 0 and 1."""


def train_tokenizer(lines: Iterable[str], vocabulary_size: int) -> str:
    """Train byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909, section 3.2).

    Args:
        lines: Texts whose words are separated by spaces.
        vocabulary_size: Largest number of tokens.

    Returns:
        A tokenizer of the library `tokenizers`, as its JSON.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary_size, special_tokens=[PADDING, UNKNOWN], show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    return json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False)
