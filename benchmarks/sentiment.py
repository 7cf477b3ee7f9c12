"""Sentiment classification compared with NB-SVM (Wang & Manning 2012) on the same texts in the same run.

PLEXUS_DATA=... python benchmarks/sentiment.py rt [folds]    ten-fold cross-validation on rt_polarity; the first folds
PLEXUS_DATA=... python benchmarks/sentiment.py sst2          its own three splits
PLEXUS_DATA=... python benchmarks/sentiment.py imdb          the training file, a fifth held out by seed 0
PLEXUS_DATA=... python benchmarks/sentiment.py unlabelled    500 labelled texts of rt_polarity, others unlabelled
python benchmarks/sentiment.py speed BUNDLE                  latency of one sentence, throughput of many

The first three take options of the training, such as preset=hf://sentence-transformers/all-MiniLM-L6-v2.
"""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

import plexus
from plexus import Findings, Run, SupervisedDataset
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer
from plexus_sentiment.dataset import TextDataset
from plexus_sentiment.examples import TextExamples

TASK = "sentiment.classify"
POSITIVE = "positive"
INTERPOLATION = 0.25
VAL_SHARE = 0.05

Parts = Mapping[str, TextExamples]


def nb_svm(train_texts: Sequence[str], train_classes: np.ndarray, texts: Sequence[str], max_words: int) -> np.ndarray:
    """Return the scores of texts by a linear SVM on n-grams scaled by naive Bayes' log-count ratios, as published."""
    counter = CountVectorizer(token_pattern=r"\w+(?:'\w+)?|[^\w\s]", ngram_range=(1, max_words), binary=True)
    x, other = counter.fit_transform(train_texts), counter.transform(texts)
    inside, outside = (1 + np.asarray(x[train_classes == label].sum(axis=0)).ravel() for label in (1, 0))
    ratios = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    classifier = LinearSVC(C=1.0).fit(x.multiply(ratios).tocsr(), train_classes)
    weights = classifier.coef_[0]
    weights = (1 - INTERPOLATION) * np.abs(weights).mean() + INTERPOLATION * weights
    return other.multiply(ratios).tocsr() @ weights + classifier.intercept_[0]


def train(parts: Parts, data: str, **options: object) -> tuple[np.ndarray, float, dict[str, float]]:
    """Return whether each test text is classified correctly, the seconds of the training, and its metrics."""
    task = registry().task(TASK)
    parsed = task.options.parse({"data": data, **options})
    dataset = SupervisedDataset(parts, parsed.seed, Findings(), val_share=VAL_SHARE)
    with tempfile.TemporaryDirectory() as folder:
        result = Trainer(task).train(Run.start(TASK, parsed, folder=Path(folder) / "run"), dataset)
        predictions = plexus.load(result["bundle"]).predict(parts["test"].inputs)
    labels = parts["test"].targets
    correct = np.array([each.label == label for each, label in zip(predictions, labels, strict=True)])
    return correct, result["seconds"], result["scores"]


def compare(parts: Parts, data: str, max_words: int, **options: str) -> tuple[float, float]:
    """Train both on one division, print a line, and return both accuracies."""
    classes = {
        name: np.array([label == POSITIVE for label in part.targets]).astype(int) for name, part in parts.items()
    }
    started = time.monotonic()
    training = [name for name in ("train", "val") if name in parts]
    texts = [text for name in training for text in parts[name].inputs]
    scores = nb_svm(texts, np.concatenate([classes[name] for name in training]), parts["test"].inputs, max_words)
    nb_svm_accuracy, nb_svm_seconds = np.mean((scores > 0) == classes["test"]), time.monotonic() - started
    correct, seconds, metrics = train(parts, data, **options)
    alone = {name: round(metrics[name], 4) for name in ("ngrams_accuracy", "nets_accuracy")}
    print(
        f"{data}: plexus {correct.mean():.4f} in {seconds:.0f} s; NB-SVM {nb_svm_accuracy:.4f} in {nb_svm_seconds:.0f} "
        f"s; difference {100 * (correct.mean() - nb_svm_accuracy):+.2f} points over {len(correct):,} {alone}",
        flush=True,
    )
    return float(correct.mean()), float(nb_svm_accuracy)


def load_dataset(data: str) -> TextDataset:
    """Load a named data set."""
    task = registry().task(TASK)
    return task.load_dataset(task.options.parse({"data": data}))


def join(dataset: TextDataset) -> TextExamples:
    """Return all examples of a dataset."""
    parts = [dataset[split] for split in ("train", "val", "test")]
    return TextExamples([text for p in parts for text in p.inputs], [label for p in parts for label in p.targets])


def speed(folder: str) -> None:
    """Print the latency of one sentence, and the throughput of many."""
    bundle, dataset = plexus.load(folder), load_dataset("sst2")
    texts = dataset["train"].inputs[:5000]
    seconds = []
    for text in texts[:500]:
        started = time.perf_counter()
        bundle.predict([text])
        seconds.append(time.perf_counter() - started)
    median, tail = np.percentile(seconds[20:], [50, 99]) * 1000
    started = time.perf_counter()
    bundle.predict(texts)
    rate = len(texts) / (time.perf_counter() - started)
    print(f"one sentence p50 {median:.2f} ms, p99 {tail:.2f} ms; {rate:,.0f} sentences/s in bulk")


def unlabelled(labelled: int = 500) -> None:
    """Print the accuracy without and with unlabelled texts."""
    dataset = load_dataset("rt_polarity")
    order = np.random.default_rng(0).permutation(dataset.count("train"))
    parts = {"train": dataset["train"].take(order[:labelled]), "test": dataset["test"]}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "unlabelled.txt"
        file.write_text("\n".join(dataset["train"].take(order[labelled:]).inputs))
        metrics = train(parts, "rt_polarity", unlabelled=str(file))[2]
    print(
        f"{labelled} labelled texts: {metrics['accuracy_without_unlabelled']:.4f}; "
        f"with {len(order) - labelled:,} unlabelled ones: {metrics['accuracy']:.4f}"
    )


def main(name: str = "rt", folds: str = "10", **options: str) -> None:
    """Print a line per division, then the means."""
    dataset = load_dataset({"rt": "rt_polarity"}.get(name, name))
    if name == "sst2":
        compare({split: dataset[split] for split in ("train", "val", "test")}, "sst2", 2, **options)
        return
    examples = join(dataset)
    order = np.random.default_rng(0).permutation(len(examples))
    if name == "imdb":
        held_out, rest = np.split(order, [len(order) // 5])
        compare({"train": examples.take(rest), "test": examples.take(held_out)}, "imdb", 3, **options)
        return
    accuracies = []
    for held_out in np.array_split(order, 10)[: int(folds)]:
        rest = np.setdiff1d(order, held_out)
        parts = {"train": examples.take(rest), "test": examples.take(held_out)}
        accuracies.append(compare(parts, "rt_polarity", 2, **options))
    plexus_mean, nb_svm_mean = np.mean(accuracies, axis=0)
    difference = 100 * (plexus_mean - nb_svm_mean)
    print(f"{folds} folds: plexus {plexus_mean:.4f}, NB-SVM {nb_svm_mean:.4f}, difference {difference:+.2f} points")


if __name__ == "__main__":
    if sys.argv[1:2] == ["speed"]:
        speed(sys.argv[2])
    elif sys.argv[1:2] == ["unlabelled"]:
        unlabelled()
    else:
        options = [argument.partition("=")[::2] for argument in sys.argv[1:] if "=" in argument]
        main(*(argument for argument in sys.argv[1:] if "=" not in argument), **dict(options))
