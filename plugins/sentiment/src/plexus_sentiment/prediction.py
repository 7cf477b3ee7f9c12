"""Result for one text: label, probabilities, and the same for each of its sentences."""

from plexus import LabelPrediction, Prediction


class SentencePrediction(Prediction):
    """The prediction for one sentence of a text.

    Attributes:
        text: The sentence.
        label: The most probable label.
        probability: Its probability, from 0 to 1.

    Example:
        ```python
        prediction.sentences[0].label  # "positive"
        ```
    """

    text: str
    label: str
    probability: float


class SentimentPrediction(LabelPrediction):
    """The prediction for one text.

    Attributes:
        probabilities: Calibrated probability of every label.
        unsure: Whether the text is empty, has few words that training saw, or no label is clearly ahead.
        known: Fraction of its different words that training saw, from 0 to 1.
        expected: The mean of labels that are whole numbers, three or more, such as 3.7 stars; else None.
        sentences: Predictions for its sentences, if it has several.

    Example:
        ```python
        prediction = plexus.load("sentiment.classify/reviews").predict(["A warm, funny film."])[0]
        prediction.label, prediction.unsure  # ("positive", False)
        ```
    """

    probabilities: dict[str, float]
    unsure: bool
    known: float
    expected: float | None = None
    sentences: tuple[SentencePrediction, ...] = ()

    def __str__(self) -> str:
        line = f"{self.label}  {self.probability:.1%}"
        return f"unsure  ({line}; {self.known:.0%} of the words known)" if self.unsure else line
