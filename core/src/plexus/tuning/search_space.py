"""Search spaces of options."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna import Trial


@dataclass(frozen=True)
class FloatRange:
    """Numbers between two bounds.

    Args:
        low: Lower bound.
        high: Upper bound.
        log: Whether the logarithm is uniformly distributed.

    Example:
        ```python
        FloatRange(1e-4, 0.3, log=True)
        ```
    """

    low: float
    high: float
    log: bool = False

    def suggest(self, trial: "Trial", name: str, default: float | None) -> float:
        """Return the value of a trial.

        Args:
            trial: The trial.
            name: Name of the option.
            default: Default of the option, which is not needed.

        Returns:
            The value.
        """
        return float(trial.suggest_float(name, self.low, self.high, log=self.log))


@dataclass(frozen=True)
class AroundDefault:
    """Log-uniform numbers around the option's default.

    Args:
        factor: The default is divided and multiplied by it for the bounds; above 1.
        fallback: Centre for an option whose default is None.

    Example:
        ```python
        AroundDefault(10, fallback=2e-3)
        ```
    """

    factor: float
    fallback: float

    def suggest(self, trial: "Trial", name: str, default: float | None) -> float:
        """Return the value of a trial.

        Args:
            trial: The trial.
            name: Name of the option.
            default: Default of the option.

        Returns:
            The value.
        """
        centre = self.fallback if default is None else default
        return float(trial.suggest_float(name, centre / self.factor, centre * self.factor, log=True))


@dataclass(frozen=True)
class Categorical:
    """One of several values.

    Args:
        values: The values.

    Example:
        ```python
        Categorical((32, 64, 128))
        ```
    """

    values: Sequence[bool | int | float | str | None]

    def suggest(self, trial: "Trial", name: str, default: float | None) -> bool | int | float | str | None:
        """Return the value of a trial.

        Args:
            trial: The trial.
            name: Name of the option.
            default: Default of the option, which is not needed.

        Returns:
            The value.
        """
        value: bool | int | float | str | None = trial.suggest_categorical(name, list(self.values))
        return value
