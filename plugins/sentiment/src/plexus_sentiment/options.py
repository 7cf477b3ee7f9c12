"""What telling sentiment can be told."""

from typing import Literal

from pydantic import Field

from plexus import Options
from plexus.utils.option_group import OptionGroup


class SentimentOptions(Options):
    """Settings of `sentiment.classify`."""

    data: str = Field(
        "phrases",
        description="a table with a text and a label column (.csv, .tsv, .jsonl, .parquet); a folder, or a .tar.gz of "
        "one, with a sub-folder a class; NAME.pos and NAME.neg of one text a line; a named set: phrases, rt_polarity, "
        "sst2, imdb; or several of these with commas between",
    )
    text: str | None = Field(None, description="the column that holds the texts [default: guessed, and said]")
    label: str | None = Field(None, description="the column that holds the labels [default: guessed, and said]")
    unlabelled: str | None = Field(
        None,
        description="a file of texts without labels, one a line or a table: a first model labels those it is sure of, "
        "a second learns from both, and what that gained is measured",
    )
    words: int = Field(3, ge=1, le=5, description="the longest n-gram of words")
    gap: int | None = Field(
        None, ge=0, le=20, description="words between two that are taken as a pair [default: 5; in long texts none]"
    )
    letters: Literal["auto", "yes", "no"] = Field(
        "auto", description="n-grams of 3 to 6 letters too; auto: where texts are short"
    )
    buckets: int | None = Field(
        None, ge=1024, le=2**24, description="that n-grams are hashed to [default: by the number of words]"
    )
    vocabulary: int = Field(8000, ge=100, le=200_000, description="pieces of words that the convolutions see")
    window: int = Field(400, ge=16, le=4096, description="words read at once; a longer text is read in several windows")
    nets: int | None = Field(
        None,
        ge=0,
        le=16,
        description="convolutional nets beside the n-grams, averaged [default: 4; of long texts 2; of a preset 1]",
    )
    network: str | None = Field(
        None,
        description="instead of convolutional nets, one that reads already: a KerasHub preset of BERT's kind, its name "
        "or its folder",
    )
    embedding: int = Field(32, ge=4, le=1024, description="numbers a piece of a word")
    filters: int = Field(48, ge=4, le=1024, description="of each width of convolution")
    epochs: int | None = Field(None, ge=1, le=1000, description="how often all of the data is gone through")
    batch_size: int | None = Field(64, ge=1, le=65_536, description="windows a step")
    optimizer: Literal["adamw", "muon", "adam", "sgd", "lion", "rmsprop"] = Field(
        "adam", description="how gradients become steps; sgd and muon have Nesterov momentum"
    )
    learning_rate: float | None = Field(
        None, gt=0, le=100, description="at its highest [default: 0.002; of a preset 0.00005]"
    )
    weight_decay: float = Field(0.0, ge=0, le=10, description="decoupled, on kernels only")
    dropout: float = Field(0.5, ge=0, lt=1, description="share of the features that are dropped before the last layer")
    averaging: float = Field(0.99, ge=0, lt=1, description="decay a step of the weights' moving average; 0: none")
    patience: int | None = Field(0, ge=0, description="epochs without a better score before stopping early; 0: never")


class TextFlags(OptionGroup):
    """What `predict` can be told beside texts."""

    column: str | None = Field(
        None, description="of a table: the column that holds the texts [default: guessed as in training]"
    )
