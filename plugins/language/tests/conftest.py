"""A model without training, for tests of what surrounds the networks."""

import sys
from pathlib import Path

import pytest

from plexus_language.translator import Translator

sys.path.insert(0, str(Path(__file__).parent))  # pytest's importlib mode does not make helper modules importable


@pytest.fixture
def translate():
    """A function that translates texts with the dictionary, en to fr, and returns the predictions."""
    from dictionary_model import DictionaryCodec, DictionaryPredictor

    def run(*texts, codec=None, **networks):
        codec = codec or DictionaryCodec()
        return Translator(DictionaryPredictor(codec, **networks), codec).translate(texts)

    return run
