"""Transactions to numbers, and probabilities to answers."""

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from plexus import Codec, InputError, Prediction
from plexus.data.findings import Findings
from plexus.utils.messages import note
from plexus_fraud.behaviour import names_of_behaviour
from plexus_fraud.columns import Column
from plexus_fraud.drift import Spread
from plexus_fraud.few import read_few
from plexus_fraud.history import History
from plexus_fraud.roles import Roles
from plexus_fraud.transactions import DAY, Transactions, read_transactions

if TYPE_CHECKING:
    import polars as pl

    from plexus.codec import Arrays

QUANTILES = 1000
STRANGE = 0.999
"""Of the normal transactions in training, the share that was less unlike the others."""


class Verdict(Prediction):
    """What is said of one transaction.

    Attributes:
        fraud: whether it is flagged: to look at it costs less than what is likely to be lost.
        probability: that it is fraud.
        unusual: the share of the normal transactions of training that were less unlike the others; it needs no example
            of a fraud.
        reasons: of a flagged one, what raised the probability most.
    """

    fraud: bool
    probability: float
    unusual: float
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        flagged = "FRAUD?" if self.fraud else "ok"
        strange = "  (unlike anything seen)" if self.unusual >= STRANGE else ""
        return f"{flagged}  {self.probability:.2%}{strange}" + (f"  {'; '.join(self.reasons)}" if self.reasons else "")


@dataclass(frozen=True)
class Policy:
    """When a transaction is flagged.

    Args:
        review: what looking at one costs; missed: what a missed fraud costs, None: its amount.
        threshold: instead of the costs, the probability from which on.
    """

    review: float
    missed: float | None
    threshold: float | None = None

    def flags(self, probabilities: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """Which are flagged `(n,)`: those where the expected loss is above the cost of a review (Elkan 2001)."""
        if self.threshold is not None:
            return probabilities >= self.threshold
        return probabilities * self.losses(amounts) > self.review

    def losses(self, amounts: np.ndarray) -> np.ndarray:
        """What each costs if it is fraud and missed `(n,)`."""
        return np.abs(np.nan_to_num(amounts)) if self.missed is None else np.full(len(amounts), self.missed)


@dataclass(frozen=True)
class Rows:
    """A piece of a table, and where what was seen is kept."""

    frame: "pl.DataFrame"
    state: Path | None = None

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, rows: slice) -> "Rows":
        return Rows(self.frame[rows], self.state)


class FraudCodec(Codec):
    """Columns, the time of day, and the behaviour of customers and terminals, as one row of numbers.

    Args:
        roles: of the columns; positive: the label's value that means fraud.
        columns: that are told as they are.
        dated: whether the days of the week are known.
        history: the last weeks of training.
        policy: when to flag.
        scale: slope and offset of the logit that calibrate it (Platt 1999).
        errors: quantiles of the autoencoder's error on normal transactions.
        typical: the median of each feature in training; spreads: how its values were spread.
    """

    def __init__(
        self,
        roles: Roles,
        positive: str,
        columns: Sequence[Column],
        dated: bool,
        history: History,
        policy: Policy,
        scale: tuple[float, float] = (1.0, 0.0),
        errors: Sequence[float] = (0.0,),
        typical: Sequence[float] = (),
        spreads: Sequence[Spread] = (),
    ) -> None:
        self.roles, self.positive, self.columns, self.dated = roles, positive, list(columns), dated
        self.history, self.policy, self.scale = history, policy, tuple(scale)
        self.errors, self.typical, self.spreads = list(errors), list(typical), list(spreads)

    @cached_property
    def _errors(self) -> np.ndarray:
        return np.array(self.errors)

    @cached_property
    def names(self) -> list[str]:
        """What each number is, in words."""
        names = [name for column in self.columns for name in column.features]
        if self.roles.time:
            names += ["hour of the day", *(["day of the week"] if self.dated else [])]
            names += names_of_behaviour(self.roles.customer, self.roles.terminal)
        return names

    def read(self, raws: Any) -> Transactions:
        """Raw inputs as transactions: a piece of a table, or a dictionary each.

        Raises:
            InputError: a column is missing, or a time cannot be read.
        """
        if not isinstance(raws, Rows):
            if any(not isinstance(raw, dict) for raw in raws):
                raise InputError("a transaction is wanted as a JSON object of columns and values, or a table")
            return read_few(raws, self.roles, self.positive)
        findings = Findings()
        given = read_transactions(raws.frame, self.roles, self.positive, "the table", findings)
        if len(given) != len(raws):
            raise InputError(f"{findings.lines()[-1]}; an answer is wanted for each")
        for line in findings.lines():
            note(line)
        return given

    def behaviours(self, given: Transactions) -> dict[str, np.ndarray] | None:
        """What behaviour follows from, as `History` takes it; None if there are no ids or times."""
        if given.time is None or not self.roles.ids:
            return None
        amount = given.numbers(self.roles.amount) if self.roles.amount else np.ones(len(given))
        numbers = {"time": given.time, "amount": amount, "fraud": np.nan_to_num(given.fraud)}
        return numbers | {role: given.ids(column) for role, column in self.roles.ids.items()}

    def features(self, given: Transactions, history: History | None) -> np.ndarray:
        """The network's input `(n, features)`, in the order of `names`."""
        parts = [column.encode(given) for column in self.columns]
        if given.time is not None:
            parts.append((given.time % DAY / 3600)[:, None])
            if self.dated:
                parts.append(((given.time // DAY + 3) % 7)[:, None])
            behaviours = self.behaviours(given)
            if behaviours is not None:
                before = History(self.history.delay, tuple(self.roles.ids)) if history is None else history
                parts.append(before.features(behaviours))
        return np.concatenate(parts, axis=1).astype(np.float32)

    def encode(self, raws: Any) -> "Arrays":
        """`x`; see `features`. The transactions are not kept."""
        given = self.read(raws)
        x = self.features(given, self.history)
        back = np.empty_like(x)
        back[given.rows - 1] = x
        return {"x": back}

    def calibrated(self, scale: tuple[float, float], errors: Sequence[float], policy: Policy) -> Self:
        """The same, with what can be told only after training."""
        made = copy(self)
        made.__dict__.pop("_errors", None)
        made.scale, made.errors, made.policy = scale, list(errors), policy
        return made

    def moved(self, x: np.ndarray) -> dict[str, float]:
        """The population stability index of each number, by its name, the largest first."""
        found = [spread.stability(values) for spread, values in zip(self.spreads, x.T, strict=True)]
        return {self.names[at]: found[at] for at in np.argsort(found)[::-1].tolist()}

    def probabilities(self, outputs: "Arrays") -> np.ndarray:
        """Calibrated `(n,)`."""
        slope, offset = self.scale
        logits = np.clip(outputs["logit"].astype(np.float64) * slope + offset, -40, 40)
        return 1 / (1 + np.exp(-logits))

    def unusual(self, outputs: "Arrays") -> np.ndarray:
        """The share of normal transactions with a smaller error `(n,)`."""
        return np.searchsorted(self._errors, outputs["error"]) / len(self._errors)

    def decode(self, outputs: "Arrays") -> list[Verdict]:
        """Answers without amounts: where a missed fraud costs its amount, 100 stands for it."""
        probabilities = self.probabilities(outputs)
        flagged = self.policy.flags(probabilities, np.full(len(probabilities), 100.0))
        return self.verdicts(probabilities, self.unusual(outputs), flagged, {})

    def verdicts(
        self, probabilities: np.ndarray, unusual: np.ndarray, flagged: np.ndarray, reasons: dict[int, tuple[str, ...]]
    ) -> list[Verdict]:
        """One answer a row; reasons by the row's number."""
        # What is made here needs no checking, which would take longer than the network.
        return [
            Verdict.model_construct(fraud=flag, probability=p, unusual=far, reasons=reasons.get(row, ()))
            for row, (flag, p, far) in enumerate(
                zip(flagged.tolist(), probabilities.tolist(), unusual.tolist(), strict=True)
            )
        ]

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "roles": asdict(self.roles),
            "positive": self.positive,
            "columns": [column.to_json() for column in self.columns],
            "dated": self.dated,
            "history": self.history.to_json(),
            "policy": asdict(self.policy),
            "scale": list(self.scale),
            "errors": self.errors,
            "typical": self.typical,
            "spreads": [spread.to_json() for spread in self.spreads],
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec that gave this state."""
        made = {
            "roles": Roles(**state["roles"]),
            "columns": [Column.from_json(column) for column in state["columns"]],
            "history": History.from_json(state["history"]),
            "policy": Policy(**state["policy"]),
            "spreads": [Spread.from_json(spread) for spread in state["spreads"]],
        }
        return cls(**state | made)
