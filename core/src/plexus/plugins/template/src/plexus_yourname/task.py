"""The task `yourname.classify`."""

from pydantic import Field

from plexus import ClassificationCodec, ClassificationTask, Findings, NamedDataset, Options, SupervisedDataset
from plexus.data.rows import read_labelled_rows, row_numbers
from plexus.tasks.classification_codec import sort_labels
from plexus.tasks.row_inputs import RowInputs


def _moons():
    from sklearn.datasets import make_moons

    return {"train": make_moons(600, noise=0.1, random_state=0)}


MOONS = NamedDataset("yourname_moons", licence="generated", labels=("upper", "lower"), embedded=_moons)


class ClassifyOptions(Options):
    """Flags of `plexus train yourname.classify`, in addition to those of every training."""

    defaults = {"data": "yourname_moons", "epochs": 40, "learning_rate": 0.01}

    units: int = Field(32, ge=1, le=4096, description="Units of each hidden layer.")


class RowCodec(ClassificationCodec):
    """Converts rows to arrays; `decode` to labels with calibrated probabilities is inherited."""

    def __init__(self, labels, columns, temperature=1.0):
        super().__init__(labels, temperature)
        self.columns = columns

    def encode(self, inputs):
        return {"row": row_numbers(inputs, self.columns)}

    def to_json(self):
        return super().to_json() | {"columns": self.columns}


class Classify(RowInputs, ClassificationTask[RowCodec, ClassifyOptions]):
    """Loss, batches, metrics, calibration and report come from `ClassificationTask`."""

    options, codec = ClassifyOptions, RowCodec
    trial_options = {"epochs": 10}

    def load_dataset(self, options):
        examples = read_labelled_rows(self.locate(options.data))
        return SupervisedDataset({"train": examples}, options.seed, Findings(options.strict))

    def fit_codec(self, dataset, options):
        train = dataset["train"]
        return RowCodec(sort_labels(train.targets), list(train.inputs[0]))

    def build_network(self, codec, options):
        import keras

        row = keras.Input((len(codec.columns),), name="row")
        hidden = keras.layers.BatchNormalization(momentum=0.9)(row)
        for _ in range(2):
            hidden = keras.layers.Dense(options.units, activation="gelu")(hidden)
        return keras.Model({"row": row}, {"logits": keras.layers.Dense(len(codec.labels), name="logits")(hidden)})
