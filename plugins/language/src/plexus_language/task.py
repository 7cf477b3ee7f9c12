"""The task `language.translate`: translation of texts between two languages."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import Batches, InputError, Metric, OptionGroup, Task, load
from plexus.codec import Input
from plexus.options import resolved
from plexus.tasks.supervised_examples import SupervisedExamples
from plexus_language.codec import TranslationCodec
from plexus_language.dataset import load_dataset
from plexus_language.metrics import OTHER_METRICS, describe_direction_metric
from plexus_language.options import TranslateOptions
from plexus_language.pairs import PairDataset
from plexus_language.prediction import SentencePrediction, TranslationPrediction
from plexus_language.request import PredictOptions, parse_request, with_options
from plexus_language.text_inputs import parse_argument, table_inputs
from plexus_language.translator import Translator
from plexus_language.typography import restore_spaces

if TYPE_CHECKING:
    import keras

    from plexus import Predictor
    from plexus.data.table_rows import TableRows
    from plexus_language.evaluation import EvaluationPair
    from plexus_language.networks import Architecture

MANY_PAIRS = 20_000
"""Training pairs from which on the network is large."""
SMALL, LARGE = (64, 2, 1), (256, 5, 2)
"""Features of a token, layers of the encoder and of the decoder."""
HIDDEN = 4
"""Units of a feed-forward block per feature of a token."""
USUAL_STEPS, MIN_EPOCHS, MAX_EPOCHS = 9000, 6, 40
"""Steps of a training, as far as the bounds of the epochs allow."""
EVALUATIONS = 4
LEARNING_RATES = {"muon": 0.006, "sgd": 0.1}
DEFAULT_LEARNING_RATE = 0.001
BPE_DROPOUT = 0.1


class Translate(SupervisedExamples, Task[PairDataset, TranslationCodec, TranslateOptions]):
    """Translation by a Transformer, in one direction or both.

    Example:
        ```python
        bundle = plexus.train("language.translate", data="tatoeba_fra_eng", precision="bfloat16")
        bundle.predict(["Good evening."])[0].translation
        ```
    """

    options, codec = TranslateOptions, TranslationCodec
    metric = Metric("bleu", "BLEU", baseline="copy_bleu")
    other_metrics = OTHER_METRICS
    predict_options = PredictOptions
    target_name = "translation"
    request_description = "a text, or an object with text, to, beam, alternatives, prefix and glossary"
    explanation_suffix = ".html"
    export_formats = ("ctranslate2",)
    figure_captions = {
        "alignment.svg": "Words of translations (rows) and the words of the source that they attend to (columns)",
        "calibration.svg": "Confidence of translations, and how many are exact or have a chrF2 of at least 0.7",
        "mistakes.html": "Translations that differ most from their reference",
    }
    trial_options = {
        "data": "number_words",
        "max_pairs": 1500,
        "epochs": 3,
        "batch_size": 32,
        "width": 32,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "averaging": 0.9,
        "learning_rate": 0.01,
        "evaluate_every": 3,
    }

    def describe_metric(self, name: str) -> Metric:
        """Describe a metric, also one of a single direction: `bleu_en_fr`.

        Args:
            name: A key of the result of `evaluate`.

        Returns:
            The description.
        """
        metrics = (self.metric, *self.other_metrics)
        is_known = any(metric.name == name for metric in metrics)
        return (None if is_known else describe_direction_metric(name, metrics)) or super().describe_metric(name)

    def load_dataset(self, options: TranslateOptions) -> PairDataset:
        """Read pairs of sentences; see `plexus_language.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        return load_dataset(self.locate(options.data), options)

    def target_labels(self, target: str) -> Sequence[str]:
        """Return no labels: a target is a sentence.

        Args:
            target: The sentence.

        Returns:
            None.
        """
        return ()

    def fit_codec(self, dataset: PairDataset, options: TranslateOptions) -> TranslationCodec:
        """Fit the vocabulary; with `--from` it is that of the bundle.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.

        Raises:
            InputError: If the bundle to start from has other languages.
        """
        from plexus_language.fitting import fit_codec, refit_codec

        if options.from_ is None:
            both = options.directions == "both"
            return fit_codec(dataset["train"], dataset.languages, both, options.vocabulary_size)
        return refit_codec(dataset["train"], _initial_codec(options, dataset.languages))

    def resolve_options(
        self, dataset: PairDataset, codec: TranslationCodec, options: TranslateOptions
    ) -> dict[str, object]:
        """Choose the size of the network and the epochs by the number of pairs; with `--from`, take the bundle's size.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        pairs = len(dataset["train"])
        is_large = pairs >= MANY_PAIRS
        width, encoder_layers, decoder_layers = LARGE if is_large else SMALL
        steps = max(pairs * len(codec.directions) // resolved(options.batch_size), 1)
        epochs = options.epochs or min(max(round(USUAL_STEPS / steps), MIN_EPOCHS), MAX_EPOCHS)
        return {
            "width": width,
            "encoder_layers": encoder_layers,
            "decoder_layers": decoder_layers,
            "bpe_dropout": BPE_DROPOUT if is_large else 0.0,
            "epochs": epochs,
            "evaluate_every": max(epochs // EVALUATIONS, 1),
            "learning_rate": LEARNING_RATES.get(options.optimizer, DEFAULT_LEARNING_RATE),
            **({} if options.from_ is None else _initial_sizes(options)),
        }

    def build_network(self, codec: TranslationCodec, options: TranslateOptions) -> "keras.Model":
        """Build the training graph, from sources and targets to logits.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_language.networks import build_network

        return build_network(_architecture(codec, options))

    def export_networks(
        self, network: "keras.Model", codec: TranslationCodec, options: TranslateOptions
    ) -> "dict[str, keras.Model]":
        """Return the encoder, and the decoder of one step with caches.

        Args:
            network: The training graph.
            codec: The codec.
            options: The options.

        Returns:
            `encoder` and `decoder`; see `plexus_language.networks`.
        """
        from plexus_language.networks import export_networks

        return export_networks(network, _architecture(codec, options))

    def build_learner(
        self, network: "keras.Model", dataset: PairDataset, codec: TranslationCodec, options: TranslateOptions
    ) -> "keras.Model":
        """Add the cross-entropy with label smoothing.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_language.learner import TranslationLearner

        return TranslationLearner(network, options.label_smoothing)

    def batches(
        self,
        dataset: PairDataset,
        codec: TranslationCodec,
        learner: "keras.Model",
        options: TranslateOptions,
        epoch: int,
    ) -> Batches:
        """Return every pair once in each direction, and the pairs of words; see `TrainingTexts`.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches.
        """
        texts = dataset["train"].training_texts(codec)
        return texts.batches(resolved(options.batch_size), resolved(options.bpe_dropout), options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: PairDataset, codec: TranslationCodec, split: str
    ) -> dict[str, float]:
        """Compute the metrics of translations in all directions; see `plexus_language.evaluation.evaluate`.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics.
        """
        from plexus_language.evaluation import evaluate

        return evaluate(predictor, codec, evaluation_pairs(dataset, codec, split))

    def calibrate(self, predictor: "Predictor", dataset: PairDataset, codec: TranslationCodec) -> TranslationCodec:
        """Fit the confidence of translations on the validation split.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.

        Returns:
            The calibrated codec.
        """
        from plexus_language.evaluation import calibrate

        return calibrate(predictor, codec, evaluation_pairs(dataset, codec, "val"))

    def has_same_outputs(self, codec: TranslationCodec, other: TranslationCodec) -> bool:
        """Return whether two codecs have the same tokens.

        Args:
            codec: The codec of the training.
            other: The codec of the bundle to start from.

        Returns:
            Whether they have.
        """
        return codec.vocabulary == other.vocabulary

    def predict(
        self, predictor: "Predictor", codec: TranslationCodec, inputs: Sequence[Input]
    ) -> Sequence[TranslationPrediction]:
        """Translate texts sentence by sentence, those of all texts in the same batches.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Strings or `TranslationInput`s, any number.

        Returns:
            One prediction per input.

        Raises:
            InputError: If an input is neither, it is too long, or the model has no such direction.
        """
        return Translator(predictor, codec).translate(inputs)

    def stream(
        self, predictor: "Predictor", codec: TranslationCodec, raw_input: Input
    ) -> "Iterator[tuple[str, SentencePrediction | None]]":
        """Translate a text sentence by sentence.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: A string or `TranslationInput`.

        Returns:
            An iterator of the parts of the translation and the predictions of their sentences; None for what stands
            between sentences.

        Raises:
            InputError: If it is neither, it is too long, or the model has no such direction.
        """
        return Translator(predictor, codec).stream(raw_input)

    def directions(self, codec: TranslationCodec) -> Sequence[tuple[str, str]]:
        """Return the directions of a model.

        Args:
            codec: The codec.

        Returns:
            Codes of the source and the target language of each; the first one is the default.
        """
        return codec.directions

    def parse_argument(self, argument: str) -> Iterable[tuple[str, Input]]:
        """Return a text, or the lines of a text file or of standard input (`-`).

        Args:
            argument: The argument.

        Returns:
            Pairs of a name and a text.
        """
        return parse_argument(argument)

    def apply_options(self, raw_input: Input, options: OptionGroup) -> Input:
        """Return a text with the options of `plexus predict`.

        Args:
            raw_input: A text.
            options: The options.

        Returns:
            The input.
        """
        return with_options(raw_input, options)

    def table_inputs(self, parts: "Iterable[TableRows]", options: OptionGroup | None) -> Iterator[Sequence[Input]]:
        """Return the texts of a table; see `plexus_language.text_inputs.table_inputs`.

        Args:
            parts: The table in parts.
            options: The options of `plexus predict`.

        Returns:
            Of each part one input per row.
        """
        return table_inputs(parts, options)

    def parse_request(self, codec: TranslationCodec, value: Input) -> Input:
        """Return the input that a value of a request stands for.

        Args:
            codec: The codec.
            value: A string, bytes in UTF-8, or an object with the fields of `TranslationInput`.

        Returns:
            The input.
        """
        return parse_request(value)

    def export_model(self, folder: Path, format: str, path: Path) -> None:
        """Write a model as CTranslate2 loads it; see `plexus_language.ctranslate2_export`.

        Args:
            folder: Folder of the bundle.
            format: `ctranslate2`.
            path: Folder to write.

        Raises:
            InputError: If CTranslate2 is not installed, or the bundle has no Keras files.
        """
        from plexus_language.ctranslate2_export import export_ctranslate2

        export_ctranslate2(load(folder), path)

    def report(self, predictor: "Predictor", dataset: PairDataset, codec: TranslationCodec, folder: Path) -> None:
        """Write the worst translations of the test split, the calibration of the confidence, and alignments.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        from plexus_language.report import write_report

        write_report(predictor, codec, evaluation_pairs(dataset, codec, "test"), folder)

    def explain(self, predictor: "Predictor", codec: TranslationCodec, raw_input: Input, path: Path) -> Path:
        """Write a page of the sentences, their words aligned with those of the translations.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The text.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_language.explanation import align, write_explanation

        return write_explanation(align(predictor, codec, raw_input), path)


def _initial_codec(options: TranslateOptions, languages: tuple[str, str]) -> TranslationCodec:
    """Return the codec of the bundle of `--from`."""
    codec = load(resolved(options.from_)).codec
    if not isinstance(codec, TranslationCodec):
        raise InputError(f"--from {options.from_}: expected a bundle of language.translate")
    if codec.languages != languages:
        there, here = (" and ".join(pair) for pair in (codec.languages, languages))
        raise InputError(f"--from {options.from_}: its languages are {there}, those of the data {here}: see --source")
    return codec


def _initial_sizes(options: TranslateOptions) -> dict[str, object]:
    recorded = load(resolved(options.from_)).manifest["options"]
    return {name: recorded[name] for name in ("width", "encoder_layers", "decoder_layers")}


def evaluation_pairs(dataset: PairDataset, codec: TranslationCodec, split: str) -> "list[EvaluationPair]":
    """Return the pairs of a split in all directions of a model, with one reference each.

    Args:
        dataset: The dataset.
        codec: The codec.
        split: The split.

    Returns:
        The pairs.

    Raises:
        InputError: If the dataset has other languages than the model.
    """
    from plexus_language.evaluation import EvaluationPair

    if set(dataset.languages) != set(codec.languages):
        raise InputError(
            f"the model translates {' and '.join(codec.languages)}, the data is {' and '.join(dataset.languages)}: "
            "name its languages with --source and --target"
        )
    part = dataset[split]
    sides = dict(zip(dataset.languages, (part.inputs, part.targets), strict=True))
    return [
        EvaluationPair(source, (restore_spaces(target, direction[1]),), direction)
        for direction in codec.directions
        for source, target in zip(sides[direction[0]], sides[direction[1]], strict=True)
    ]


def _architecture(codec: TranslationCodec, options: TranslateOptions) -> "Architecture":
    from plexus_language.networks import Architecture

    width = resolved(options.width)
    return Architecture(
        codec.vocabulary_size,
        width,
        8 if width >= 512 else 4,
        HIDDEN * width,
        resolved(options.encoder_layers),
        resolved(options.decoder_layers),
        options.dropout,
    )
