"""Pretrained encoders from KerasHub."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from plexus import InputError

if TYPE_CHECKING:
    import keras

    Encoder = Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]

TOKENS_PER_WORD = 3
"""Tokens that a window has space for, per word."""
HUB = "hf://"
"""Beginning of the names of models on the Hugging Face hub."""
CLS, SEP, UNK, PAD = "[CLS]", "[SEP]", "[UNK]", "[PAD]"


def load_tokenizer(preset: str) -> tuple[str, int]:
    """Load the tokenizer of a preset.

    Args:
        preset: Name or folder of a KerasHub preset.

    Returns:
        The tokenizer as JSON of the library `tokenizers`, and the largest number of words in a window.

    Raises:
        InputError: If KerasHub or the preset is missing, cannot be fetched, or has no WordPiece tokenizer.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    loaded = _load(preset, "Tokenizer")
    if "WordPieceTokenizer" not in {base.__name__ for base in type(loaded).__mro__}:
        raise InputError(
            f"--preset {preset}: expected a WordPiece tokenizer, got {type(loaded).__name__}: use a preset of BERT or "
            "DistilBERT"
        )
    vocabulary = {token: index for index, token in enumerate(loaded.get_vocabulary())}
    if vocabulary.get(PAD) != 0:
        raise InputError(f"--preset {preset}: expected a vocabulary that begins with {PAD}: use another preset")
    max_tokens = int(_load(preset, "Backbone", load_weights=False).max_sequence_length)
    tokenizer = Tokenizer(
        models.WordPiece(vocabulary, unk_token=UNK, continuing_subword_prefix=loaded.suffix_indicator)
    )
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=loaded.strip_accents, lowercase=loaded.lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{CLS} $A {SEP}", special_tokens=[(token, vocabulary[token]) for token in (CLS, SEP)]
    )
    # A window whose words have more tokens than fit is rare: strings that are not words.
    tokenizer.enable_truncation(max_tokens)
    return tokenizer.to_str(), max_tokens // TOKENS_PER_WORD


def pretrained_encoder(preset: str) -> "Encoder":
    """Load the backbone of a preset as an encoder for `build_network`.

    Args:
        preset: Name or folder of a KerasHub preset.

    Returns:
        A function from tokens and their mask to the output of the first token, concatenated with the mean over all
        tokens: sentence encoders are pretrained with either (Reimers & Gurevych 2019, arXiv:1908.10084, section 3).

    Raises:
        InputError: As for `load_tokenizer`.
    """
    import keras
    from keras import ops

    backbone = _load(preset, "Backbone")
    outputs = backbone.output  # BERT also returns `pooled_output`, whose layer is not used
    sequence = outputs["sequence_output"] if isinstance(outputs, dict) else outputs
    backbone = keras.Model(backbone.input, sequence, name="backbone")

    def encode(tokens: "keras.KerasTensor", mask: "keras.KerasTensor") -> "keras.KerasTensor":
        inputs = {
            "token_ids": tokens,
            "padding_mask": ops.cast(mask[..., 0], "int32"),
            "segment_ids": ops.zeros_like(tokens),
        }
        x = backbone({name: inputs[name] for name in backbone.input})
        means = ops.sum(x * mask, axis=1) / ops.maximum(ops.sum(mask, axis=1), 1)
        return ops.concatenate([x[:, 0], means], axis=-1)

    return encode


def _load(preset: str, part: str, **options: bool) -> "keras.layers.Layer":
    import requests

    try:
        import keras_hub

        return getattr(keras_hub.models, part).from_preset(preset, **options)
    except ImportError as error:  # KerasHub imports what it needs for a preset when it reads it
        needed = error.name or str(error).splitlines()[0]
        raise InputError(f"--preset {preset} needs {needed}: pip install 'plexus-sentiment[kerashub]'") from error
    except requests.RequestException as error:
        raise InputError(
            f"--preset {preset}: its weights cannot be fetched ({type(error).__name__}): pass the folder of a preset "
            "that was fetched before, or omit --preset"
        ) from error
    except (OSError, ValueError) as error:
        hint = ": check the name, and the connection to the hub" if preset.startswith(HUB) else ""
        raise InputError(f"--preset {preset}: {str(error).splitlines()[0]}{hint}") from error
