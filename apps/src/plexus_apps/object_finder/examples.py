"""Example files: an image, and a video that the app makes of it."""

from pathlib import Path

import numpy as np

SECONDS, RATE = 4, 10
VIEW = 0.75
"""Share of the image that the video shows at once, in each direction."""


def write_image(image: np.ndarray, file: Path) -> Path:
    """Write an image.

    Args:
        image: Bytes of shape `(height, width, 3)`.
        file: PNG file to write.

    Returns:
        The file.
    """
    from PIL import Image

    Image.fromarray(image).save(file)
    return file


def write_example_video(image: np.ndarray, file: Path) -> Path:
    """Write a video of a camera that moves over an image, on an ellipse.

    Args:
        image: Bytes of shape `(height, width, 3)`.
        file: WebM file to write.

    Returns:
        The file.
    """
    import cv2

    from plexus.data.video_file import VideoFile

    height, width = (int(side * VIEW) // 2 * 2 for side in image.shape[:2])
    space = np.array([image.shape[1] - width, image.shape[0] - height])
    enlarged = max(round(480 / width), 1)
    with VideoFile(file, RATE) as video:
        for angle in np.linspace(0, 2 * np.pi, SECONDS * RATE, endpoint=False):
            center = (0.5 + 0.5 * np.array([np.cos(angle), np.sin(angle)])) * space + np.array([width, height]) / 2
            view = cv2.getRectSubPix(image, (width, height), tuple(center - 0.5))
            video.write(cv2.resize(view, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_CUBIC))
    return file
