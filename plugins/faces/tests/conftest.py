"""Files of drawn faces."""

import cv2
import pytest
from PIL import Image

from plexus_faces.drawn_faces import draw_faces


@pytest.fixture
def persons(tmp_path):
    """A folder with 8 drawn persons, 3 images of each."""
    images, names = draw_faces(persons=8, pictures=3)
    for number, (image, name) in enumerate(zip(images, names, strict=True)):
        folder = tmp_path / "persons" / name
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number % 3}.png")
    return tmp_path / "persons"


@pytest.fixture
def write_video():
    """Write RGB images as a video of ten frames a second."""

    def write(file, images):
        height, width = images[0].shape[:2]
        writer = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"mp4v"), 10, (width, height))
        for image in images:
            writer.write(image[..., ::-1])
        writer.release()

    return write
