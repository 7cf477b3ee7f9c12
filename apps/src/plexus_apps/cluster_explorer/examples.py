"""Something to begin with."""

from pathlib import Path

import numpy as np


def wines(file: Path) -> Path:
    """Write scikit-learn's table of wines, without their kinds."""
    import polars as pl
    from sklearn.datasets import load_wine

    found = load_wine()
    pl.DataFrame(dict(zip(found.feature_names, found.data.T, strict=True))).write_csv(file)
    return file


def picture(file: Path) -> Path:
    """Write a seven, drawn with a broad pen."""
    import cv2

    paper = np.full((280, 280), 255, np.uint8)
    stroke = np.array([[80, 70], [200, 70], [130, 220]])
    cv2.polylines(paper, [stroke], isClosed=False, color=20, thickness=20, lineType=cv2.LINE_AA)
    cv2.imwrite(str(file), paper)
    return file
