"""Hyperparameters of sentiment classification, and flags of `plexus predict`."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from plexus import OptionGroup, Options


def _check_kernel_widths(value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[1-9](,[1-9])*", value):
        raise ValueError("expected numbers of tokens from 1 to 9 with commas between, such as 1,2,3")
    return value


class ClassifyOptions(Options):
    """Options of `sentiment.classify`.

    Example:
        ```python
        ClassifyOptions.parse({"data": "reviews.csv", "text": "comment"})
        ```
    """

    defaults = {
        "data": "phrases",
        "epochs": None,
        "batch_size": 64,
        "optimizer": "adam",
        "learning_rate": None,
        "weight_decay": 0.0,
        "dropout": 0.5,
        "averaging": 0.99,
        "patience": 0,
    }

    text: str | None = Field(None, description="Column of the texts; by default detected.")
    label: str | None = Field(None, description="Column of the labels; by default detected.")
    unlabelled: str | None = Field(
        None,
        description="File of unlabelled texts, one per line or a table, which a teacher labels; it is trained first.",
    )
    extra_data: str | None = Field(
        None,
        description="Labelled texts of other domains, added to the training split: data sets, files or folders.",
    )
    max_ngram: int = Field(3, ge=1, le=5, description="Longest n-gram of words.")
    max_gap: int | None = Field(
        None, ge=0, le=20, description="Most words between the two of a skip-gram; by default 5, for long texts 0."
    )
    character_ngrams: Literal["auto", "yes", "no"] = Field(
        "auto", description="Use n-grams of 3 to 6 characters; auto: for short texts."
    )
    hash_buckets: int | None = Field(
        None, ge=1024, le=2**24, description="Buckets that n-grams are hashed to; by default by the number of words."
    )
    vocabulary_size: int | None = Field(
        None,
        ge=100,
        le=200_000,
        description="Tokens of the subword tokenizer; by default 8,000, for long texts 20,000.",
    )
    window: int | None = Field(
        None,
        ge=16,
        le=4096,
        description="Words per window; longer texts have several windows; by default 400, with a preset 100.",
    )
    nets: int | None = Field(None, ge=1, le=16, description="Convolutional networks; by default 4, for long texts 3.")
    preset: str | None = Field(
        None,
        description="Pretrained BERT or DistilBERT in place of convolutional networks: name or folder of a KerasHub "
        "preset, or hf:// and the name of a model on the Hugging Face hub.",
    )
    embedding_size: int | None = Field(
        None, ge=4, le=1024, description="Units of a token's embedding; by default 32, for long texts 100."
    )
    filters: int | None = Field(
        None, ge=4, le=1024, description="Filters of each kernel width; by default 48, for long texts 400."
    )
    kernel_widths: Annotated[str | None, AfterValidator(_check_kernel_widths)] = Field(
        None, description="Kernel widths in tokens, separated by commas; by default 1,2,3, for long texts 3."
    )


class PredictOptions(OptionGroup):
    """Options of `plexus predict` for sentiment models.

    Example:
        ```python
        PredictOptions.parse({"column": "comment"})
        ```
    """

    column: str | None = Field(None, description="Column of the texts in a table; by default detected.")
