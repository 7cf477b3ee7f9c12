"""What a model says of one input."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The base of every task's answers; `str(answer)` is the line that a person reads."""

    model_config = ConfigDict(frozen=True)


class Label(Answer):
    """The answer of a classifier.

    `alternatives` holds the next best labels with their probabilities, best first.
    """

    label: str
    probability: float
    alternatives: dict[str, float]

    def __str__(self) -> str:
        others = ", ".join(f"{label} {probability:.1%}" for label, probability in self.alternatives.items())
        return f"{self.label}  {self.probability:.1%}" + (f"  (then {others})" if others else "")
