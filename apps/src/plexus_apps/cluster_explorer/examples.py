"""Example inputs of the page."""

from pathlib import Path


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
    from PIL import Image, ImageDraw

    paper = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(paper).line([(80, 70), (200, 70), (130, 220)], fill=20, width=20, joint="curve")
    paper.save(file)
    return file
