"""Result for one text: translation, confidence, alternatives, notes, and the same for each of its sentences."""

from plexus import Prediction


class Alternative(Prediction):
    """A translation of a sentence with a lower score.

    Attributes:
        translation: The translation.
        score: Log-probability divided by the length penalty; that of the best translation is larger.

    Example:
        ```python
        prediction.alternatives[0].translation
        ```
    """

    translation: str
    score: float


class SentencePrediction(Prediction):
    """The translation of one sentence of a text.

    Attributes:
        text: The sentence.
        translation: Its translation.
        score: Log-probability divided by the length penalty; None if it was copied.
        confidence: Calibrated probability that the translation is good, from 0 to 1; None if it was copied, or the
            model is not calibrated.
        alternatives: The next best translations, the best first.
        unknown_words: Out-of-vocabulary words.
        notes: Sentences about what was done: what was copied or restored, and why.

    Example:
        ```python
        prediction.sentences[0].translation
        ```
    """

    text: str
    translation: str
    score: float | None = None
    confidence: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    unknown_words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class TranslationPrediction(Prediction):
    """The translation of a text.

    Attributes:
        translation: The translation, with the layout of the text.
        to: Code of the target language.
        confidence: The smallest confidence of its sentences; None if none has one.
        alternatives: The next best translations of a text of one sentence, the best first.
        unknown_words: Out-of-vocabulary words.
        notes: Sentences about what was done, each once.
        sentences: The sentences, if there are several.

    Example:
        ```python
        prediction = plexus.load("language.translate/en_fr").predict(["Good evening."])[0]
        prediction.translation, prediction.confidence
        ```
    """

    translation: str
    to: str
    confidence: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    unknown_words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sentences: tuple[SentencePrediction, ...] = ()

    def __str__(self) -> str:
        parts = [] if self.confidence is None else [f"confidence {self.confidence:.0%}"]
        parts += self.notes
        if self.unknown_words:
            parts.append(f"unknown: {', '.join(self.unknown_words)}")
        parts += [f"or: {each.translation}" for each in self.alternatives]
        return f"{self.translation}  ({'; '.join(parts)})" if parts else self.translation
