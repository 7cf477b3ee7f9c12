"""What a network hears, and where someone speaks."""

import numpy as np
import pytest

from plexus_speech.features import BANDS, SILENCE, compressed, emphasised, in_window, mel_bands, mel_centres, spectra
from plexus_speech.segments import segments, trimmed
from plexus_speech.voices import masked, noisy, varied

RATE = 16_000


def burst(seconds, hertz=500.0, level=0.3):
    at = np.arange(int(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def spoken(*parts):
    """Silence with very little noise, and tones of given seconds in it."""
    whole = np.concatenate([np.zeros(int(-part * RATE), np.float32) if part < 0 else burst(part) for part in parts])
    return whole + np.random.default_rng(0).normal(0, 1e-4, len(whole)).astype(np.float32)


def test_power_is_that_of_the_discrete_fourier_transform():
    samples = np.random.default_rng(0).normal(size=RATE).astype(np.float32)
    power = spectra(samples, RATE)
    window = np.hanning(513)[:-1]
    expected = np.abs(np.fft.rfft(emphasised(samples)[1600 - 256 : 1600 + 256] * window)) ** 2
    np.testing.assert_allclose(power[10], expected, rtol=1e-3)
    assert power.shape == (101, 257)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_a_tone_is_heard_in_its_band(rate):
    for hertz in (300, 1000, 3000):
        tone = np.sin(2 * np.pi * hertz * np.arange(rate) / rate).astype(np.float32)
        found = compressed(spectra(tone, rate) @ mel_bands(rate))[50].argmax()
        assert abs(np.log(mel_centres(rate)[found] / hertz)) < 0.2
    assert mel_bands(rate).shape[1] == BANDS
    np.testing.assert_allclose(mel_bands(rate).sum(axis=0), 1, rtol=1e-4)


def test_loudness_does_not_matter():
    samples = spoken(-0.2, 0.5, -0.2)
    quiet, loud = (compressed(spectra(samples * gain, RATE) @ mel_bands(RATE)) for gain in (0.01, 1.0))
    np.testing.assert_allclose(quiet, loud, atol=1e-3)
    assert loud.min() >= SILENCE - 1e-4


def test_silence_around_a_word_is_cut():
    found = trimmed(spoken(-0.8, 0.4, -1.0), RATE)
    assert len(found) / RATE == pytest.approx(0.5, abs=0.05)


def test_words_are_found_in_pieces_as_in_one(tmp_path):
    whole = spoken(-0.5, 0.4, -0.5, 0.3, -0.7, 0.5, -0.4, 0.4, -0.6)
    found = list(segments([whole], RATE, 0.2, 1.0))
    starts = [0.5, 1.4, 2.4, 3.3]
    assert [one.start + 0.05 for one in found] == pytest.approx(starts, abs=0.03)
    for size in (12_000, 16_000, 25_000):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        again = list(segments(pieces, RATE, 0.2, 1.0))
        assert [one.start for one in again] == pytest.approx([one.start for one in found], abs=0.03)
        assert [len(one.samples) for one in again] == pytest.approx(
            [len(one.samples) for one in found], abs=0.05 * RATE
        )


def test_what_goes_on_for_too_long_is_cut():
    found = list(segments([spoken(-0.2, 7.0, -0.3)], RATE, 0.2, 2.0))
    assert max(len(one.samples) for one in found) <= 2.2 * RATE
    assert sum(len(one.samples) for one in found) >= 6.9 * RATE


def test_a_voice_is_varied_by_its_seed_alone():
    power = spectra(spoken(0.6), RATE)

    def made(seed, amount=1.0):
        generator = np.random.default_rng(seed)
        mel = noisy(varied(power, RATE, generator, amount), generator, amount)
        return masked(in_window(mel, 80, generator), generator, amount)

    np.testing.assert_array_equal(made(1), made(1))
    assert not np.array_equal(made(1), made(2))
    assert made(1).shape == (80, BANDS)
    lengths = {len(varied(power, RATE, np.random.default_rng(seed))) for seed in range(20)}
    assert min(lengths) < 0.85 * len(power) < 1.2 * len(power) < max(lengths)


def test_unvaried_is_what_is_answered_for():
    power = spectra(spoken(0.5), RATE)
    plain = varied(power, RATE, np.random.default_rng(0), amount=0)
    np.testing.assert_allclose(plain, power @ mel_bands(RATE), rtol=1e-4)
