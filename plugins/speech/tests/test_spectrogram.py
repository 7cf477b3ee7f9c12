"""Spectrograms, filterbanks, segmentation and augmentation."""

import json

import numpy as np
import pytest

from plexus import InputError
from plexus_speech.augmentation import add_noise, mask, vary_tempo, vary_voice
from plexus_speech.filterbank import MAX_SHARE_OF_NYQUIST, MIN_HERTZ, MelFilterbank, mel_weights, warp_matrix
from plexus_speech.segmentation import split_at_pauses, trim
from plexus_speech.spectrogram import (
    BANDS,
    SILENCE,
    compress,
    compress_to_window,
    hop_length,
    power_spectrogram,
    preemphasize,
    window_length,
)

RATE = 16_000


def tone(seconds, hertz=500.0, level=0.3):
    times = np.arange(int(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def recording(*parts):
    """Return tones of these seconds, silence for negative seconds, with a little noise."""
    samples = np.concatenate([np.zeros(int(-part * RATE), np.float32) if part < 0 else tone(part) for part in parts])
    return samples + np.random.default_rng(0).normal(0, 1e-4, len(samples)).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050])
def test_the_power_spectrogram_equals_that_of_librosa(rate):
    import librosa

    samples = np.random.default_rng(0).normal(size=rate).astype(np.float32)
    power = power_spectrogram(samples, rate)
    expected = librosa.stft(
        preemphasize(samples),
        n_fft=window_length(rate),
        hop_length=hop_length(rate),
        window="hann",
        center=True,
        pad_mode="constant",
    )
    np.testing.assert_allclose(power[: expected.shape[1]], np.abs(expected.T) ** 2, rtol=1e-3, atol=1e-5)


def test_the_power_is_that_of_the_discrete_fourier_transform():
    samples = np.random.default_rng(0).normal(size=RATE).astype(np.float32)
    power = power_spectrogram(samples, RATE)
    window = np.hanning(513)[:-1]
    expected = np.abs(np.fft.rfft(preemphasize(samples)[1600 - 256 : 1600 + 256] * window)) ** 2
    np.testing.assert_allclose(power[10], expected, rtol=1e-3)
    assert power.shape == (101, 257)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_the_filterbank_is_that_of_librosa(rate):
    import librosa

    weights = MelFilterbank.fit(rate).weights
    length, highest = window_length(rate), MAX_SHARE_OF_NYQUIST * rate / 2
    filters = librosa.filters.mel(
        sr=rate, n_fft=length, n_mels=BANDS, fmin=MIN_HERTZ, fmax=highest, htk=True, norm=None, dtype=float
    )
    wide = filters.sum(axis=1) >= 1
    assert wide.sum() > BANDS / 2
    np.testing.assert_allclose(weights.T[wide], filters[wide] / filters[wide].sum(axis=1, keepdims=True), atol=1e-6)
    np.testing.assert_allclose(weights.sum(axis=0), 1, rtol=1e-4)
    assert weights.shape == (length // 2 + 1, BANDS)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_a_tone_is_in_the_band_of_its_frequency(rate):
    filterbank = MelFilterbank.fit(rate)
    for hertz in (300, 1000, 3000):
        samples = np.sin(2 * np.pi * hertz * np.arange(rate) / rate).astype(np.float32)
        band = compress(power_spectrogram(samples, rate) @ filterbank.weights)[50].argmax()
        assert abs(np.log(filterbank.frequencies[band] / hertz)) < 0.2


def test_a_filterbank_through_json():
    filterbank = MelFilterbank.fit(RATE)
    state = json.loads(json.dumps(filterbank.to_json()))
    assert len(json.dumps(state)) < 5_000
    restored = MelFilterbank.from_json(state)
    np.testing.assert_array_equal(restored.weights, filterbank.weights)
    assert restored.rate == RATE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": [10**9, BANDS]}, "filterbank has shape"),
        ({"shape": [300, BANDS]}, "filterbank is damaged"),
        ({"weights": "AAAA"}, "filterbank is damaged"),
        ({"weights": "?"}, "filterbank is damaged"),
    ],
)
def test_a_damaged_filterbank(change, message):
    with pytest.raises(InputError, match=message):
        MelFilterbank.from_json(MelFilterbank.fit(RATE).to_json() | change)


@pytest.mark.parametrize("warp", [0.84, 1.0, 1.18])
def test_warped_bands_approximate_warped_filters(warp):
    power = np.exp(-np.linspace(0, 5, 257))[None]  # a smooth spectrum
    warped, expected = power @ mel_weights(RATE) @ warp_matrix(RATE, warp), power @ mel_weights(RATE, warp)
    np.testing.assert_allclose(warped[:, :35], expected[:, :35], rtol=0.05)


def test_encoding_does_not_depend_on_loudness():
    samples = recording(-0.2, 0.5, -0.2)
    weights = mel_weights(RATE)
    quiet, loud = (compress(power_spectrogram(samples * gain, RATE) @ weights) for gain in (0.01, 1.0))
    np.testing.assert_allclose(quiet, loud, atol=1e-3)
    assert loud.min() >= SILENCE - 1e-4


def test_silence_around_a_word_is_trimmed():
    speech = trim(recording(-0.8, 0.4, -1.0), RATE)
    assert len(speech) / RATE == pytest.approx(0.5, abs=0.05)


def test_segments_do_not_depend_on_the_blocks():
    samples = recording(-0.5, 0.4, -0.5, 0.3, -0.7, 0.5, -0.4, 0.4, -0.6)
    whole = list(split_at_pauses([samples], RATE, 0.2, 1.0))
    starts = [0.5, 1.4, 2.4, 3.3]
    assert [segment.start + 0.05 for segment in whole] == pytest.approx(starts, abs=0.03)
    for size in (12_000, 16_000, 25_000):
        blocks = [samples[start : start + size] for start in range(0, len(samples), size)]
        segments = list(split_at_pauses(blocks, RATE, 0.2, 1.0))
        assert [segment.start for segment in segments] == pytest.approx([s.start for s in whole], abs=0.03)
        assert [len(segment.samples) for segment in segments] == pytest.approx(
            [len(segment.samples) for segment in whole], abs=0.05 * RATE
        )


def test_long_segments_are_cut():
    segments = list(split_at_pauses([recording(-0.2, 7.0, -0.3)], RATE, 0.2, 2.0))
    assert max(len(segment.samples) for segment in segments) <= 2.2 * RATE
    assert sum(len(segment.samples) for segment in segments) >= 6.9 * RATE


def test_no_part_of_a_cut_segment_is_shorter_than_a_segment():
    lengths = []
    for seconds in (0.32, 0.34, 0.55, 0.63, 0.7, 2.01):
        tone = np.sin(2 * np.pi * 300 * np.arange(int(seconds * RATE)) / RATE)
        lengths += [len(each.samples) for each in split_at_pauses([tone], RATE, pause=0.2, max_seconds=0.3)]
    assert min(lengths) >= 0.06 * RATE


def test_augmentation_depends_on_the_seed_alone():
    power = power_spectrogram(recording(0.6), RATE)

    def augment(seed, strength=1.0):
        generator = np.random.default_rng(seed)
        mel = add_noise(vary_voice(power, RATE, generator, strength), generator, strength)
        return mask(compress_to_window(mel, 80, generator), generator, strength)

    np.testing.assert_array_equal(augment(1), augment(1))
    assert not np.array_equal(augment(1), augment(2))
    assert augment(1).shape == (80, BANDS)
    lengths = {len(vary_voice(power, RATE, np.random.default_rng(seed))) for seed in range(20)}
    assert min(lengths) < 0.85 * len(power) < 1.2 * len(power) < max(lengths)


def test_augmentation_of_strength_0_changes_nothing():
    power = power_spectrogram(recording(0.5), RATE)
    plain = vary_voice(power, RATE, np.random.default_rng(0), strength=0)
    np.testing.assert_allclose(plain, power @ mel_weights(RATE), rtol=1e-4)


def test_the_tempo_varies_within_a_recording_of_the_same_length():
    """A ramp shows which frame each of the result comes from."""
    ramp = np.arange(100, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    varied = vary_tempo(ramp, np.random.default_rng(0))
    assert varied.shape == ramp.shape
    np.testing.assert_allclose(varied[[0, -1]], ramp[[0, -1]], atol=1e-3)
    steps = np.diff(varied[:, 0])
    assert steps.min() > 0
    assert steps.max() > 1.1 * steps.min()
    np.testing.assert_allclose(vary_tempo(ramp, np.random.default_rng(0), strength=0), ramp, atol=1e-3)
    one = ramp[50:51]
    np.testing.assert_array_equal(vary_tempo(one, np.random.default_rng(0)), one)
