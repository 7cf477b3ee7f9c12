"""The app voice-commands."""

import numpy as np
import pytest
import soundfile
from PIL import Image

import plexus
from plexus import InputError
from plexus.data.audio import FORMATS
from plexus_apps.voice_commands.drawing import draw_words, read_samples, timed_words
from plexus_apps.voice_commands.examples import write_example

TONE = 0.5 * np.sin(np.arange(16_000) / 6)


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_every_supported_format(tmp_path, format):
    file = tmp_path / f"a{FORMATS[format][0]}"
    soundfile.write(file, np.stack([TONE, TONE], axis=1), 16_000, format=format)
    samples, rate = read_samples(file)
    assert (rate, samples.ndim) == (16_000, 1)
    assert len(samples) == pytest.approx(16_000, abs=1500)


@pytest.mark.parametrize("suffix", ["format", "wav"])
@pytest.mark.parametrize("format", sorted({*soundfile.available_formats()} - {*FORMATS}))
def test_other_formats_are_refused(tmp_path, format, suffix):
    file = tmp_path / f"a.{format.lower() if suffix == 'format' else suffix}"
    subtypes = soundfile.available_subtypes(format)
    subtype = "PCM_16" if "PCM_16" in subtypes else next(iter(subtypes))
    soundfile.write(file, TONE[:8_000], 8_000, subtype, format=format)
    with pytest.raises(InputError, match="is not a recording in a known format"):
        read_samples(file)


@pytest.mark.slow
def test_the_example_is_recognized_and_drawn(tmp_path):
    recording = write_example(tmp_path / "example.wav")
    prediction = plexus.load("speech.commands/spoken").predict([recording])[0].model_dump()
    words = timed_words(prediction, seconds=4.0)
    assert [word.word for word in words] == ["left", "stop", "yes"]
    assert [round(word.start, 1) for word in words] == sorted(round(word.start, 1) for word in words)
    image = draw_words(recording, prediction, tmp_path / "words.png")
    assert Image.open(image).size == (1000, 500)


def test_words_of_each_kind_of_prediction():
    alone = {"label": "yes", "probability": 0.9, "alternatives": {}, "words": ()}
    assert timed_words(alone, 1.5) == [(0.0, 1.5, "yes", 0.9)]
    transcript = {"text": "one", "confidence": 0.8, "words": [{"word": "one", "start": 1, "end": 2, "confidence": 0.8}]}
    assert timed_words(transcript, 3.0) == [(1, 2, "one", 0.8)]
    assert timed_words({"text": "", "confidence": 0.0, "words": ()}, 3.0) == []
