"""The task, its methods in the order in which training calls them; Keras is imported where it is used."""

import json

import numpy as np
from pydantic import Field

from plexus import Batches, Codec, Examples, InputError, Metric, Options, SupervisedDataset, Task
from plexus.data.findings import Findings
from plexus.data.named import NamedDataset, locate
from plexus.data.tables import is_table, read_table
from plexus.metrics.calibration import softmax
from plexus.metrics.classification import classification_metrics
from plexus.prediction import LabelPrediction


def _moons():
    generator, angle = np.random.default_rng(0), np.linspace(0, np.pi, 300)
    upper, lower = np.stack([np.cos(angle), np.sin(angle)], 1), np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
    points = np.concatenate([upper, lower]) + generator.normal(0, 0.1, (600, 2))
    return {"train": (points, np.repeat([0, 1], 300))}


MOONS = NamedDataset("yourname_moons", licence="made by this plugin", labels=("upper", "lower"), embedded=_moons)


class ClassifyOptions(Options):
    """Settings: flags of the command line, keys of a YAML file. Those of every training are inherited."""

    data: str = Field("yourname_moons", description="a table of numbers with a column label, or yourname_moons")
    epochs: int = Field(40, ge=1, le=100_000, description="how often all rows are gone through")
    learning_rate: float = Field(0.01, gt=0, le=100, description="at its highest")
    units: int = Field(32, ge=1, le=4096, description="of each hidden layer")


class RowCodec(Codec):
    """Rows, each a dictionary, to scaled numbers, and logits to labels. It is saved as JSON beside the network."""

    def __init__(self, columns, labels, mean, scale):
        self.columns, self.labels, self.mean, self.scale = columns, labels, mean, scale

    def encode(self, raws):
        """`row` `(n, columns)`."""
        rows = [[_number(raw, column) for column in self.columns] for raw in raws]
        return {"row": ((np.array(rows) - self.mean) / self.scale).astype(np.float32)}

    def decode(self, outputs):
        """The most probable label of each row."""
        return [
            LabelPrediction(label=self.labels[row.argmax()], probability=row.max(), alternatives={})
            for row in softmax(outputs["logits"])
        ]

    def targets(self, labels):
        """The labels' numbers."""
        return np.array([self.labels.index(label) for label in labels], np.int32)

    def to_json(self):
        """All that `from_json` needs."""
        return {"columns": self.columns, "labels": self.labels, "mean": self.mean, "scale": self.scale}

    @classmethod
    def from_json(cls, state):
        """The codec that gave this state."""
        return cls(**state)


class Classify(Task):
    """`yourname.classify`."""

    options, codec = ClassifyOptions, RowCodec
    metric = Metric("accuracy", baseline="majority_accuracy")
    request_description = "a row: an object of its columns"
    trial_options = {"data": "yourname_moons", "epochs": 10}  # what the conformance kit trains

    def load_dataset(self, options):
        """Rows and labels; test and validation splits are split off."""
        found = locate(options.data)
        rows, labels = _from_set(found) if isinstance(found, NamedDataset) else _from_table(found)
        return SupervisedDataset({"train": Examples(rows, labels)}, options.seed, Findings(options.strict))

    def fit_codec(self, dataset, options):
        """Columns, labels and scales, of the training split alone."""
        train = dataset["train"]
        columns = list(train.raws[0])
        values = np.array([[_number(raw, column) for column in columns] for raw in train.raws])
        scale = np.maximum(values.std(axis=0), 1e-9)
        return RowCodec(columns, sorted(set(train.labels)), values.mean(axis=0).tolist(), scale.tolist())

    def build_network(self, codec, options):
        """What is exported and answers: arrays in, arrays out."""
        import keras

        row = keras.Input((len(codec.columns),), name="row")
        hidden = keras.layers.Dense(options.units, activation="gelu")(row)
        hidden = keras.layers.Dense(options.units, activation="gelu")(hidden)
        return keras.Model({"row": row}, {"logits": keras.layers.Dense(len(codec.labels), name="logits")(hidden)})

    def loss(self, options):
        """Cross-entropy of the logits."""
        import keras

        return {"logits": keras.losses.SparseCategoricalCrossentropy(from_logits=True)}

    def batches(self, dataset, codec, learner, options, epoch):
        """All rows once, shuffled by seed and epoch."""
        train = dataset["train"]
        targets = codec.targets(train.labels)
        return Batches.shuffled(train.encode(codec), targets, options.batch_size, options.seed, epoch)

    def evaluate(self, predictor, dataset, codec, split):
        """Accuracy, macro F1, calibration, and the accuracy of always giving the most frequent label."""
        examples = dataset[split]
        probabilities = softmax(predictor(examples.encode(codec))["logits"])
        return classification_metrics(probabilities, codec.targets(examples.labels))

    def parse_argument(self, given):
        """What an argument of `plexus predict` stands for: a row as JSON."""
        try:
            return [(given, dict(json.loads(given)))]
        except (ValueError, TypeError) as error:
            raise InputError(f'{given!r} is not a row: write {{"column": number, …}}') from error

    def parse_request(self, codec, value):
        """What a request to `plexus serve` holds: the row itself."""
        if not isinstance(value, dict):
            raise InputError(f"a row is wanted, an object of its columns, not {value!r}")
        return value

    def table_inputs(self, table, flags):
        """The rows of a table, for `plexus predict BUNDLE table.csv --out answers.csv`."""
        return table.to_dicts()


def _from_set(found):
    points, numbers = found.embedded()["train"]
    return [dict(zip("xy", point, strict=True)) for point in points.tolist()], [found.labels[n] for n in numbers]


def _from_table(file):
    if not is_table(file):
        raise InputError(f"--data {file}: a table (.csv, .tsv, .parquet) is wanted")
    table = read_table(file)
    if "label" not in table.columns or len(table.columns) < 2 or len(table) < 20:
        raise InputError(f"--data {file}: 20 rows or more of numbers and a column label are wanted")
    return table.drop("label").to_dicts(), [str(label) for label in table["label"]]


def _number(raw, column):
    try:
        value = float(raw[column])  # a table's values may be text
    except (KeyError, TypeError, ValueError):
        value = np.nan
    if not np.isfinite(value):
        raise InputError(f"{raw}: column {column!r} must be a number, not {raw.get(column)!r}")
    return value
