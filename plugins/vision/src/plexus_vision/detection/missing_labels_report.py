"""Table and figure of the labels that are probably missing."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from plexus import Examples, SupervisedDataset
from plexus.report.colors import RED
from plexus.utils.messages import note
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.missing_labels import MAX_IOU, MIN_PROBABILITY, MissingLabel
from plexus_vision.detection.mistakes import BLACK, COLUMNS, ROWS, draw_box

SPLITS = {"train": "training images, which the model has seen", "val": "validation images"}
"""Splits that are searched after a training; the test split is for the evaluation alone."""
TABLE, FIGURE = "missing_labels.csv", "missing_labels.svg"


def write_missing_labels(
    missing: Sequence[MissingLabel], dataset: SupervisedDataset[Examples[ImageBoxes]], folder: Path
) -> None:
    """Write `missing_labels.csv` and `missing_labels.svg`, and print how many there are; nothing if there are none.

    Args:
        missing: The missing labels of `SPLITS`, the most probable first.
        dataset: The dataset.
        folder: Existing folder to write to.
    """
    if not missing:
        return
    _write_table(missing, folder / TABLE)
    _draw_images(missing, dataset, folder / FIGURE)
    verb = "label is" if len(missing) == 1 else "labels are"
    note(f"{len(missing):,} {verb} probably missing, {_count(missing)}: see {TABLE} of the report")


def _count(missing: Sequence[MissingLabel]) -> str:
    counts = Counter(each.split for each in missing)
    return ", ".join(f"{counts[split]:,} in {images}" for split, images in SPLITS.items() if counts[split])


def _write_table(missing: Sequence[MissingLabel], file: Path) -> None:
    import polars as pl

    from plexus.data.spreadsheets import write_spreadsheet

    rows = [
        {
            "split": each.split,
            "image": each.image,
            "label": each.label,
            "probability": round(each.probability, 4),
            **dict(zip(("xmin", "ymin", "xmax", "ymax"), each.to_json()["box"], strict=True)),
        }
        for each in missing
    ]
    write_spreadsheet(pl.DataFrame(rows), file)


def _draw_images(missing: Sequence[MissingLabel], dataset: SupervisedDataset[Examples[ImageBoxes]], file: Path) -> None:
    """Draw the images with the most missing labels; of two, that with the more probable one first."""
    from matplotlib.figure import Figure

    from plexus.data.images import read_image
    from plexus.report.figure import save_figure

    images = Counter((each.split, each.number, each.image) for each in missing).most_common(ROWS * COLUMNS)
    figure = Figure(figsize=(4.4 * COLUMNS, 3.7 * ROWS), layout="constrained")
    figure.suptitle(
        f"probability of {MIN_PROBABILITY:g} or more, IoU with each annotated box below {MAX_IOU:g}: "
        f"{_count(missing)}\nred: probably a missing label, dashed: annotated",
        fontsize=10,
    )
    cells = figure.subplots(ROWS, COLUMNS, squeeze=False).ravel()
    for cell in cells:
        cell.set_axis_off()
    for cell, ((split, number, name), _) in zip(cells, images, strict=False):
        examples = dataset[split]
        cell.imshow(read_image(examples.inputs[number]), cmap="gray")
        cell.set_title(f"{name} ({split})", fontsize=9)
        for box in examples.targets[number].boxes:
            draw_box(cell, box, "", BLACK, "--")
        for each in missing:
            if (each.split, each.number) == (split, number):
                draw_box(cell, each.box, f"{each.label} {each.probability:.2f}", RED, "-")
    save_figure(figure, file, dpi=110)
