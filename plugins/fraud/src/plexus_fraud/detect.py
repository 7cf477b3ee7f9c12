"""The task: which transactions are fraud."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, InputError, Metric, Task
from plexus.data.tables import is_table, read_table
from plexus.utils.files import write_whole
from plexus.utils.messages import note
from plexus_fraud.codec import QUANTILES, FraudCodec, Policy, Rows, Verdict
from plexus_fraud.dataset import TimeSplits, read_source
from plexus_fraud.drift import MUCH, Spread
from plexus_fraud.figures import average_precision, card_precision, cost_saved, figures
from plexus_fraud.history import History
from plexus_fraud.options import FraudFlags, FraudOptions
from plexus_fraud.transactions import DAY, take

if TYPE_CHECKING:
    import keras
    import polars as pl

    from plexus.codec import Arrays
    from plexus.task import Predictor

STEPS, FEWEST, MOST = 4000, 4, 15
ENOUGH = 20
"""Frauds in the validation split, from which it can calibrate."""


class Detect(Task):
    """`fraud.detect`."""

    options = FraudOptions
    codec = FraudCodec
    metric = Metric("average_precision", baseline="prior_average_precision")
    asking = FraudFlags
    restore_best_weights = False
    evaluation_protocol = "on transactions later than those of training, after a delay in which fraud is not known yet"
    request_description = "a transaction: an object of its columns"
    trial_options = {"data": "simulated", "epochs": 2}

    def load_dataset(self, options: FraudOptions) -> TimeSplits:
        """Transactions in the order of time, in three splits."""
        return read_source(options)

    def fit_codec(self, dataset: TimeSplits, options: FraudOptions) -> FraudCodec:
        """Columns, and the last weeks of what was seen."""
        from plexus_fraud.columns import fit_columns

        train, said = take(dataset.given, dataset.rows("train")), set(dataset.findings.lines())
        columns = fit_columns(train, dataset.roles, options.ignore, dataset.findings)
        for line in dataset.findings.lines():
            if line not in said:
                note(line)
        policy = Policy(options.cost_review, options.cost_missed or (None if dataset.roles.amount else 100.0))
        history = History(dataset.delay, tuple(dataset.roles.ids))
        codec = FraudCodec(dataset.roles, dataset.positive, columns, dataset.given.dated, history, policy)
        x = dataset.features(codec)
        behaviours = codec.behaviours(dataset.given)
        if behaviours is not None:
            history.extend(behaviours)
        x = x[dataset.rows("train")]
        codec.typical, codec.spreads = np.median(x, axis=0).tolist(), [Spread.of(values) for values in x.T]
        return codec

    def resolve_options(self, dataset: TimeSplits, codec: FraudCodec, options: FraudOptions) -> dict[str, Any]:
        """Epochs: the more, the fewer transactions there are."""
        steps = max(dataset.count("train") // options.batch_size, 1)
        return {"epochs": min(max(round(STEPS / steps), FEWEST), MOST)}

    def build_network(self, codec: FraudCodec, options: FraudOptions) -> "keras.Model":
        """Several nets in one, and an autoencoder."""
        from plexus_fraud.networks import make_network

        columns, o = len(codec.names), options
        return make_network(columns, o.heads, o.width, o.depth, o.bins, o.embedding, o.dropout)

    def build_learner(
        self, network: "keras.Model", dataset: TimeSplits, codec: FraudCodec, options: FraudOptions
    ) -> "keras.Model":
        """Cross-entropy of each net; the error of what is normal."""
        from plexus_fraud.learner import FraudLearner

        rows = dataset.rows("train")
        return FraudLearner(network, dataset.features(codec)[rows], dataset.given.fraud[rows])

    def batches(
        self, dataset: TimeSplits, codec: FraudCodec, learner: "keras.Model", options: FraudOptions, epoch: int
    ) -> Batches:
        """The transactions of the training once, shuffled."""
        x, fraud = dataset.features(codec)[dataset.rows("train")], dataset.fraud("train").astype(np.float32)
        return Batches.shuffled({"x": x}, fraud, options.batch_size, options.seed, epoch)

    def evaluate(self, predictor: "Predictor", dataset: TimeSplits, codec: FraudCodec, split: str) -> dict[str, float]:
        """Average precision with its interval, and what it is worth."""
        rows, given = dataset.rows(split), dataset.given
        x = dataset.features(codec, unseen=split == "unseen")[rows]
        outputs, moved = predictor({"x": x}), codec.moved(x)
        probabilities, fraud = codec.probabilities(outputs), given.fraud[rows]
        amounts = given.numbers(codec.roles.amount)[rows] if codec.roles.amount else np.zeros(len(rows))
        flagged, losses = codec.policy.flags(probabilities, amounts), codec.policy.losses(amounts)
        found = figures(probabilities, fraud, amounts) | {
            "cost_saved": cost_saved(flagged, fraud, losses, codec.policy.review),
            "flagged_share": float(flagged.mean()),
            "largest_psi": max(moved.values()),
            "unusual_average_precision": average_precision(codec.unusual(outputs), fraud),
        }
        if split == "unseen" and (much := [f"{name} {psi:.2f}" for name, psi in moved.items() if psi > MUCH]):
            note(f"moved much since training (population stability index): {', '.join(much)}")
        if codec.roles.customer and given.time is not None:
            days, customers = given.time[rows] // DAY, given.ids(codec.roles.customer)[rows]
            found["card_precision_at_100"] = card_precision(probabilities, fraud, days, customers)
        return found

    def calibrate(self, predictor: "Predictor", dataset: TimeSplits, codec: FraudCodec) -> FraudCodec:
        """Probabilities, the threshold, and how unlike the others a normal transaction may be."""
        from plexus_fraud.calibration import fit_scale

        rows, fraud = dataset.rows("val"), dataset.fraud("val")
        outputs = predictor({"x": dataset.features(codec)[rows]})
        enough = min(fraud.sum(), (1 - fraud).sum()) >= ENOUGH
        scale = fit_scale(outputs["logit"], fraud) if enough else (1.0, 0.0)
        errors = np.quantile(outputs["error"][fraud == 0], np.linspace(0, 1, QUANTILES + 1)).tolist()
        codec, reviews = codec.calibrated(scale, errors, codec.policy), dataset.options.reviews_a_day
        if reviews:
            days = max(float(np.ptp(dataset.given.time[rows])) / DAY, 1e-9) if dataset.given.time is not None else 1.0
            ranked = np.sort(codec.probabilities(outputs))[::-1]
            threshold = float(ranked[min(max(round(reviews * days), 1), len(ranked)) - 1])
            return codec.calibrated(scale, errors, Policy(codec.policy.review, codec.policy.missed, threshold))
        return codec

    def predict(self, predictor: "Predictor", codec: FraudCodec, raws: Any) -> list[Verdict]:
        """A verdict each, with reasons if flagged. What was answered for has been seen: behaviour goes on from it."""
        state = raws.state if isinstance(raws, Rows) else None
        if state is not None and state.exists():
            codec.history = _kept(state)
        given = codec.read(raws)
        x = codec.features(given, codec.history)
        outputs = predictor({"x": x})
        probabilities = codec.probabilities(outputs)
        amounts = given.numbers(codec.roles.amount) if codec.roles.amount else np.zeros(len(given))
        flagged = codec.policy.flags(probabilities, amounts)
        verdicts = codec.verdicts(probabilities, codec.unusual(outputs), flagged, _why(predictor, codec, x, flagged))
        behaviours = codec.behaviours(given)
        if behaviours is not None:
            codec.history.extend(behaviours)
        if state is not None:
            write_whole(state, json.dumps(codec.history.to_json()))
        places = np.empty(len(given), int)
        places[given.rows - 1] = np.arange(len(given))
        return [verdicts[place] for place in places.tolist()]

    def parse_argument(self, given: str) -> Iterable[tuple[str, Any]]:
        """A transaction as a JSON object, or the rows of a table."""
        if is_table(Path(given)):
            return [(f"{given} row {row}", raw) for row, raw in enumerate(read_table(Path(given)).to_dicts(), 1)]
        try:
            raw = json.loads(given)
        except ValueError as error:
            raise InputError(
                f"{given}: a transaction as a JSON object is wanted, or a table (which --out answers.csv streams)"
            ) from error
        return [(given, raw)]

    def parse_request(self, codec: Any, value: Any) -> dict[str, Any]:
        """A transaction."""
        if not isinstance(value, dict):
            raise InputError(f"a transaction is wanted, an object of its columns, not {value!r}")
        return value

    def table_inputs(self, table: "pl.DataFrame", flags: FraudFlags) -> Sequence[Any]:
        """A piece of a table; with --state, going on from what was seen."""
        return Rows(table, None if flags.state is None else Path(flags.state))  # type: ignore[return-value]

    def explain(self, predictor: "Predictor", codec: FraudCodec, raw: Any, to: Path) -> Path:
        """A picture of what raised the probability, and what lowered it."""
        from plexus_fraud.report import draw_pushes

        x: Arrays = codec.encode([raw])
        return draw_pushes(predictor, codec, x["x"][0], to)

    def report(self, predictor: "Predictor", dataset: TimeSplits, codec: FraudCodec, folder: Path) -> None:
        """Precision and recall, what a threshold costs, and which columns have moved."""
        from plexus_fraud.report import write_report

        write_report(predictor, dataset, codec, folder)


def _why(predictor: "Predictor", codec: FraudCodec, x: np.ndarray, flagged: np.ndarray) -> dict[int, tuple[str, ...]]:
    from plexus_fraud.reasons import reasons

    rows = np.flatnonzero(flagged)
    return dict(zip(rows.tolist(), reasons(predictor, codec, x[rows]), strict=True)) if len(rows) else {}


def _kept(state: Path) -> History:
    try:
        return History.from_json(json.loads(state.read_text()))
    except (ValueError, KeyError, OSError) as error:
        raise InputError(
            f"--state {state} is not what predict kept ({error}): give another file, or remove it"
        ) from error
