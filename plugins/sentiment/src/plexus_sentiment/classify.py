"""The task: what a text feels."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, InputError, Metric, SupervisedDataset, Task
from plexus.metrics.classification import classification_metrics
from plexus.utils.messages import note
from plexus_sentiment.codec import TextCodec, as_text
from plexus_sentiment.columns import text_column
from plexus_sentiment.dataset import decoded, read_source
from plexus_sentiment.duplicates import Fingerprints
from plexus_sentiment.options import SentimentOptions, TextFlags
from plexus_sentiment.slices import slices
from plexus_sentiment.texts import Texts, encode_words, of_texts
from plexus_sentiment.words import sentences_of, words_of

if TYPE_CHECKING:
    import keras
    import polars as pl

    from plexus.prediction import Prediction
    from plexus.task import Predictor

SMOOTHING, FEWEST_STEPS = 0.1, 700
MOST_SEEN = 0.05
"""Of the texts to measure on, the share that training may have seen by chance: "i loved it" is often written."""


class Classify(Task):
    """`sentiment.classify`."""

    options = SentimentOptions
    codec = TextCodec
    metric = Metric("accuracy", baseline="majority_accuracy")
    asking = TextFlags
    explanation_suffix = ".html"
    restore_best_weights = False
    request_description = "a text"
    trial_options = {"data": "phrases", "epochs": 3, "nets": 1}

    def load_dataset(self, options: SentimentOptions) -> SupervisedDataset:
        """Labelled texts in three splits."""
        return read_source(options)

    def examples(self, raws: Sequence[str], labels: Sequence[str]) -> Texts:
        """Texts that are in memory."""
        return Texts(list(raws), list(labels))

    def fit_codec(self, dataset: SupervisedDataset, options: SentimentOptions) -> TextCodec:
        """Labels, pieces of words, and which words there are."""
        from plexus_sentiment.fitting import fit_codec

        if options.unlabelled is None:
            return fit_codec(dataset["train"], options)
        from plexus_sentiment.unlabelled import teach

        dataset.parts["train"], alone = teach(self, dataset, options)
        codec = fit_codec(dataset["train"], options)
        codec.alone = alone["accuracy"]
        return codec

    def resolve_options(
        self, dataset: SupervisedDataset, codec: TextCodec, options: SentimentOptions
    ) -> dict[str, Any]:
        """Nets and epochs: four and six, more epochs where there are few texts; two and four where they are long."""
        if options.network is not None:
            return {"nets": 1, "epochs": 3, "learning_rate": 5e-5}
        windows = len(dataset["train"].windows(codec)[1])
        if not codec.gap:
            return {"nets": 2, "epochs": 4, "learning_rate": 2e-3}
        steps = max(windows // options.batch_size, 1)
        return {"nets": 4, "epochs": min(max(round(FEWEST_STEPS / steps), 6), 60), "learning_rate": 2e-3}

    def build_network(self, codec: TextCodec, options: SentimentOptions) -> "keras.Model":
        """N-grams and pieces to logits."""
        from plexus_sentiment.networks import convolutional_reader, make_network
        from plexus_sentiment.presets import preset_reader

        if options.network is not None:
            readers = [preset_reader(options.network)]
        else:
            readers = [convolutional_reader(codec.vocabulary, options.embedding, options.filters)] * options.nets
        return make_network(codec.buckets, len(codec.labels), readers, options.dropout)

    def build_learner(
        self, network: "keras.Model", dataset: SupervisedDataset, codec: TextCodec, options: SentimentOptions
    ) -> "keras.Model":
        """The nets to be trained, beside votes that are computed."""
        from plexus_sentiment.learner import SentimentLearner
        from plexus_sentiment.votes import fit_votes

        train = dataset["train"]
        votes = fit_votes(_counted(train, codec), codec.targets(train.labels), len(codec.labels))
        return SentimentLearner(network, votes, SMOOTHING)

    def batches(
        self,
        dataset: SupervisedDataset,
        codec: TextCodec,
        learner: "keras.Model",
        options: SentimentOptions,
        epoch: int,
    ) -> Batches:
        """The windows of all training texts once, shuffled, those of a length together."""
        train = dataset["train"]
        arrays, owners = train.windows(codec)
        pieces, targets = arrays["pieces"], codec.targets(train.labels)
        known = np.stack([targets, train.folds(codec, options.nets, options.seed)], axis=1)[owners]
        lengths = np.count_nonzero(pieces, axis=1)
        return Batches.bucketed({"pieces": pieces}, known, lengths, options.batch_size, options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset, codec: TextCodec, split: str
    ) -> dict[str, float]:
        """Accuracy, macro F1 and calibration; of the n-grams alone; of slices of the texts."""
        examples = dataset[split]
        if split == "unseen":
            _require_unseen(codec, dataset)
        arrays, owners = examples.windows(codec)
        outputs, targets = of_texts(predictor(arrays), owners), codec.targets(examples.labels)
        probabilities = codec.probabilities(outputs)
        right = probabilities.argmax(axis=1) == targets
        return classification_metrics(probabilities, targets) | {
            "ngrams_accuracy": float(np.mean(outputs["linear"].argmax(axis=1) == targets)),
            "nets_accuracy": float(np.mean(outputs["nets"].mean(axis=1).argmax(axis=1) == targets)),
            **slices(examples.raws, right),
            **({"accuracy_without_unlabelled": codec.alone} if split == "test" and codec.alone is not None else {}),
            **({} if codec.levels is None else _of_levels(probabilities, codec.levels, targets)),
        }

    def calibrate(self, predictor: "Predictor", dataset: SupervisedDataset, codec: TextCodec) -> TextCodec:
        """What n-grams and nets count beside each other, by what each says of texts that it was kept from."""
        from plexus_sentiment.mixing import fit_mix
        from plexus_sentiment.votes import votes_apart

        train = dataset["train"]
        (arrays, owners), targets = train.windows(codec), codec.targets(train.labels)
        nets = predictor({name: values[:1] for name, values in arrays.items()})["nets"].shape[1]
        folds = train.folds(codec, nets, dataset.seed)
        kept = (folds >= 0) & (folds < nets)
        mine = kept[owners]
        read = of_texts(predictor({name: values[mine] for name, values in arrays.items()}), owners[mine])["nets"]
        linear = votes_apart(_counted(train, codec), targets, len(codec.labels), folds, nets)
        return codec.with_mix(fit_mix(linear[kept], read[np.arange(len(read)), folds[kept]], targets[kept]))

    def find_duplicates(self, examples: Texts, known: Texts) -> np.ndarray:
        """Which of the texts are among others, or nearly."""
        return Fingerprints.of(known.raws).among(examples.raws)

    def predict(self, predictor: "Predictor", codec: TextCodec, raws: Sequence[Any]) -> "list[Prediction]":
        """What each text feels, and each sentence of those that have several."""
        texts = [as_text(raw) for raw in raws]
        parts = [sentences_of(text) for text in texts]
        parts = [sentences if len(sentences) > 1 else [] for sentences in parts]
        words = [words_of(text) for text in texts]
        arrays, owners = encode_words(codec, words + [words_of(sentence) for part in parts for sentence in part])
        probabilities = codec.probabilities(of_texts(predictor(arrays), owners))
        rest = iter(probabilities[len(texts) :])
        known = codec.known(words).tolist()
        answers = []
        for sentences, row, share in zip(parts, probabilities, known, strict=False):
            alone = tuple(codec.sentence(sentence, next(rest)) for sentence in sentences)
            answers.append(codec.feeling(row, share, alone))
        return answers

    def parse_argument(self, given: str) -> list[tuple[str, Any]]:
        """A text; the lines of a .txt or of standard input (`-`)."""
        if given == "-":
            return [(f"line {number}", line) for number, line in enumerate(sys.stdin.read().splitlines(), 1)]
        if not given.endswith(".txt") or "\n" in given:
            return [(given, given)]
        lines = decoded(Path(given)).splitlines()
        return [(f"{given} line {number}", line) for number, line in enumerate(lines, 1) if line.strip()]

    def parse_request(self, codec: Any, value: Any) -> str:
        """A text, or the bytes of one."""
        if isinstance(value, bytes):
            value = value.decode(errors="replace")
        if not isinstance(value, str):
            raise InputError(f"a text is wanted, not {value!r}")
        return value

    def table_inputs(self, table: "pl.DataFrame", flags: TextFlags) -> list[str]:
        """The texts of a table."""
        column = text_column(table, flags.column, "the table")
        return [str(text) for text in table[column].fill_null("")]

    def explain(self, predictor: "Predictor", codec: TextCodec, raw: Any, to: Path) -> Path:
        """A page with each word's push; in a terminal the words in colours too."""
        from plexus_sentiment.explanation import for_terminal, pushes, write_explanation

        found = pushes(predictor, codec, as_text(raw))
        if sys.stderr.isatty():
            note(for_terminal(found))
        (answer,) = self.predict(predictor, codec, [raw])
        return write_explanation(answer, found, to)

    def report(self, predictor: "Predictor", dataset: SupervisedDataset, codec: TextCodec, folder: Path) -> None:
        """The confusion of labels, calibration, and the texts that were mistaken with most confidence."""
        from plexus_sentiment.report import write_report

        arrays, owners = dataset["test"].windows(codec)
        write_report(dataset["test"], codec.probabilities(of_texts(predictor(arrays), owners)), codec, folder)


def _require_unseen(codec: TextCodec, dataset: SupervisedDataset) -> None:
    """Refuse to measure on texts that training saw: rt_polarity's sentences are sst2's, say."""
    texts = dataset["unseen"].raws
    share = codec.fingerprints.among(texts).mean()
    if share > MOST_SEEN:
        raise InputError(
            f"{share:.0%} of the {len(texts):,} texts to measure on are among those that the model learned from, or "
            "nearly: what it would say of them tells nothing; give texts that it has not seen"
        )


def _of_levels(probabilities: np.ndarray, levels: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Of labels that are numbers: how far off the mean of the probabilities is, and the median of the truth."""
    truth = levels[targets]
    return {
        "mae": float(np.abs(probabilities @ levels - truth).mean()),
        "median_mae": float(np.abs(np.median(truth) - truth).mean()),
    }


def _counted(texts: Texts, codec: TextCodec) -> Any:
    from plexus_sentiment.votes import count_ngrams

    arrays, owners = texts.windows(codec)
    return count_ngrams(arrays["grams"], owners, len(texts), codec.buckets)
