"""Figures of the clusters."""

import numpy as np
import pytest
from PIL import Image

from plexus.report.figure import readable_width, svg_width
from plexus_clustering.report import draw_map


@pytest.mark.parametrize(("count", "smallest"), [(200, 4), (500, 4), (10_000, 2)])
def test_points_of_a_map_are_large_enough_to_see(tmp_path, count, smallest):
    """Of a point that is far from the others, at the smallest width of the map on a page."""
    points = np.zeros((count, 2))
    points[0] = 1
    clusters = np.zeros(count, int)
    draw_map(points, clusters, tmp_path / "map.png")
    draw_map(points, clusters, tmp_path / "map.svg")
    pixels = np.asarray(Image.open(tmp_path / "map.png").convert("L"))
    height, width = pixels.shape
    corner = pixels[height // 20 : height // 3, 2 * width // 3 : -width // 50]  # the far point only
    rows, columns = np.nonzero(corner < 200)
    svg = (tmp_path / "map.svg").read_text()
    shown = min(readable_width(svg), svg_width(svg)) / width
    assert (np.ptp(rows) + 1) * shown >= smallest
    assert (np.ptp(columns) + 1) * shown >= smallest
