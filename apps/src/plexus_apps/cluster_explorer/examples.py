"""Example inputs of the page."""

from pathlib import Path

import numpy as np


def write_wines(file: Path) -> Path:
    """Write scikit-learn's table of wines, without their classes.

    Args:
        file: CSV file to write.

    Returns:
        The file.
    """
    import polars as pl
    from sklearn.datasets import load_wine

    wines = load_wine()
    pl.DataFrame(dict(zip(wines.feature_names, wines.data.T, strict=True))).write_csv(file)
    return file


def draw_digit(file: Path) -> Path:
    """Draw a seven with a broad pen.

    Args:
        file: PNG file to write.

    Returns:
        The file.
    """
    import cv2

    paper = np.full((280, 280), 255, np.uint8)
    stroke = np.array([[80, 70], [200, 70], [130, 220]])
    cv2.polylines(paper, [stroke], isClosed=False, color=(20,), thickness=20, lineType=cv2.LINE_AA)
    cv2.imwrite(str(file), paper)
    return file
