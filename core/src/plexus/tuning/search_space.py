"""Within what an option is tuned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna import Trial


@dataclass(frozen=True)
class Span:
    """Numbers from `low` to `high`; with `log`, each factor is as likely as the other."""

    low: float
    high: float
    log: bool = False

    def suggest(self, trial: "Trial", name: str, default: Any) -> float:
        """A value for a trial."""
        return trial.suggest_float(name, self.low, self.high, log=self.log)


@dataclass(frozen=True)
class Around:
    """From the default divided by `factor` to the default times it, each factor as likely as the other.

    Args:
        otherwise: the middle where the default is left open.
    """

    factor: float
    otherwise: float

    def suggest(self, trial: "Trial", name: str, default: Any) -> float:
        """A value for a trial."""
        middle = self.otherwise if default is None else default
        return trial.suggest_float(name, middle / self.factor, middle * self.factor, log=True)


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: Sequence[Any]

    def suggest(self, trial: "Trial", name: str, default: Any) -> Any:
        """A value for a trial."""
        return trial.suggest_categorical(name, list(self.values))
