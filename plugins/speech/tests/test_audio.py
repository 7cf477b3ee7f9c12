"""Reading of recordings in every supported format, and errors of other files."""

import io

import numpy as np
import pytest
import soundfile

from plexus import Findings, InputError
from plexus.data.audio import FORMATS, SUFFIXES, find_recordings
from plexus.inference.limits import InputLimits, set_input_limits
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
def test_every_sample_format(tmp_path, subtype):
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


@pytest.mark.parametrize("ending", ["format", "wav"])
@pytest.mark.parametrize("format", sorted({*soundfile.available_formats()} - {*FORMATS}))
def test_other_formats_are_refused(tmp_path, format, ending):
    """Formats that libsndfile reads too are refused, whatever the suffix is; RAW has no header."""
    file = tmp_path / f"a.{format.lower() if ending == 'format' else ending}"
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
        (lambda t: write(t, tone(0.01)), "is 0.01000 s long: expected 0.05 s or more; record it again"),
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


@pytest.mark.parametrize("subtype", ["GSM610", "IMA_ADPCM", "MS_ADPCM", "ULAW", "ALAW"])
def test_encodings_of_telephones(tmp_path, subtype):
    """libsndfile cannot seek in GSM."""
    file = tmp_path / "a.wav"
    soundfile.write(file, tone(2), 16_000, subtype)
    for raw in (file, file.read_bytes()):
        samples = read_recording(raw, 16_000)
        assert len(samples) == pytest.approx(32_000, abs=700)
        assert np.abs(np.fft.rfft(samples[2000:10_000])).argmax() * 2 == pytest.approx(440, abs=4)


def in_container(name, codec, rate):
    """A tone in a container."""
    av = pytest.importorskip("av")
    stream = io.BytesIO()
    with av.open(stream, "w", format=name) as container:
        track = container.add_stream(codec, rate=rate, layout="stereo")
        samples = (np.stack([tone(2), tone(2)], axis=1) * 32_767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = 16_000
        context = track.codec_context
        resampler = av.AudioResampler(context.format, "stereo", rate, frame_size=context.frame_size or 0)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            for packet in track.encode(part):
                container.mux(packet)
    return stream.getvalue()


CONTAINERS = [("ipod", "aac", 16_000), ("3gp", "aac", 16_000), ("adts", "aac", 16_000), ("webm", "libopus", 48_000)]


@pytest.mark.parametrize(("name", "codec", "rate"), CONTAINERS)
def test_containers_of_phones_and_browsers(tmp_path, name, codec, rate):
    content = in_container(name, codec, rate)
    (tmp_path / "a.bin").write_bytes(content)
    for raw in (tmp_path / "a.bin", content):
        samples = read_recording(raw, 16_000)
        assert len(samples) == pytest.approx(32_000, abs=3000)
        assert np.abs(np.fft.rfft(samples[4000:12_000])).argmax() * 2 == pytest.approx(440, abs=4)
    with pytest.raises(InputError, match=r"is (damaged or cut off|0)|has no sound|of a kind that is not read"):
        read_recording(content[:60], 16_000)


@pytest.mark.parametrize("head", [b"\0\0\0\x20ftypM4A \0\0\0\0", b"\x1a\x45\xdf\xa3", b"\xff\xf1\x50\x80", b"#!AMR\n"])
def test_a_container_without_the_extra_is_named_with_the_remedy(tmp_path, monkeypatch, head):
    monkeypatch.setattr("plexus.data.audio_containers.find_spec", lambda name: None)
    file = tmp_path / "rec.m4a"
    file.write_bytes(head + bytes(300))
    with pytest.raises(InputError, match=r"rec\.m4a is a recording like .*pip install 'plexus-core\[av\]'"):
        read_recording(file, 16_000)
    soundfile.write(tmp_path / "good", tone(), 16_000, format="WAV")
    findings = Findings()
    assert [file.name for file in find_recordings(tmp_path, findings)] == ["good"]
    assert "1 recording could not be read and was left out" in findings.lines()[0]


@pytest.mark.parametrize("size", [0, 2**32 - 1])
def test_a_wav_that_was_written_to_a_pipe(tmp_path, size):
    soundfile.write(tmp_path / "a.wav", tone(), 16_000)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    expected = read_recording(tmp_path / "a.wav", 16_000)
    content[4:8] = content[40:44] = size.to_bytes(4, "little")
    (tmp_path / "pipe.wav").write_bytes(content)
    for raw in (tmp_path / "pipe.wav", bytes(content)):
        np.testing.assert_array_equal(read_recording(raw, 16_000), expected)


def test_limits_of_channels_and_seconds(tmp_path):
    soundfile.write(tmp_path / "many.wav", np.zeros((100, 100)), 16_000)
    with pytest.raises(InputError, match="has 100 channels: expected 64 or fewer"):
        read_recording(tmp_path / "many.wav", 16_000)
    soundfile.write(tmp_path / "long.flac", np.zeros(16_000 * 700, np.int16), 16_000)
    with pytest.raises(InputError, match="longer than 600 s"):
        read_recording(tmp_path / "long.flac", 16_000)
    soundfile.write(tmp_path / "a.wav", tone(), 16_000)
    set_input_limits(InputLimits(seconds=0.5))
    try:
        with pytest.raises(InputError, match=r"longer than 0\.5 s"):
            read_recording(tmp_path / "a.wav", 16_000)
    finally:
        set_input_limits(InputLimits())
