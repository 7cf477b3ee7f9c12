"""Raw inputs of `Bundle.predict` in every task: a single one, a path as a string, an image of Pillow, and nonsense."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import plexus
from plexus import InputError

MODELS = Path(__file__).parents[1] / "models"
BUNDLES = sorted(str(file.parent.relative_to(MODELS)) for file in MODELS.glob("*/*/bundle.json"))


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("value", ["good", b"good", 7, None, object(), [["good"]], [Image.new("L", (8, 8))], {"a": 1}])
def test_no_input_crashes_a_task(name, value):
    """An answer or one line, and one answer for a single text, not one for each letter."""
    bundle = plexus.load(MODELS / name)
    try:
        lines = [str(answer) for answer in bundle.predict(value)]
    except InputError as error:
        lines = [str(error)]
    assert len(lines) == 1
    assert "\n" not in lines[0]
    assert len(lines[0]) < 1000


def test_images_in_any_form(tmp_path):
    bundle = plexus.load(MODELS / "vision.classify/digits")
    pixels = np.zeros((8, 8), np.uint8)
    pixels[1:7, 3:5] = 255
    image = Image.fromarray(pixels)
    image.save(tmp_path / "one.png")
    forms = [image, pixels, tmp_path / "one.png", str(tmp_path / "one.png"), (tmp_path / "one.png").read_bytes()]
    assert len({prediction.model_dump_json() for prediction in bundle.predict(forms)}) == 1
    assert bundle.predict(image) == bundle.predict(str(tmp_path / "one.png")) == bundle.predict([pixels])
    colors = image.convert("P"), image.convert("RGBA"), image.convert("1")
    assert {prediction.label for prediction in bundle.predict(list(colors))} == {bundle.predict(image)[0].label}
    with pytest.raises(InputError, match="no such file"):
        bundle.predict("nowhere.png")


def test_recordings_in_any_form(tmp_path):
    import soundfile

    bundle = plexus.load(next(MODELS.glob("speech.commands/*")))
    time = np.arange(16_000) / 16_000
    samples = (0.5 * np.sin(2 * np.pi * 300 * time) * np.exp(-8 * (time - 0.5) ** 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, 16_000)
    forms = [tmp_path / "a.wav", str(tmp_path / "a.wav"), (tmp_path / "a.wav").read_bytes()]
    assert len({prediction.model_dump_json() for prediction in bundle.predict(forms)}) == 1
    assert bundle.predict(str(tmp_path / "a.wav")) == bundle.predict(forms[:1])
    for wrong in ([7], [[1, 2]], [None], "nowhere.wav"):
        with pytest.raises(InputError):
            bundle.predict(wrong)
