"""Reading of recordings in every supported format, and refusal of the others."""

import numpy as np
import pytest
import soundfile

from plexus import InputError
from plexus.data.audio import FORMATS, SUFFIXES
from plexus_speech.audio import BLOCK_SECONDS, Waveform, read_blocks, read_recording, sampling_rate

REFUSED = (
    r"is not a recording in a known format \(\.aif, \.aiff, .*\.flac, \.mp3, .*\.wav\).*: convert it to one of these"
)


def tone(seconds=1.0, rate=16_000, hertz=440.0, level=0.5):
    return level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


@pytest.mark.parametrize("ending", [".wav", ".flac", ".ogg", ".mp3"])
@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_every_format_and_rate_gives_the_same_tone(tmp_path, ending, rate):
    file = tmp_path / f"a{ending}"
    soundfile.write(file, np.stack([tone(rate=rate), tone(rate=rate)], axis=1), rate)
    assert sampling_rate(file) == rate
    samples = read_recording(file, 16_000)
    assert len(samples) == pytest.approx(16_000, abs=1500)
    spectrum = np.abs(np.fft.rfft(samples[2000:10_000]))
    assert spectrum.argmax() * 2 == pytest.approx(440, abs=4)
    assert np.abs(samples[2000:10_000]).max() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_every_depth(tmp_path, subtype):
    file = tmp_path / "a.wav"
    soundfile.write(file, tone(), 16_000, subtype)
    np.testing.assert_allclose(read_recording(file, 16_000), tone(), atol=0.01)
    np.testing.assert_allclose(read_recording(file.read_bytes(), 16_000), tone(), atol=0.01)


@pytest.mark.parametrize(
    ("ending", "format", "subtype"),
    [
        (".aiff", "AIFF", "PCM_16"),
        (".aif", "AIFF", "FLOAT"),
        (".flac", "FLAC", "PCM_24"),
        (".mp3", "MP3", "MPEG_LAYER_III"),
        (".ogg", "OGG", "VORBIS"),
        (".ogg", "OGG", "OPUS"),
        (".wav", "WAV", "PCM_24"),
        (".wav", "WAVEX", "PCM_24"),
    ],
)
def test_every_supported_format(tmp_path, ending, format, subtype):
    assert ending in SUFFIXES
    assert ending in FORMATS[format]
    file = tmp_path / f"a{ending}"
    soundfile.write(file, tone(), 16_000, subtype, format=format)
    for raw in (file, file.read_bytes()):
        assert len(read_recording(raw, 16_000)) == pytest.approx(16_000, abs=1500)


@pytest.mark.parametrize("ending", ["own", "wav"])
@pytest.mark.parametrize("format", sorted({*soundfile.available_formats()} - {*FORMATS}))
def test_other_formats_are_refused(tmp_path, format, ending):
    """Formats that libsndfile reads too are refused, whatever the suffix is; RAW has no header."""
    file = tmp_path / f"a.{format.lower() if ending == 'own' else ending}"
    subtypes = soundfile.available_subtypes(format)
    subtype = "PCM_16" if "PCM_16" in subtypes else next(iter(subtypes))
    soundfile.write(file, tone(rate=8_000), 8_000, subtype, format=format)
    for raw in (file, file.read_bytes()):
        with pytest.raises(InputError, match=REFUSED) as caught:
            read_recording(raw, 16_000)
        assert "\n" not in str(caught.value)
        with pytest.raises(InputError, match=REFUSED):
            sampling_rate(raw)


@pytest.mark.parametrize("ending", ["raw", "gsm", "vox", "au", "snd", "sd2"])
def test_a_suffix_is_not_enough_for_a_file_without_a_header(tmp_path, ending):
    """For some suffixes libsndfile accepts any bytes as samples."""
    (tmp_path / f"a.{ending}").write_bytes(b"not a recording at all\n" * 99)
    with pytest.raises(InputError, match=REFUSED):
        read_recording(tmp_path / f"a.{ending}", 16_000)


def write(tmp_path, samples, rate=16_000, **options):
    file = tmp_path / "bad.wav"
    soundfile.write(file, samples, rate, **options)
    return file


def write_cut_off(tmp_path):
    file = write(tmp_path, tone())
    file.write_bytes(file.read_bytes()[:9_000])
    return file


def write_text(tmp_path, content=b"not a recording at all\n" * 9):
    file = tmp_path / "bad.wav"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda t: write_text(t), "is not a recording in a known format"),
        (lambda t: write_text(t, b""), "is empty"),
        (write_cut_off, "is cut off: it has 9,000 of 32,044 bytes"),
        (lambda t: write(t, np.zeros(16_000)), "is silent"),
        (lambda t: write(t, tone(0.01)), "is 0.01 s long"),
        (lambda t: write(t, np.full(9_000, np.nan), subtype="FLOAT"), "samples that are not finite numbers"),
        (lambda t: write(t, tone(rate=2_000), 2_000), "has a sampling rate of 2,000 Hz"),
        (lambda t: t / "bad.wav", "there is no such file"),
        (lambda t: t, "is a folder"),
    ],
)
def test_a_recording_that_cannot_be_used_is_named(tmp_path, make, message):
    file = make(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        read_recording(file, 16_000)
    assert str(file) in str(caught.value)


def test_a_long_recording_is_read_in_blocks(tmp_path):
    file = tmp_path / "long.wav"
    soundfile.write(file, tone(100, 8_000), 8_000)
    blocks = list(read_blocks(file, 16_000))
    assert sum(map(len, blocks)) == 1_600_000
    assert max(map(len, blocks)) <= 2 * BLOCK_SECONDS * 16_000
    with pytest.raises(InputError, match="longer than 60 s"):
        read_recording(file, 16_000, max_seconds=60)


def test_a_waveform_in_memory_equals_its_file(tmp_path):
    samples = (tone(rate=8_000) * 2**15).astype(np.int16)
    file = tmp_path / "a.wav"
    soundfile.write(file, samples, 8_000)
    np.testing.assert_array_equal(read_recording(Waveform(samples, 8_000), 16_000), read_recording(file, 16_000))
