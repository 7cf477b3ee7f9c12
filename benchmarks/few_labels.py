"""Image classification from few labels: accuracies with and without unlabelled images, over several draws of labels.

    PLEXUS_DATA=... python benchmarks/few_labels.py rates --data mnist --out FOLDER [--draws 5] [--width 0.5]
    PLEXUS_DATA=... python benchmarks/few_labels.py harm --data mnist --unlabelled fashion_mnist --out FOLDER
    PLEXUS_DATA=... python benchmarks/few_labels.py suggested --data mnist --labels 10 --out FOLDER

`rates` uses the other images of the data without their labels. `harm` uses images of another data set as unlabelled
ones, which should not lower the accuracy. `suggested` labels the images that `plexus data suggest` names. All print a
Markdown table. Each draw has as many validation labels as training labels, `suggested` always 100; the accuracies are
those of the test split. One bundle per draw is trained into FOLDER; one that is there already is not trained again.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import plexus
from plexus import Examples, Findings, SupervisedDataset
from plexus.data.splits import draw_evenly
from plexus.plugins.registry import registry

KINDS = ("with", "without")
VALIDATION_LABELS = 100
Labelled = tuple[Examples, Examples]
COLUMNS = ("draw", "model", "with unlabelled", "without", "difference in points", "minutes")


def rates(options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """Yield the accuracies of each draw, then their means and the worst."""
    scores = []
    for seed in range(options.draws):
        place, started = options.out / f"draw{seed}", time.perf_counter()
        if not place.exists():
            flags = _flags(options, seed)
            plexus.train("vision.classify", out=place, run=options.out / f"run{seed}", seed=seed, **flags)
        minutes = (time.perf_counter() - started) / 60
        metrics = plexus.load(place).metrics
        scores.append([metrics[name] for name in ("accuracy", *(f"accuracy_{kind}_unlabelled" for kind in KINDS))])
        yield str(seed), *_texts(scores[-1]), f"{minutes:.1f}"
    yield "mean", *_texts(np.mean(scores, axis=0)), ""
    yield "worst", *(f"{value:.4f}" for value in np.min(scores, axis=0)), "", ""


def _texts(scores: "np.ndarray | list[float]") -> tuple[str, ...]:
    model, with_unlabelled, without = scores
    return f"{model:.4f}", f"{with_unlabelled:.4f}", f"{without:.4f}", f"{100 * (model - without):+.2f}"


def _flags(options: argparse.Namespace, seed: int) -> dict[str, object]:
    flags: dict[str, object] = {"data": options.data, "labels": options.labels}
    if options.command == "harm":
        flags = {"data": _write_labelled(options, seed, _drawn), "unlabelled": options.unlabelled}
    if options.command == "suggested":
        flags = {"data": _write_labelled(options, seed, _suggested), "unlabelled": options.data}
    return flags | {name: value for name in ("width", "epochs") if (value := getattr(options, name)) is not None}


def _drawn(dataset: SupervisedDataset, options: argparse.Namespace, seed: int) -> Labelled:
    """Return labelled images for training and validation, drawn equally per label."""
    parts = dataset["train"], dataset["val"]
    train, val = (part.take(draw_evenly(part.targets, options.labels, seed)) for part in parts)
    return train, val


def _suggested(dataset: SupervisedDataset, options: argparse.Namespace, seed: int) -> Labelled:
    """Return the images that `plexus data suggest` names with their labels, and images for validation."""
    task = registry().task("vision.classify")
    images = task.read_unlabelled(task.options.parse({"data": options.data}), Findings())
    rows = [each["row"] for each in task.suggest_examples(images, options.labels, seed)]
    suggestions = {np.asarray(images[row]).tobytes() for row in rows}
    parts = []
    for name in ("train", "val"):
        is_suggested = np.array([np.asarray(image).tobytes() in suggestions for image in dataset[name].inputs])
        parts.append(
            (dataset[name].take(np.flatnonzero(is_suggested)), dataset[name].take(np.flatnonzero(~is_suggested)))
        )
    (train, _), (more, rest) = parts
    labelled = Examples([*train.inputs, *more.inputs], [*train.targets, *more.targets])
    return labelled, rest.take(draw_evenly(rest.targets, VALIDATION_LABELS, seed))


def _write_labelled(
    options: argparse.Namespace, seed: int, choose: Callable[[SupervisedDataset, argparse.Namespace, int], Labelled]
) -> str:
    """Write labelled images, and all test images, as arrays; return the file."""
    task = registry().task("vision.classify")
    dataset = task.load_dataset(task.options.parse({"data": options.data, "seed": seed}))
    train, val = choose(dataset, options, seed)
    file = options.out / f"draw{seed}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        file,
        x_train=np.asarray(train.inputs),
        y_train=np.asarray(train.targets),
        x_val=np.asarray(val.inputs),
        y_val=np.asarray(val.targets),
        x_test=np.asarray(dataset["test"].inputs),
        y_test=np.asarray(dataset["test"].targets),
    )
    return str(file)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("rates", "suggested", "harm"):
        each = commands.add_parser(command)
        each.add_argument("--data", default="mnist", help="a named data set of images in arrays")
        each.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder of the bundles")
        each.add_argument("--labels", type=int, default=100)
        each.add_argument("--draws", type=int, default=5)
        each.add_argument("--width", type=float)
        each.add_argument("--epochs", type=int)
    each.add_argument("--unlabelled", required=True, metavar="DATA")
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for row in rates(options):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
