"""Sentiment beside NB-SVM (Wang & Manning 2012), on the same texts in the same run.

PLEXUS_DATA=... python benchmarks/sentiment.py rt [folds]    ten-fold cross-validation on rt_polarity; the first folds
PLEXUS_DATA=... python benchmarks/sentiment.py sst2          its own three splits
PLEXUS_DATA=... python benchmarks/sentiment.py imdb          the train file, a fifth held out by seed 0
PLEXUS_DATA=... python benchmarks/sentiment.py unlabelled    500 labelled texts of rt_polarity, and all others without
python benchmarks/sentiment.py speed BUNDLE                  one sentence, and many
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

import plexus
from plexus import Run, SupervisedDataset
from plexus.data.findings import Findings
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer
from plexus_sentiment.texts import Texts

TASK = "sentiment.classify"
BETA = 0.25


def nbsvm(train_texts, train_targets, texts, words):
    """Scores of texts by a linear SVM on n-grams scaled by naive Bayes' log-count ratios, as published."""
    counter = CountVectorizer(token_pattern=r"\w+(?:'\w+)?|[^\w\s]", ngram_range=(1, words), binary=True)
    x, other = counter.fit_transform(train_texts), counter.transform(texts)
    inside, outside = (1 + np.asarray(x[train_targets == label].sum(axis=0)).ravel() for label in (1, 0))
    ratios = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    machine = LinearSVC(C=1.0).fit(x.multiply(ratios).tocsr(), train_targets)
    weights = machine.coef_[0]
    weights = (1 - BETA) * np.abs(weights).mean() + BETA * weights
    return other.multiply(ratios).tocsr() @ weights + machine.intercept_[0]


def ours(parts: dict[str, Texts], data: str) -> tuple[np.ndarray, float, dict[str, float]]:
    """Whether each test text is answered rightly, and the seconds of the training."""
    task = registry().task(TASK)
    options = task.options.parse({"data": data})
    dataset = SupervisedDataset(dict(parts), options.seed, Findings(), val_share=0.05)
    with tempfile.TemporaryDirectory() as folder:
        result = Trainer(task).train(Run.start(TASK, options, folder=Path(folder) / "run"), dataset)
        bundle = plexus.load(result["bundle"])
        answers = bundle.predict(parts["test"].raws)
    right = np.array([a.label == label for a, label in zip(answers, parts["test"].labels, strict=True)])
    parts_of_it = {name: round(result["scores"][name], 4) for name in ("ngrams_accuracy", "nets_accuracy")}
    return right, result["seconds"], parts_of_it


def compare(parts: dict[str, Texts], data: str, words: int) -> tuple[float, float]:
    """Both on one division; a line, and both accuracies."""
    targets = {part: np.array([label == "positive" for label in parts[part].labels]).astype(int) for part in parts}
    started = time.monotonic()
    both = [part for part in ("train", "val") if part in parts]
    texts = [text for part in both for text in parts[part].raws]
    theirs = nbsvm(texts, np.concatenate([targets[p] for p in both]), parts["test"].raws, words) > 0
    theirs, their_seconds = theirs == targets["test"], time.monotonic() - started
    mine, seconds, more = ours(parts, data)
    print(
        f"{data}: plexus {mine.mean():.4f} in {seconds:.0f} s; NB-SVM {theirs.mean():.4f} in {their_seconds:.0f} s; "
        f"difference {100 * (mine.mean() - theirs.mean()):+.2f} points over {len(mine):,} {more}",
        flush=True,
    )
    return mine.mean(), theirs.mean()


def sharded(data: str) -> SupervisedDataset:
    """The source of a named set."""
    task = registry().task(TASK)
    return task.load_dataset(task.options.parse({"data": data}))


def whole(dataset: SupervisedDataset) -> Texts:
    """All of its examples together."""
    parts = [dataset[part] for part in ("train", "val", "test")]
    return Texts([raw for p in parts for raw in p.raws], [label for p in parts for label in p.labels])


def speed(folder: str) -> None:
    """One sentence at a time, and many at once."""
    bundle, dataset = plexus.load(folder), sharded("sst2")
    texts = dataset["train"].raws[:5000]
    seconds = []
    for text in texts[:500]:
        started = time.perf_counter()
        bundle.predict([text])
        seconds.append(time.perf_counter() - started)
    middle, late = np.percentile(seconds[20:], [50, 99]) * 1000
    started = time.perf_counter()
    bundle.predict(texts)
    rate = len(texts) / (time.perf_counter() - started)
    print(f"one sentence p50 {middle:.2f} ms, p99 {late:.2f} ms; {rate:,.0f} sentences/s in bulk")


def unlabelled(labelled: int = 500) -> None:
    """What texts without labels gain."""
    task, dataset = registry().task(TASK), sharded("rt_polarity")
    order = np.random.default_rng(0).permutation(dataset.count("train"))
    parts = {"train": dataset["train"].take(order[:labelled]), "test": dataset["test"]}
    with tempfile.TemporaryDirectory() as folder:
        others = Path(folder) / "others.txt"
        others.write_text("\n".join(dataset["train"].take(order[labelled:]).raws))
        options = task.options.parse({"data": "rt_polarity", "unlabelled": str(others)})
        small = SupervisedDataset(parts, options.seed, Findings(), val_share=0.05)
        scores = Trainer(task).train(Run.start(TASK, options, folder=Path(folder) / "run"), small)["scores"]
    print(
        f"{labelled} labelled texts: {scores['accuracy_without_unlabelled']:.4f}; "
        f"with {len(order) - labelled:,} more without labels: {scores['accuracy']:.4f}"
    )


def main(which: str, folds: int) -> None:
    """A line a division, then the means."""
    dataset = sharded({"rt": "rt_polarity"}.get(which, which))
    if which == "sst2":
        compare({part: dataset[part] for part in ("train", "val", "test")}, "sst2", 2)
        return
    everything = whole(dataset)
    order = np.random.default_rng(0).permutation(len(everything))
    if which == "imdb":
        held, rest = np.split(order, [len(order) // 5])
        compare({"train": everything.take(rest), "test": everything.take(held)}, "imdb", 3)
        return
    found = []
    for held in np.array_split(order, 10)[:folds]:
        rest = np.setdiff1d(order, held)
        found.append(compare({"train": everything.take(rest), "test": everything.take(held)}, "rt_polarity", 2))
    mine, theirs = np.mean(found, axis=0)
    print(f"{folds} folds: plexus {mine:.4f}, NB-SVM {theirs:.4f}, difference {100 * (mine - theirs):+.2f} points")


if __name__ == "__main__":
    if sys.argv[1:2] == ["speed"]:
        speed(sys.argv[2])
    elif sys.argv[1:2] == ["unlabelled"]:
        unlabelled()
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else "rt", int(sys.argv[2]) if len(sys.argv) > 2 else 10)
