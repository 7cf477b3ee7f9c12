"""Nets that read already, from KerasHub."""

from collections.abc import Callable
from typing import Any

from plexus import InputError

SHARE = 3
"""Pieces that a window has room for, for each of its words."""


def load_tokenizer(preset: str) -> tuple[str, int]:
    """The tokenizer of a preset, in the form of the `tokenizers` library, and how many words may be in a window.

    Raises:
        InputError: KerasHub or the preset is missing, cannot be fetched, or is not of BERT's kind.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    found = _load(preset, "Tokenizer")
    if "WordPieceTokenizer" not in {kind.__name__ for kind in type(found).__mro__}:
        raise InputError(
            f"--network {preset}: its {type(found).__name__} is no WordPiece; take one of BERT or DistilBERT"
        )
    vocabulary = {piece: number for number, piece in enumerate(found.get_vocabulary())}
    if vocabulary.get("[PAD]") != 0:
        raise InputError(f"--network {preset}: its vocabulary does not begin with [PAD]")
    first, last, unknown, longest = "[CLS]", "[SEP]", "[UNK]", int(_load(preset, "Backbone").max_sequence_length)
    tokenizer = Tokenizer(
        models.WordPiece(vocabulary, unk_token=unknown, continuing_subword_prefix=found.suffix_indicator)
    )
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=found.strip_accents, lowercase=found.lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(piece, vocabulary[piece]) for piece in (first, last)]
    )
    # A window of words that fall into more pieces than there is room for is rare: strings that are no words.
    tokenizer.enable_truncation(longest)
    return tokenizer.to_str(), longest // SHARE


def preset_reader(preset: str) -> Callable[[Any, Any], Any]:
    """What a preset's backbone makes of the first piece, for `make_network`; errors as for `load_tokenizer`."""
    backbone = _load(preset, "Backbone")

    def read(pieces: Any, there: Any) -> Any:
        from keras import ops

        given = {
            "token_ids": pieces,
            "padding_mask": ops.cast(there[..., 0], "int32"),
            "segment_ids": ops.zeros_like(pieces),
        }
        outputs = backbone({name: given[name] for name in backbone.input})
        return (outputs["sequence_output"] if isinstance(outputs, dict) else outputs)[:, 0]

    return read


def _load(preset: str, part: str) -> Any:
    import requests

    try:
        import keras_hub
    except ImportError as error:
        raise InputError(f"--network {preset} needs KerasHub: pip install 'plexus-suite[kerashub]'") from error
    try:
        return getattr(keras_hub.models, part).from_preset(preset)
    except requests.RequestException as error:
        raise InputError(
            f"--network {preset}: its weights cannot be fetched ({type(error).__name__}); "
            "give the folder of a preset that was fetched before, or leave --network out"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"--network {preset}: {str(error).splitlines()[0]}") from error
