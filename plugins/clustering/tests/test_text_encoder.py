"""Encoding of texts."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer

from plexus import InputError
from plexus_clustering.text_encoder import TextEncoder

TEXTS = ["rain and wind", "a late goal", "wind, sun and rain", "goal goal goal"]


def test_inverse_document_frequencies_equal_scikit_learn():
    encoder = TextEncoder.fit(TEXTS)
    x = np.stack([TextEncoder(np.ones_like(encoder.idf)).encode([text])["x"][0] for text in TEXTS])
    np.testing.assert_allclose(encoder.idf, TfidfTransformer().fit(x).idf_, rtol=1e-6)


def test_vectors_have_unit_length_and_ignore_case_and_punctuation():
    encoder = TextEncoder.fit(TEXTS)
    first, second, empty = encoder.encode(["Rain; wind!", "rain wind", ""])["x"]
    np.testing.assert_array_equal(first, second)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-6)
    assert not empty.any()


def test_what_is_no_text_is_named():
    encoder = TextEncoder.fit(TEXTS)
    for value, kind in (({"a": 1}, "a row"), (Path("a.png"), "an image"), (7, "int")):
        with pytest.raises(InputError, match=f"expected a text, got {kind}: the model clusters texts"):
            encoder.encode([value])
