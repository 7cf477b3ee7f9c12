"""The task `sentiment.classify`: the sentiment of a text."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Batches, ClassificationTask, Examples, InputError, NamedDataset, OptionGroup, Stage
from plexus.codec import Arrays, Input
from plexus.data.table_rows import TableRows
from plexus.data.text_arguments import argument_lines
from plexus.inference.limits import limited_text
from plexus.metrics.classification import classification_metrics
from plexus.options import resolved
from plexus.utils.messages import note
from plexus_sentiment.codec import TextCodec, as_text
from plexus_sentiment.columns import find_text_column
from plexus_sentiment.dataset import TextDataset, add_training_texts, load_dataset
from plexus_sentiment.duplicates import TextFingerprints
from plexus_sentiment.examples import TextExamples
from plexus_sentiment.length_sorted_predictor import LengthSortedPredictor
from plexus_sentiment.metrics import OTHER_METRICS
from plexus_sentiment.options import ClassifyOptions, PredictOptions
from plexus_sentiment.passages import cut_token_passages, sample_encoder_windows
from plexus_sentiment.prediction import SentencePrediction, SentimentPrediction
from plexus_sentiment.pseudo_labels import add_pseudo_labels, read_unlabelled
from plexus_sentiment.slices import slice_accuracies
from plexus_sentiment.tokenization import normalized, split_sentences
from plexus_sentiment.windows import compute_texts

if TYPE_CHECKING:
    import keras

    from plexus import Predictor
    from plexus.task import TrainedModel

TEACHER = "teacher"
MIN_STEPS = 700
"""Steps of a training at least: few short texts get more epochs."""
MIN_EPOCHS, MAX_EPOCHS = 6, 60
MAX_SEEN = 0.05
"""Fraction of the texts of an evaluation that may be duplicates of training texts: short texts repeat."""


class Classify(ClassificationTask[TextCodec, ClassifyOptions, TextExamples]):
    """Sentiment classification by NB-SVM on n-grams and an ensemble of networks on tokens.

    Example:
        ```python
        bundle = plexus.train("sentiment.classify", data="reviews.csv")
        bundle.predict(["A warm, funny film."])
        ```
    """

    options, codec = ClassifyOptions, TextCodec
    other_metrics = OTHER_METRICS
    predict_options = PredictOptions
    trial_options = {"data": "phrases", "epochs": 3, "nets": 1}
    restore_best_weights = False
    label_smoothing = 0.1
    request_description = "a text"
    explanation_suffix = ".html"

    def load_dataset(self, options: ClassifyOptions) -> TextDataset:
        """Read labelled texts; see `plexus_sentiment.dataset.load_dataset`.

        Args:
            options: The options; `data` may name several places with commas between.

        Returns:
            The dataset.
        """
        return load_dataset(self._locate_all(options.data), options)

    def make_examples(self, inputs: Sequence[Input], targets: Sequence[str]) -> TextExamples:
        """Return labelled texts in memory.

        Args:
            inputs: Texts.
            targets: Labels.

        Returns:
            The examples.

        Raises:
            InputError: If an input is not a string.
        """
        return TextExamples([as_text(text) for text in inputs], list(targets))

    def stages(self, options: ClassifyOptions) -> list[Stage[ClassifyOptions]]:
        """Return the training of the teacher, if there are unlabelled texts.

        Args:
            options: The options.

        Returns:
            One stage or none.

        Raises:
            InputError: If the unlabelled texts cannot be read: before the teacher is trained.
        """
        if options.unlabelled is None:
            return []
        read_unlabelled(Path(options.unlabelled), options.text)
        return [Stage(TEACHER, options.model_copy(update={"unlabelled": None}))]

    def stage_dataset(
        self, dataset: TextDataset, models: "Mapping[str, TrainedModel]", options: ClassifyOptions
    ) -> TextDataset:
        """Add the texts of `--extra-data`, and the unlabelled texts with the labels that the teacher predicts.

        Args:
            dataset: The labelled texts.
            models: The teacher, once it is trained.
            options: The options; those of the teacher have no unlabelled texts.

        Returns:
            The dataset with all texts to train on.

        Raises:
            InputError: If the texts of `--extra-data` cannot be read.
        """
        if options.extra_data is not None:
            dataset = add_training_texts(dataset, self._locate_extra_data(options.extra_data), options)
        if options.unlabelled is None:
            return dataset
        texts = read_unlabelled(Path(options.unlabelled), options.text)
        return add_pseudo_labels(dataset, texts, models[TEACHER])

    def fit_codec(self, dataset: TextDataset, options: ClassifyOptions) -> TextCodec:
        """Fit labels, tokenizer, known words and fingerprints of the training texts.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        return TextCodec.fit(dataset["train"], options)

    def resolve_options(self, dataset: TextDataset, codec: TextCodec, options: ClassifyOptions) -> dict[str, object]:
        """Choose networks, epochs and learning rate by the length and number of the texts.

        Networks of long texts have many filters of one width, as seq-CNN (Johnson & Zhang 2015, arXiv:1412.1058).

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        if options.preset is not None:
            return {"nets": 1, "epochs": 3, "learning_rate": 5e-5}
        if codec.ngrams.end_words:  # long texts
            sizes = {"embedding_size": 100, "filters": 400, "kernel_widths": "3"}
            return {"nets": 3, **sizes, "epochs": 4, "learning_rate": 2e-3}
        windows = int(codec.window_counts(dataset["train"].word_counts(codec)).sum())
        steps_per_epoch = max(windows // resolved(options.batch_size), 1)
        epochs = min(max(round(MIN_STEPS / steps_per_epoch), MIN_EPOCHS), MAX_EPOCHS)
        sizes = {"embedding_size": 32, "filters": 48, "kernel_widths": "1,2,3"}
        return {"nets": 4, **sizes, "epochs": epochs, "learning_rate": 2e-3}

    def build_network(self, codec: TextCodec, options: ClassifyOptions) -> "keras.Model":
        """Build the network from n-grams and tokens of a window to logits.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_sentiment.network import build_network

        return build_network(codec, options)

    def build_learner(
        self, network: "keras.Model", dataset: TextDataset, codec: TextCodec, options: ClassifyOptions
    ) -> "keras.Model":
        """Fit the linear classifier, and return the graph of the networks that remain to be trained.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        import keras

        from plexus_sentiment.cross_fitting import count_text_ngrams
        from plexus_sentiment.nb_svm import fit_nb_svm
        from plexus_sentiment.network import assign_ngram_weights

        train = dataset["train"]
        classes = codec.label_indices(train.targets)
        assign_ngram_weights(network, fit_nb_svm(count_text_ngrams(train, codec), classes, len(codec.labels)))
        return keras.Model({"pieces": network.input["pieces"]}, network.output["nets"], name="learner")

    def loss(self, options: ClassifyOptions) -> object:
        """Return the cross-entropy of each network, without the texts of its own fold.

        Args:
            options: The options.

        Returns:
            The loss.
        """
        from plexus_sentiment.learner import CrossFittedCrossentropy

        return CrossFittedCrossentropy(self.label_smoothing)

    def batches(
        self, dataset: TextDataset, codec: TextCodec, learner: "keras.Model", options: ClassifyOptions, epoch: int
    ) -> Batches:
        """Return windows and passages of the training texts, those of similar length together.

        Convolutional networks see all windows, and passages of the long ones, which are cut at random in each epoch, so
        that they see short texts, too. A pretrained encoder sees one window or passage of each text.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches: tokens, and class and fold of each window.
        """
        train = dataset["train"]
        tokens, classes = train.encode(codec)["pieces"], codec.label_indices(train.targets)
        folds = train.folds(classes, resolved(options.nets), options.seed)
        targets, window_counts = np.stack([classes, folds], axis=1), codec.window_counts(train.word_counts(codec))
        generator = np.random.default_rng([options.seed, epoch])
        if options.preset is None:
            targets = np.repeat(targets, window_counts, axis=0)
            rows, passages = cut_token_passages(tokens, generator)
            tokens, targets = np.concatenate([tokens, passages]), np.concatenate([targets, targets[rows]])
        else:
            tokens = sample_encoder_windows(tokens, window_counts, generator)
        lengths = np.count_nonzero(tokens, axis=1)
        batch_size = resolved(options.batch_size)
        return Batches.bucketed({"pieces": tokens}, targets, lengths, batch_size, options.seed, epoch)

    def split_outputs(
        self, predictor: "Predictor", dataset: TextDataset, codec: TextCodec, split: str
    ) -> tuple[Arrays, np.ndarray]:
        """Return the outputs of whole texts and the true classes of a split.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            Outputs by name, and classes of shape `(n,)`.
        """
        outputs, classes = super().split_outputs(LengthSortedPredictor(predictor), dataset, codec, split)
        return codec.pool(outputs, dataset[split].word_counts(codec)), classes

    def evaluate(self, predictor: "Predictor", dataset: TextDataset, codec: TextCodec, split: str) -> dict[str, float]:
        """Compute the metrics of classification, of the two kinds of models alone, and of slices of the texts.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics of `classification_metrics` and `slice_accuracies`; `ngrams_accuracy` and `nets_accuracy`;
            `accuracy_without_unlabelled`, that of the teacher; of labels that are whole numbers `mae` and `median_mae`.

        Raises:
            InputError: If the model learned from more than 5 % of the texts of the split `unseen`.
        """
        if split == "unseen":
            _check_unseen(codec, dataset["unseen"])
        outputs, classes = self.split_outputs(predictor, dataset, codec, split)
        probabilities = codec.probabilities(outputs)
        correct = probabilities.argmax(axis=1) == classes
        teacher = {"accuracy_without_unlabelled": codec.teacher_accuracy} if split == "test" else {}
        return {
            **classification_metrics(probabilities, classes),
            "ngrams_accuracy": float(np.mean(outputs["linear"].argmax(axis=1) == classes)),
            "nets_accuracy": float(np.mean(outputs["nets"].mean(axis=1).argmax(axis=1) == classes)),
            **slice_accuracies(list(dataset[split].inputs), correct),
            **{name: value for name, value in teacher.items() if value is not None},
            **_ordinal_metrics(probabilities, codec.label_values, classes),
        }

    def calibrate(self, predictor: "Predictor", dataset: TextDataset, codec: TextCodec) -> TextCodec:
        """Fit the weights of the two kinds of models on training texts that each was not fitted on (cross-fitting).

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.

        Returns:
            The calibrated codec.
        """
        from plexus_sentiment.cross_fitting import fit_stacking

        return codec.with_stacking(fit_stacking(predictor, dataset["train"], codec, dataset.seed))

    def predict(self, predictor: "Predictor", codec: TextCodec, inputs: Sequence[Input]) -> list[SentimentPrediction]:
        """Predict for texts, and for each sentence of those that have several.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Texts, any number.

        Returns:
            One prediction per text.

        Raises:
            InputError: If an input is not a string, or in Unicode's NFKC form is longer than `InputLimits.characters`.
        """
        whole = [as_text(text) for text in inputs]
        for text in whole:
            limited_text(normalized(text))  # a ligature becomes up to 18 characters
        sentences = [split_sentences(text) for text in whole]
        sentences = [parts if len(parts) > 1 else [] for parts in sentences]
        texts = [*whole, *chain.from_iterable(sentences)]
        predictions = iter(codec.decode(compute_texts(predictor, codec, texts), texts))
        of_texts = list(islice(predictions, len(inputs)))
        return [
            _add_sentences(prediction, parts, islice(predictions, len(parts))) if parts else prediction
            for prediction, parts in zip(of_texts, sentences, strict=True)
        ]

    def predict_probabilities(self, predictor: "Predictor", codec: TextCodec, inputs: Sequence[Input]) -> np.ndarray:
        """Predict the probabilities of all labels for whole texts.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Texts, at least one.

        Returns:
            Probabilities of shape `(n, labels)`.

        Raises:
            InputError: If an input is not a string.
        """
        return codec.probabilities(codec.pool(compute_texts(predictor, codec, inputs), codec.word_counts(inputs)))

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return a text, or the lines of a text file or of standard input (`-`).

        Args:
            argument: The argument.

        Returns:
            Pairs of a name and a text.

        Raises:
            InputError: If it is a file or a folder, but no text file, or the file cannot be read.
        """
        lines = argument_lines(argument)
        return [(argument, argument)] if lines is None else [*lines]

    def parse_request(self, codec: TextCodec, value: Input) -> str:
        """Return a text.

        Args:
            codec: The codec.
            value: A string, or bytes in UTF-8.

        Returns:
            The text.

        Raises:
            InputError: If the value is neither.
        """
        return as_text(value.decode(errors="replace") if isinstance(value, bytes) else value)

    def table_inputs(self, parts: Iterable[TableRows], options: OptionGroup | None) -> Iterator[list[str]]:
        """Return the texts of a table.

        Args:
            parts: The table in parts; the column is detected in the first one.
            options: The `PredictOptions`; None to detect the column.

        Yields:
            Of each part one text per row.

        Raises:
            InputError: If the table lacks the column.
        """
        column = options.column if isinstance(options, PredictOptions) else None
        for rows in parts:
            column = find_text_column(rows.frame, column, rows.name)
            yield [str(text) for text in rows.frame[column].fill_null("")]

    def find_duplicates(self, examples: Examples[str], reference: Examples[str]) -> np.ndarray:
        """Return which texts also occur in a reference, exactly or nearly.

        Args:
            examples: The texts to look up.
            reference: The texts to look in.

        Returns:
            Boolean array of shape `(examples,)`.
        """
        return TextFingerprints.fit(list(reference.inputs)).contains(list(examples.inputs))

    def card_section(
        self, predictor: "Predictor", dataset: TextDataset, codec: TextCodec, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write the section of the model card about the pretrained encoder.

        Args:
            predictor: Not used.
            dataset: Not used.
            codec: The codec.
            metrics: Not used.

        Returns:
            Lines of Markdown; none for networks that start from random weights.
        """
        if codec.preset is None:
            return []
        return [
            "## Pretrained weights",
            "",
            f"The encoder starts from the weights of `{codec.preset}`,",
            "and was trained further. Their licence applies to this model, too.",
        ]

    def draw_mistakes(self, dataset: TextDataset, codec: TextCodec, probabilities: np.ndarray, folder: Path) -> None:
        """Write the page of the most confident mistakes.

        Args:
            dataset: The dataset.
            codec: The codec.
            probabilities: Probabilities of the test texts.
            folder: Folder to write to.
        """
        from plexus_sentiment.report import write_mistakes

        test = dataset["test"]
        classes = codec.label_indices(test.targets)
        write_mistakes(list(test.inputs), classes, probabilities, codec.labels, folder / "mistakes.html")

    def _locate_all(self, data: str) -> list[Path | NamedDataset]:
        """Return the place, or the several places with commas between."""
        names = [data] if Path(data).exists() else data.split(",")
        return [self.locate(name) for name in names]

    def _locate_extra_data(self, data: str) -> list[Path | NamedDataset]:
        try:
            return self._locate_all(data)
        except InputError as error:
            raise InputError(f"--extra-data: {str(error).removeprefix('--data ')}") from error

    def explain(self, predictor: "Predictor", codec: TextCodec, raw_input: Input, path: Path) -> Path:
        """Write a page of the text, its words colored by how much each supports the prediction.

        In a terminal the colored words are printed too.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The text.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_sentiment.explain import attribute_words, terminal_text, write_explanation

        words = attribute_words(predictor, codec, as_text(raw_input))
        if sys.stderr.isatty():
            note(terminal_text(words))
        return write_explanation(self.predict(predictor, codec, [raw_input])[0], words, path)


def _add_sentences(
    prediction: SentimentPrediction, texts: Sequence[str], predictions: Iterable[SentimentPrediction]
) -> SentimentPrediction:
    sentences = [
        SentencePrediction(text=text, label=each.label, probability=each.probability)
        for text, each in zip(texts, predictions, strict=True)
    ]
    return prediction.model_copy(update={"sentences": tuple(sentences)})


def _check_unseen(codec: TextCodec, examples: TextExamples) -> None:
    fraction = codec.fingerprints.contains(list(examples.inputs)).mean()
    if fraction > MAX_SEEN:
        raise InputError(
            f"{fraction:.0%} of {len(examples):,} texts are exact or near duplicates of the model's training texts: "
            "pass texts that it was not trained on"
        )


def _ordinal_metrics(probabilities: np.ndarray, values: np.ndarray | None, classes: np.ndarray) -> dict[str, float]:
    """Return the mean absolute error of the expected value, and that of always predicting the median."""
    if values is None:
        return {}
    truth = values[classes]
    return {
        "mae": float(np.abs(probabilities @ values - truth).mean()),
        "median_mae": float(np.abs(np.median(truth) - truth).mean()),
    }
