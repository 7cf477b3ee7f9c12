"""Train an image classifier, read its metrics, open the bundle again, and predict.

Run as: python examples/train_and_predict.py [OUT]

The data set `digits` comes with scikit-learn; replace it by a folder that has one sub-folder of images per label. The
bundle is written to OUT, by default `digits-bundle`, which must not exist.
"""

import sys
from pathlib import Path

from sklearn.datasets import load_digits

import plexus


def main(out: Path) -> None:
    """Train for three epochs and classify five images.

    Args:
        out: Folder of the bundle.
    """
    bundle = plexus.train("vision.classify", data="digits", epochs=3, seed=0, out=out)
    for name in ("accuracy", "majority_accuracy", "log_loss", "ece"):
        print(f"{name:18} {bundle.metrics[name]:.4f}")

    # A bundle is a folder. Opening it verifies its checksums; predicting imports no training framework.
    bundle = plexus.load(out)
    images, labels = load_digits(return_X_y=True)
    inputs = [(image.reshape(8, 8) * 15.9).astype("uint8") for image in images[:5]]
    for label, prediction in zip(labels[:5], bundle.predict(inputs), strict=True):
        print(f"label {label}  predicted {prediction.label}  probability {prediction.probability:.3f}")

    picture = bundle.explain(inputs[0], out.with_suffix(".png"))
    print(f"the pixels that the first prediction depends on: {picture}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "digits-bundle"))
