"""Inputs of translation, and the flags of `plexus predict`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydantic import Field, field_validator

from plexus import InputError, OptionGroup
from plexus.codec import Input
from plexus_language.glossary import MAX_TERMS, read_glossary

MAX_BEAM = 32
BEAM = 4
MAX_TERM = 200
"""Characters of a glossary's term in a request."""


class TranslationInput(OptionGroup):
    """A text with the options of its translation; a string is an input with the default ones.

    Attributes:
        text: The text.
        to: Code of the target language; None for that of the model's first direction.
        beam: Hypotheses of beam search.
        alternatives: Further translations of each sentence, fewer than `beam`.
        prefix: Words that the translation begins with.
        glossary: Translation of each term.

    Example:
        ```python
        bundle.predict([TranslationInput(text="Good evening.", to="fr", alternatives=2)])
        ```
    """

    text: str
    to: str | None = None
    beam: int = Field(default=BEAM, ge=1, le=MAX_BEAM)
    alternatives: int = Field(default=0, ge=0, lt=MAX_BEAM)
    prefix: str = Field(default="", max_length=1000)
    glossary: Mapping[str, str] = Field(default_factory=dict, max_length=MAX_TERMS)

    @field_validator("text", "prefix")
    @classmethod
    def _without_surrogates(cls, text: str) -> str:
        """Replace lone surrogates, as of an argument with bytes that are not UTF-8: they cannot be encoded."""
        return text.encode("utf-8", "replace").decode()

    @field_validator("glossary")
    @classmethod
    def _check_terms(cls, glossary: Mapping[str, str]) -> Mapping[str, str]:
        if any(not term.strip() or max(len(term), len(output)) > MAX_TERM for term, output in glossary.items()):
            raise ValueError(f"terms of 1 to {MAX_TERM} characters")
        return glossary

    @property
    def width(self) -> int:
        """Hypotheses of beam search: more than alternatives."""
        return max(self.beam, self.alternatives + 1)


@dataclass(frozen=True)
class SentenceRequest:
    """A sentence with its direction and options.

    Args:
        text: The sentence, without white space around it.
        direction: Codes of the source and the target language.
        options: The options; their text and target language are not used.

    Example:
        ```python
        translator.search([SentenceRequest("Good evening.", ("en", "fr"))])[0].text
        ```
    """

    text: str
    direction: tuple[str, str]
    options: TranslationInput = field(default_factory=lambda: TranslationInput(text=""))


class PredictOptions(OptionGroup):
    """Options of `plexus predict` for translation models.

    Example:
        ```python
        PredictOptions.parse({"to": "fr", "alternatives": 2})
        ```
    """

    to: str | None = Field(default=None, description="Target language; by default that of the model's first direction.")
    beam: int = Field(default=BEAM, ge=1, le=MAX_BEAM, description="Hypotheses of beam search.")
    alternatives: int = Field(default=0, ge=0, lt=MAX_BEAM, description="Further translations of each sentence.")
    prefix: str = Field(default="", max_length=1000, description="Words that each translation begins with.")
    glossary: str | None = Field(default=None, description="Table of two columns: a term and its translation.")
    column: str | None = Field(default=None, description="Column of the texts in a table; by default detected.")


def as_input(value: Input) -> TranslationInput:
    """Return a raw input as an object.

    Args:
        value: A string, or an input.

    Returns:
        The input.

    Raises:
        InputError: If it is neither.
    """
    if isinstance(value, TranslationInput):
        return value
    if not isinstance(value, str):
        raise InputError(f"expected a string, got {type(value).__name__}")
    return TranslationInput(text=value)


def with_options(value: Input, options: OptionGroup | None) -> TranslationInput:
    """Return a raw input with the options of `plexus predict`.

    Args:
        value: A string, or an input.
        options: The `PredictOptions`; None for the default ones.

    Returns:
        The input.

    Raises:
        InputError: If the glossary cannot be read.
    """
    request = as_input(value)
    if not isinstance(options, PredictOptions):
        return request
    glossary = {} if options.glossary is None else _glossary(Path(options.glossary))
    fields = {name: getattr(options, name) for name in ("to", "beam", "alternatives", "prefix")}
    return request.model_copy(update={**fields, "glossary": glossary})


def _glossary(file: Path) -> Mapping[str, str]:
    """Read a glossary, once for all inputs of a command."""
    return _unchanged_glossary(file, file.stat().st_mtime_ns) if file.is_file() else read_glossary(file)


@lru_cache(maxsize=1)
def _unchanged_glossary(file: Path, _modified: int) -> Mapping[str, str]:
    return read_glossary(file)


def parse_request(value: Input) -> TranslationInput:
    """Return the input that a value of an HTTP request stands for.

    Args:
        value: A string, bytes in UTF-8, or an object with the fields of `TranslationInput`.

    Returns:
        The input.

    Raises:
        InputError: If it is none of these, or a field is not valid.
    """
    if isinstance(value, dict):
        return TranslationInput.parse(value)
    return as_input(value.decode(errors="replace") if isinstance(value, bytes) else value)
