"""Pairs of sentences."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plexus import Examples, SupervisedDataset

if TYPE_CHECKING:
    from plexus_language.codec import TranslationCodec
    from plexus_language.training_texts import TrainingTexts


@dataclass
class PairExamples(Examples[str]):
    """Sentences and their translations.

    Args:
        inputs: Sentences of the first language.
        targets: Their translations.

    Example:
        ```python
        PairExamples(["Good evening.", "Thank you."], ["Bonsoir.", "Merci."])
        ```
    """

    _texts: "tuple[TranslationCodec, TrainingTexts] | None" = field(default=None, repr=False, compare=False)

    def training_texts(self, codec: "TranslationCodec") -> "TrainingTexts":
        """Return the pairs in all their forms; they are made once for a codec and cached.

        Args:
            codec: The codec.

        Returns:
            The forms.
        """
        from plexus_language.training_texts import TrainingTexts

        if self._texts is None or self._texts[0] is not codec:
            self._texts = codec, TrainingTexts(self, codec)
        return self._texts[1]


class PairDataset(SupervisedDataset[PairExamples]):
    """Pairs of sentences in splits.

    Attributes:
        languages: Codes of the two languages; assigned by `load_dataset`.

    Example:
        ```python
        dataset = load_dataset(NUMBER_WORDS, options)
        dataset.languages, dataset["test"].inputs[0]
        ```
    """

    languages: tuple[str, str] = ("", "")
