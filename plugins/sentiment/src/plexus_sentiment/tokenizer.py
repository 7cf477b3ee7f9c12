"""Training of the subword tokenizer."""

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from plexus import InputError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

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


def read_tokenizer(content: str) -> "Tokenizer":
    """Create a tokenizer from its JSON, which may come from anyone.

    Args:
        content: The JSON.

    Returns:
        The tokenizer.

    Raises:
        InputError: If it is not a tokenizer, or has a regular expression, whose search may never end.
    """
    from tokenizers import Tokenizer

    if re.search(r'"Regex"\s*:', content):
        raise InputError("the bundle's tokenizer has a regular expression, whose search may never end")
    try:
        return Tokenizer.from_str(content)
    except BaseException as error:  # the library is written in Rust: its panics are no `Exception`
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"the bundle's tokenizer cannot be read: {type(error).__name__}: {reason}") from error
