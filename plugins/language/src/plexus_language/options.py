"""Hyperparameters of translation, and the data it reads: flags of `plexus train language.translate`."""

from typing import Literal

from pydantic import Field

from plexus import Options


class TranslateOptions(Options):
    """Options of `language.translate`.

    Example:
        ```python
        TranslateOptions.parse({"data": "pairs.tsv", "source": "en", "target": "fr"})
        ```
    """

    defaults = {
        "data": "number_words",
        "epochs": None,
        "batch_size": None,
        "optimizer": "muon",
        "learning_rate": None,
        "weight_decay": 0.01,
        "averaging": 0.995,
        "warmup": 0.05,
        "patience": 0,
        "evaluate_every": None,
    }
    data_options = frozenset({"data", "source", "target", "source_column", "target_column"})

    dropout: float = Field(
        0.1, ge=0, lt=1, description="Dropout rate of embeddings, and of outputs of attention and feed-forward blocks."
    )
    source: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        description="Code of the first language; by default that of a named data set or of the columns, else en.",
    )
    target: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        description="Code of the second language; by default that of a named data set or of the columns, else fr.",
    )
    directions: Literal["both", "forward"] = Field(
        "both", description="Directions that the model learns: both, or only from the first language to the second."
    )
    source_column: str | None = Field(None, description="Column of the first language; by default detected.")
    target_column: str | None = Field(None, description="Column of the second language; by default detected.")
    max_pairs: int | None = Field(
        None, ge=100, description="Most training pairs, drawn at random; by default all of them."
    )
    vocabulary_size: int = Field(6000, ge=50, le=100_000, description="Tokens of byte-pair encoding.")
    bpe_dropout: float | None = Field(
        None, ge=0, lt=1, description="Share of merges left out in training; by default 0.1, for small data 0."
    )
    label_smoothing: float = Field(0.1, ge=0, lt=1, description="Share of the target spread over all tokens.")
    width: int | None = Field(
        None, ge=8, le=4096, multiple_of=8, description="Features of a token; by default by the number of pairs."
    )
    encoder_layers: int | None = Field(None, ge=1, le=48, description="Layers of the encoder; by default likewise.")
    decoder_layers: int | None = Field(None, ge=1, le=48, description="Layers of the decoder; by default likewise.")
