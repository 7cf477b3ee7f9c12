"""Image classification from few labels: accuracies from random weights and from those of a bundle.

    python benchmarks/initial_weights.py usps.h5 --from vision.classify/mnist --out FOLDER --epochs 60
    plexus pretrain vision.classify --data fashion_mnist --augment object --width 0.5 --epochs 2 --out pretrained
    python benchmarks/initial_weights.py fashion_mnist/ --from pretrained --out FOLDER --width 0.5 --tests 4000

The images are those of a file or folder of arrays with a test split. It prints a line per training, and the difference
with its 95 % interval, paired over the test images. No bundle is written.
"""

import argparse
from pathlib import Path

import numpy as np

from plexus.data.arrays import read_arrays
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer

TASK = "vision.classify"


def write_draw(options: argparse.Namespace) -> Path:
    """Write the same number of training and validation images of each class, and the test images; return the file."""
    arrays = read_arrays(options.data)
    (images, classes), (test_images, test_classes) = (map(np.asarray, arrays[split]) for split in ("train", "test"))
    generator, count = np.random.default_rng(options.seed), options.per_class
    orders = [generator.permutation(np.flatnonzero(classes == each)) for each in np.unique(classes)]
    train, val = (np.concatenate([order[start : start + count] for order in orders]) for start in (0, count))
    options.out.mkdir(parents=True, exist_ok=True)
    parts = {"train": (images[train], classes[train]), "val": (images[val], classes[val])}
    parts["test"] = test_images[: options.tests], test_classes[: options.tests]
    named = {f"{name}_{split}": array for split, pair in parts.items() for name, array in zip("xy", pair, strict=True)}
    np.savez(options.out / "draw.npz", **named)
    return options.out / "draw.npz"


def correct(values: dict[str, object], folder: Path) -> np.ndarray:
    """Train; return which test images have the right label."""
    task = registry().task(TASK)
    options = task.options.parse(values)
    dataset = task.load_dataset(options)
    session = Trainer(task, quiet=True).begin(Run.start(TASK, options, folder=folder), dataset)
    session.fit()
    session.restore_kept_weights()
    outputs, classes = task.split_outputs(session.predictor, dataset, session.parts.codec, "test")
    return np.asarray(outputs["logits"]).argmax(axis=1) == classes


def main() -> None:
    """Train both and compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--from", dest="bundle", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--tests", type=int)
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw")
    for name, kind in (("epochs", int), ("width", float), ("learning-rate", float)):
        parser.add_argument(f"--{name}", type=kind, default=argparse.SUPPRESS)
    options = parser.parse_args()
    flags = {name: getattr(options, name) for name in ("epochs", "width", "learning_rate") if hasattr(options, name)}
    flags["data"] = str(write_draw(options))
    random, initial = (
        correct(flags | more, options.out / name)
        for name, more in (("random", {}), ("initial", {"from_": options.bundle}))
    )
    difference = initial.astype(float) - random
    error = 1.96 * difference.std() / np.sqrt(len(difference))
    print(f"random weights {random.mean():.4f}, from {options.bundle} {initial.mean():.4f}")
    print(f"difference {difference.mean():+.4f} ({difference.mean() - error:.4f} to {difference.mean() + error:.4f})")


if __name__ == "__main__":
    main()
