"""Files of drawn faces."""

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
