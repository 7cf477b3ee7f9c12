"""The task `fraud.detect`: fraud detection in transactions."""

import json
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Batches, Examples, InputError, Metric, OptionGroup, Task
from plexus.codec import Input, JsonObject
from plexus.data.table_rows import TableRows
from plexus.data.tables import is_table, read_table
from plexus.errors import os_error
from plexus.metrics.drift import ReferenceDistribution
from plexus.options import resolved
from plexus.tasks.example_views import ExampleViews
from plexus.tasks.row_column import RowColumn
from plexus.utils.files import write_whole
from plexus_fraud.account_history import LONG_AHEAD, AccountHistory
from plexus_fraud.calibration import PlattScaling, fit_platt_scaling
from plexus_fraud.codec import FraudCodec
from plexus_fraud.codec_state import HistoryState
from plexus_fraud.dataset import TransactionDataset, is_database_address, load_dataset
from plexus_fraud.decision import DecisionPolicy
from plexus_fraud.drift_notes import note_drift
from plexus_fraud.feature_columns import fit_feature_columns
from plexus_fraud.metrics import OTHER_METRICS, average_precision, card_precision, cost_saved, ranking_metrics
from plexus_fraud.options import DetectOptions, StreamOptions
from plexus_fraud.prediction import FraudPrediction
from plexus_fraud.transaction_encoder import TransactionEncoder
from plexus_fraud.transaction_times import DAY

if TYPE_CHECKING:
    import keras

    from plexus import Predictor

STEPS, MIN_EPOCHS, MAX_EPOCHS = 4000, 4, 15
MIN_FOR_CALIBRATION = 20
"""Frauds and others in the validation split from which logits are calibrated."""
ERROR_QUANTILES = 1000
DEFAULT_COST_MISSED = 100.0
"""Largest default cost of a missed fraud without a column of amounts."""
MIN_LIFT, MAX_DEFAULT_THRESHOLD = 2.0, 0.5
"""Without a column of amounts, transactions are flagged by default from this multiple of the share of frauds in
training, or from this probability if it is lower."""
CLOCK_START, TOLERANCE = 1e9, DAY
"""Seconds from which times are since 1970 (it was 2001 then), and by which clocks may differ."""


class Detect(ExampleViews, Task[TransactionDataset, FraudCodec, DetectOptions]):
    """Fraud detection in transactions.

    Example:
        ```python
        bundle = plexus.train("fraud.detect", data="payments.csv")
        bundle.predict([{"time": 1709300000, "customer": 5, "terminal": 7, "amount": 812.5}])
        ```
    """

    options, codec = DetectOptions, FraudCodec
    metric = Metric("average_precision", baseline="prior_average_precision")
    other_metrics = OTHER_METRICS
    figure_captions = {
        "precision_recall.svg": "Precision and recall; the dot is the threshold with the lowest cost",
        "cost.svg": "Cost saved by number of reviewed transactions; the dot is the threshold",
        "drift.svg": "Drift of the features from training to the test split",
    }
    trial_options = {"data": "simulated", "epochs": 2}
    predict_options = StreamOptions
    evaluation_protocol = "on transactions later than those of training, after a delay in which fraud is not known yet"
    restore_best_weights = False
    request_description = "a transaction: an object of its columns"
    explanation_suffix = ".png"

    def load_dataset(self, options: DetectOptions) -> TransactionDataset:
        """Read transactions; see `plexus_fraud.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        return load_dataset(None if is_database_address(options) else self.locate(options.data), options)

    def example_splits(self, dataset: TransactionDataset) -> dict[str, Examples[str]]:
        """Return the transactions of each split; those in the delay before the test split are in none.

        Args:
            dataset: The dataset.

        Returns:
            Rows of the table and their labels by split.
        """
        return {split: dataset.examples(split) for split in dataset.splits}

    def fit_codec(self, dataset: TransactionDataset, options: DetectOptions) -> FraudCodec:
        """Fit the encoding of columns and the distribution of features, and keep the last weeks of the data.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        transactions, roles, train = dataset.transactions, dataset.roles, dataset.rows("train")
        columns = fit_feature_columns(transactions.take(train), dataset.feature_names)
        encoder = TransactionEncoder(
            roles, dataset.positive_label, tuple(columns), transactions.dated, dataset.delay, transactions.time_form
        )
        history, activity = encoder.empty_history(), encoder.activity(transactions)
        if activity is not None:
            history.extend(activity)
        cost_missed = options.cost_missed or (None if roles.amount else _default_cost_missed(dataset, options))
        x = dataset.encode_all(encoder)[train]
        return FraudCodec(
            encoder,
            history,
            DecisionPolicy(
                options.cost_review, cost_missed, options.reviews_per_day, missing_amount=_usual_loss(dataset)
            ),
            medians=np.median(x, axis=0).tolist(),
            distributions=[ReferenceDistribution.fit(values) for values in x.T],
        )

    def resolve_options(
        self, dataset: TransactionDataset, codec: FraudCodec, options: DetectOptions
    ) -> dict[str, object]:
        """Choose the epochs by the number of steps.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        steps_per_epoch = max(dataset.count("train") // resolved(options.batch_size), 1)
        return {"epochs": min(max(round(STEPS / steps_per_epoch), MIN_EPOCHS), MAX_EPOCHS)}

    def build_network(self, codec: FraudCodec, options: DetectOptions) -> "keras.Model":
        """Build the heads, the trees and the autoencoder.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_fraud.network import build_network

        return build_network(len(codec.encoder.names), options)

    def build_learner(
        self, network: "keras.Model", dataset: TransactionDataset, codec: FraudCodec, options: DetectOptions
    ) -> "keras.Model":
        """Fit the encoding of columns and the trees, and add the losses.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_fraud.learner import FraudLearner

        return FraudLearner(network, dataset.encode(codec, "train"), dataset.fraud("train"), options.seed)

    def batches(
        self,
        dataset: TransactionDataset,
        codec: FraudCodec,
        learner: "keras.Model",
        options: DetectOptions,
        epoch: int,
    ) -> Batches:
        """Return the training transactions once, shuffled by seed and epoch.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches.
        """
        x, fraud = dataset.encode(codec, "train"), dataset.fraud("train").astype(np.float32)
        return Batches.shuffled({"x": x}, fraud, resolved(options.batch_size), options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: TransactionDataset, codec: FraudCodec, split: str
    ) -> dict[str, float]:
        """Compute average precision with its interval, costs, drift and others.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics.
        """
        x, fraud, amounts = dataset.encode(codec, split), dataset.fraud(split), dataset.amounts(split)
        outputs, drift = predictor({"x": x}), codec.drift(x)
        probabilities, policy = codec.probabilities(outputs), codec.policy
        flagged = policy.flags(probabilities, amounts)
        metrics = ranking_metrics(probabilities, fraud, amounts) | {
            "cost_saved": cost_saved(flagged, fraud, policy.losses(amounts), policy.cost_review),
            "flagged_share": float(flagged.mean()),
            "largest_psi": max(drift.values()),
            "unusual_average_precision": average_precision(codec.unusual(outputs), fraud),
        }
        if split in ("test", "unseen"):
            note_drift(codec, x, drift)
        transactions, rows = dataset.transactions, dataset.rows(split)
        if codec.encoder.roles.customer and transactions.time is not None:
            days, customers = transactions.time[rows] // DAY, transactions.ids(codec.encoder.roles.customer)[rows]
            metrics["card_precision_at_100"] = card_precision(probabilities, fraud, days, customers)
        return metrics

    def calibrate(self, predictor: "Predictor", dataset: TransactionDataset, codec: FraudCodec) -> FraudCodec:
        """Fit the probabilities, the quantiles of normal errors, and the threshold of `reviews_per_day`.

        Args:
            predictor: The trained network.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            The calibrated codec.
        """
        fraud = dataset.fraud("val")
        outputs = predictor({"x": dataset.encode(codec, "val")})
        enough = min(fraud.sum(), (1 - fraud).sum()) >= MIN_FOR_CALIBRATION
        scaling = fit_platt_scaling(outputs["logit"], fraud) if enough else PlattScaling()
        quantiles = np.quantile(outputs["error"][fraud == 0], np.linspace(0, 1, ERROR_QUANTILES + 1))
        calibrated = codec.with_calibration(scaling, quantiles)
        if codec.policy.reviews_per_day is None:
            return calibrated
        time, rows = dataset.transactions.time, dataset.rows("val")
        days = 1.0 if time is None else max(float(np.ptp(time[rows])) / DAY, 1e-9)
        return calibrated.with_policy(codec.policy.with_threshold(calibrated.probabilities(outputs), days))

    def predict(self, predictor: "Predictor", codec: FraudCodec, inputs: Sequence[Input]) -> list[FraudPrediction]:
        """Predict for transactions that follow those of training.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Transactions as JSON objects, or a `TableRows`.

        Returns:
            One prediction per transaction.
        """
        return self.predict_stream(predictor, codec, inputs, self.initial_state(codec))

    def initial_state(self, codec: FraudCodec) -> AccountHistory:
        """Return the transactions of the last weeks of the training data.

        Args:
            codec: The codec.

        Returns:
            A history of the caller's own.
        """
        return codec.history.copy()

    def predict_stream(
        self, predictor: "Predictor", codec: FraudCodec, inputs: Sequence[Input], state: AccountHistory
    ) -> list[FraudPrediction]:
        """Predict for transactions that follow those of a history, and add them to it.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Transactions as JSON objects, or a `TableRows`.
            state: The history, which is updated.

        Returns:
            One prediction per transaction, with reasons if it is flagged.
        """
        from plexus_fraud.explain import reasons

        transactions = codec.encoder.read(inputs)
        activity = codec.encoder.activity(transactions)
        encoded = codec.encode_transactions(transactions, state, activity)
        outputs = predictor(encoded)
        predictions = codec.decode(outputs, inputs)
        flagged = [row for row, prediction in enumerate(predictions) if prediction.fraud]
        if flagged:
            lines_of_rows = reasons(predictor, codec, encoded["x"][flagged], outputs["logit"][flagged])
            for row, lines in zip(flagged, lines_of_rows, strict=True):
                predictions[row] = predictions[row].model_copy(update={"reasons": lines})
        if activity is not None:
            state.extend(activity)
        return predictions

    def require_past(self, codec: FraudCodec, inputs: Sequence[Input], state: AccountHistory) -> None:
        """Check that no transaction is dated in the future; times that are not since 1970 are not checked.

        Args:
            codec: The codec.
            inputs: Transactions as JSON objects.
            state: The history that they follow. If it is dated in the future itself, a year after it is.

        Raises:
            InputError: If one is, or one cannot be read; the line has its time.
        """
        column, latest = codec.encoder.roles.time, state.latest_time
        if column is None or latest < CLOCK_START:
            return
        limit = time.time() + TOLERANCE
        limit = limit if latest <= limit else latest + LONG_AHEAD
        transactions = codec.encoder.read(inputs)
        if transactions.time is None:
            return
        ahead = transactions.rows[transactions.time > limit]
        if len(ahead):
            raise InputError(f"column {column!r}: {inputs[int(ahead[0]) - 1][column]!r} is in the future")

    def load_state(self, path: Path) -> AccountHistory:
        """Read a history that `save_state` wrote.

        Args:
            path: The file.

        Returns:
            The history.

        Raises:
            InputError: If the file is not a history.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            HistoryState.model_validate(content)
            return AccountHistory.from_json(content)
        except OSError as error:
            raise os_error(error, "read", path) from error
        except (ValueError, LookupError, zipfile.BadZipFile, zlib.error, RecursionError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(
                f"--state {path} is not a file that predict wrote ({reason}): pass another file, or remove it"
            ) from error

    def save_state(self, state: AccountHistory, path: Path) -> None:
        """Write a history, whole or not at all.

        Args:
            state: The history.
            path: The file.
        """
        write_whole(path, json.dumps(state.to_json()))

    def describe_rows(self, codec: FraudCodec) -> list[RowColumn]:
        """Return the columns of a transaction; see `FraudCodec.describe_rows`.

        Args:
            codec: The codec.

        Returns:
            The columns.
        """
        return codec.describe_rows()

    def parse_argument(self, argument: str) -> Iterable[tuple[str, JsonObject]]:
        """Return a transaction of a JSON object, or those of a table.

        Args:
            argument: A JSON object, or a path.

        Returns:
            Pairs of a name and a transaction.

        Raises:
            InputError: If it is neither.
        """
        path = Path(argument)
        if is_table(path):
            return [(f"{argument} row {row}", record) for row, record in enumerate(read_table(path).to_dicts(), 1)]
        try:
            return [(argument, json.loads(argument))]
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{argument}: expected a transaction as a JSON object, or a table (with --out predictions.csv it is "
                "read a part at a time)"
            ) from error

    def parse_request(self, codec: FraudCodec, value: Input) -> JsonObject:
        """Return a transaction.

        Args:
            codec: The codec.
            value: A JSON value.

        Returns:
            The transaction.

        Raises:
            InputError: If the value is not an object.
        """
        if not isinstance(value, dict):
            raise InputError(f"expected a transaction as an object of its columns, got {value!r}")
        return value

    def table_inputs(self, parts: Iterable[TableRows], options: OptionGroup | None) -> Iterator[TableRows]:
        """Return the transactions of a table.

        Args:
            parts: The table in parts.
            options: The options of `plexus predict`.

        Returns:
            The same parts.
        """
        return iter(parts)

    def explain(
        self,
        predictor: "Predictor",
        codec: FraudCodec,
        raw_input: Input,
        path: Path,
        state: AccountHistory | None = None,
    ) -> Path:
        """Draw which features raise the probability, and which lower it.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The transaction.
            path: File to write.
            state: The history that the transaction follows, which is not changed; by default that of training.

        Returns:
            The file.
        """
        from plexus_fraud.explain import draw_attribution, shapley_attribution

        x = codec.encode_transactions(codec.encoder.read([raw_input]), state or codec.history)["x"][0]
        return draw_attribution(predictor, codec, x, shapley_attribution(predictor, codec, x), path)

    def explanation_values(self, predictor: "Predictor", codec: FraudCodec, raw_input: Input) -> JsonObject:
        """Return by how much each feature raises or lowers the log-odds of fraud.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The transaction, which follows those of training.

        Returns:
            The result of `plexus_fraud.explain.attribution_values`.
        """
        from plexus_fraud.explain import attribution_values, shapley_attribution

        x = codec.encode([raw_input])["x"][0]
        return attribution_values(predictor, codec, x, shapley_attribution(predictor, codec, x))

    def explain_with_values(
        self, predictor: "Predictor", codec: FraudCodec, raw_input: Input, path: Path
    ) -> JsonObject:
        """Draw the contributions of the features, and return them.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The transaction, which follows those of training.
            path: File to write.

        Returns:
            The result of `plexus_fraud.explain.attribution_values`.
        """
        from plexus_fraud.explain import attribution_values, draw_attribution, shapley_attribution

        x = codec.encode([raw_input])["x"][0]
        changes = shapley_attribution(predictor, codec, x)
        draw_attribution(predictor, codec, x, changes, path)
        return attribution_values(predictor, codec, x, changes)

    def report(self, predictor: "Predictor", dataset: TransactionDataset, codec: FraudCodec, folder: Path) -> None:
        """Draw precision and recall, the cost saved, and the drift on the test split.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        from plexus_fraud.report import write_report

        write_report(predictor, dataset, codec, folder)

    def amounts(self, codec: FraudCodec, inputs: Sequence[Input]) -> np.ndarray:
        """Return what each transaction costs if it is a missed fraud and the policy names no cost of its own.

        Args:
            codec: The codec.
            inputs: Transactions as JSON objects, or a `TableRows`.

        Returns:
            Absolute amounts of shape `(n,)`, the usual one of frauds where one is missing; 100 without a column of
            amounts.
        """
        if codec.encoder.roles.amount is None:
            return np.full(len(inputs), DEFAULT_COST_MISSED)
        return codec.policy.amounts(codec.encoder.amounts(inputs))

    def costs(self, codec: FraudCodec) -> tuple[float, float | None]:
        """Return the costs by which transactions are flagged.

        Args:
            codec: The codec.

        Returns:
            The cost of a review, and that of a missed fraud; None stands for its amount.
        """
        return codec.policy.cost_review, codec.policy.cost_missed

    def with_costs(self, codec: FraudCodec, cost_review: float, cost_missed: float | None) -> FraudCodec:
        """Return a codec that flags transactions by other costs.

        Args:
            codec: The codec.
            cost_review: Cost of the review of one transaction.
            cost_missed: Cost of a missed fraud; None: its amount.

        Returns:
            A new codec.
        """
        return codec.with_policy(DecisionPolicy(cost_review, cost_missed, missing_amount=codec.policy.missing_amount))


def _default_cost_missed(dataset: TransactionDataset, options: DetectOptions) -> float:
    """Return the cost of a missed fraud if there are no amounts: one at which no usual transaction is flagged.

    Where frauds are common, `DEFAULT_COST_MISSED` would flag transactions that are no more suspicious than most.
    """
    threshold = min(MIN_LIFT * float(dataset.fraud("train").mean()), MAX_DEFAULT_THRESHOLD)
    return min(options.cost_review / threshold, DEFAULT_COST_MISSED)


def _usual_loss(dataset: TransactionDataset) -> float:
    """Return the median amount of the training frauds, which stands in for an amount that is missing."""
    amounts = np.abs(dataset.amounts("train")[dataset.fraud("train") == 1])
    amounts = amounts[np.isfinite(amounts)]
    return float(np.median(amounts)) if dataset.roles.amount and len(amounts) else DEFAULT_COST_MISSED
