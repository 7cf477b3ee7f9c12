"""Pixels of DICOM files: values, transformations, compressions and errors."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.pixels import get_decoder
from pydicom.uid import JPEGLSLossless

from plexus import InputError
from plexus.inference.limits import InputLimits, input_limits, set_input_limits
from plexus_medical.dicom import dicom_shape, is_dicom, patient_digest, read_dicom
from plexus_medical.dicom_values import apply_window

IMPLICIT, RLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.5"


def pydicom_file(name):
    """A file that comes with pydicom; nothing is downloaded."""
    return Path(get_testdata_file(name, download=False))


@pytest.fixture
def limits():
    """A function that sets the limits of this process for one test."""
    before = input_limits()
    yield lambda **values: set_input_limits(InputLimits(**values))
    set_input_limits(before)


@pytest.fixture
def ramp():
    """The values 0 to 4,080 in steps of 16, `(16, 16)`."""
    return (np.arange(256, dtype=np.uint16) * 16).reshape(16, 16)


def test_dicom_is_recognized_by_content(tmp_path, write_dicom, grey):
    file = write_dicom(tmp_path / "without_suffix", grey(0))
    assert is_dicom(file)
    assert is_dicom(file.read_bytes()[:132])
    (tmp_path / "text.dcm").write_text("no DICM" * 50)
    assert not is_dicom(tmp_path / "text.dcm")
    assert not is_dicom(b"DICM")
    assert not is_dicom(tmp_path / "missing.dcm")


@pytest.mark.parametrize("syntax", [IMPLICIT, "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", RLE])
def test_8_bits_are_returned_as_they_are(tmp_path, write_dicom, grey, syntax):
    if syntax == "1.2.840.10008.1.2.2":
        pixels = np.asarray(dcmread(pydicom_file("SC_rgb_small_odd_big_endian.dcm")).pixel_array)
        assert np.array_equal(read_dicom(pydicom_file("SC_rgb_small_odd_big_endian.dcm")), pixels)
        return
    pixels = read_dicom(write_dicom(tmp_path / "a.dcm", grey(0), syntax))
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, grey(0))


def test_bytes_and_paths_give_the_same_pixels(tmp_path, write_dicom, grey):
    file = write_dicom(tmp_path / "a.dcm", grey(0))
    assert np.array_equal(read_dicom(file.read_bytes()), read_dicom(str(file)))
    assert dicom_shape(file) == (16, 16, 1)


def test_monochrome1_is_inverted(tmp_path, write_dicom, grey, ramp):
    file = write_dicom(tmp_path / "a.dcm", grey(0), PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(read_dicom(file), 255 - grey(0))
    window = {"WindowCenter": 2048, "WindowWidth": 4096}
    plain = read_dicom(write_dicom(tmp_path / "b.dcm", ramp, bits=12, **window))
    inverted = read_dicom(
        write_dicom(tmp_path / "c.dcm", ramp, bits=12, PhotometricInterpretation="MONOCHROME1", **window)
    )
    assert np.array_equal(inverted.astype(int), 65535 - plain.astype(int))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", RLE])
def test_the_window_of_12_bits_in_16(tmp_path, write_dicom, ramp, syntax):
    file = write_dicom(tmp_path / "a.dcm", ramp, syntax, bits=12, WindowCenter="2048", WindowWidth="1024")
    pixels = read_dicom(file)
    assert pixels.dtype == np.uint16
    # PS3.3, C.11.2.1.2.1: black up to center - 0.5 - (width - 1) / 2, white above center - 0.5 + (width - 1) / 2
    shares = np.clip((ramp.astype(float) - 2047.5) / 1023 + 0.5, 0, 1)
    assert np.abs(pixels / 65535 - shares).max() < 1e-5
    assert pixels[ramp <= 1536].max() == 0
    assert pixels[ramp >= 2560].min() == 65535


def test_the_first_of_several_windows_is_used(tmp_path, write_dicom, ramp):
    several = write_dicom(tmp_path / "a.dcm", ramp, bits=12, WindowCenter=[500, 3000], WindowWidth=[200, 90])
    one = write_dicom(tmp_path / "b.dcm", ramp, bits=12, WindowCenter=500, WindowWidth=200)
    assert np.array_equal(read_dicom(several), read_dicom(one))


def test_the_functions_of_a_window():
    values = np.array([0.0, 50.0, 100.0, 150.0, 200.0])
    assert apply_window(values, 100, 100, "LINEAR_EXACT").tolist() == [0, 0, 0.5, 1, 1]
    assert apply_window(np.array([99.0, 100.0]), 100, 1).tolist() == [0, 1]
    sigmoid = apply_window(values, 100, 100, "SIGMOID")
    assert sigmoid[2] == 0.5
    assert sigmoid[3] == pytest.approx(1 / (1 + np.exp(-2)))


def test_signed_values_are_rescaled(tmp_path, write_dicom):
    stored = np.arange(-128, 128, dtype=np.int16).reshape(16, 16)
    window = {"WindowCenter": -744, "WindowWidth": 513}
    pixels = read_dicom(
        write_dicom(tmp_path / "a.dcm", stored, bits=12, RescaleSlope="2", RescaleIntercept="-1000", **window)
    )
    units = stored.astype(float) * 2 - 1000
    assert np.abs(pixels / 65535 - np.clip((units + 744.5) / 512 + 0.5, 0, 1)).max() < 1e-5


def test_without_a_window_the_percentiles_are_used(tmp_path, write_dicom):
    values = np.linspace(500, 3500, 1024).astype(np.uint16).reshape(32, 32)
    values[0, :3], values[-1, -3:] = 0, 65535
    pixels = read_dicom(write_dicom(tmp_path / "a.dcm", values))
    low, high = np.percentile(values, [0.5, 99.5])
    assert np.abs(pixels / 65535 - np.clip((values - low) / (high - low), 0, 1)).max() < 1e-4
    assert pixels[values < low].max() == 0


def test_padding_does_not_count_for_the_range(tmp_path, write_dicom):
    values = np.linspace(500, 1500, 1024).astype(np.int16).reshape(32, 32)
    values[:8] = -2000
    pixels = read_dicom(write_dicom(tmp_path / "a.dcm", values, PixelPaddingValue=-2000))
    assert pixels[:8].max() == 0
    assert 30_000 < pixels[values > 0].mean() < 36_000


def test_an_image_of_one_value_is_black(tmp_path, write_dicom):
    assert read_dicom(write_dicom(tmp_path / "a.dcm", np.full((4, 4), 700, np.uint16))).max() == 0


def lookup_table(entries, first, bits, kind="US"):
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", kind, entries if kind == "US" else np.array(entries, "<u2").tobytes())
    return [item]


def test_lookup_tables(tmp_path, write_dicom):
    stored = np.arange(256, dtype=np.uint16).reshape(16, 16)
    modality = lookup_table([1000 + 2 * entry for entry in range(200)], 20, 16)
    voi = lookup_table([4095 - entry for entry in range(1500)], 1000, 12, "OW")
    file = write_dicom(tmp_path / "a.dcm", stored, bits=12, ModalityLUTSequence=modality, VOILUTSequence=voi)
    units = 1000 + 2 * np.clip(stored.astype(int) - 20, 0, 199)
    expected = (4095 - (units - 1000)) / 4095
    assert np.abs(read_dicom(file) / 65535 - expected).max() < 1e-5


def test_a_table_with_entries_of_8_bits_does_not_wrap(tmp_path, write_dicom, ramp):
    voi = lookup_table([entry // 16 for entry in range(4096)], 0, 8)
    pixels = read_dicom(write_dicom(tmp_path / "a.dcm", ramp, bits=12, VOILUTSequence=voi))
    assert np.abs(pixels / 65535 - np.arange(256).reshape(16, 16) / 255).max() < 1e-5


def test_real_files_of_each_kind():
    reference = read_dicom(pydicom_file("MR_small.dcm"))
    assert reference.shape == (64, 64)
    for name in ("MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm"):
        assert np.array_equal(read_dicom(pydicom_file(name)), reference)
    assert np.array_equal(read_dicom(pydicom_file("MR_small_padded.dcm")), reference)
    rgb = read_dicom(pydicom_file("SC_rgb_rle.dcm"))
    assert np.array_equal(rgb, dcmread(pydicom_file("SC_rgb_rle.dcm")).pixel_array)
    jpeg = read_dicom(pydicom_file("SC_rgb_jpeg_dcmtk.dcm")).astype(int)
    assert np.abs(jpeg - rgb).mean() < 5
    palette = read_dicom(pydicom_file("examples_palette.dcm"))
    assert (palette.shape, palette.dtype) == ((350, 800, 3), np.uint8)
    assert dicom_shape(pydicom_file("examples_palette.dcm")) == (350, 800, 3)
    assert read_dicom(pydicom_file("examples_overlay.dcm")).shape == (300, 484)


def test_jpeg_ls_needs_a_package():
    file = pydicom_file("MR_small_jpeg_ls_lossless.dcm")
    if get_decoder(JPEGLSLossless).is_available:
        assert np.array_equal(read_dicom(file), read_dicom(pydicom_file("MR_small.dcm")))
    else:
        with pytest.raises(InputError, match=r"compressed as JPEG-LS .* not read here: pip install pyjpegls"):
            read_dicom(file)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("SC_rgb_rle_2frame.dcm", "has 2 frames, expected one image"),
        ("rtplan.dcm", "is a DICOM file without an image"),
        ("MR_truncated.dcm", "is cut off: it has 8,130 of 8,192 bytes of Pixel Data"),
        ("image_dfl.dcm", "is deflated as a whole"),
        ("meta_missing_tsyntax.dcm", "does not name its Transfer Syntax"),
        ("no_meta.dcm", "is no DICOM file: expected DICM after the first 128 bytes"),
        ("liver_1frame.dcm", "has 1 samples of 1 in 1 bits"),
        ("badVR.dcm", "is damaged or cut off"),
    ],
)
def test_files_that_are_refused(name, reason):
    with pytest.raises(InputError, match=rf"{name}.*{reason}"):
        read_dicom(pydicom_file(name))


def test_a_size_is_checked_before_decoding(tmp_path, write_dicom, grey, limits):
    file = write_dicom(tmp_path / "a.dcm", grey(0), Rows=60_000, Columns=60_000)
    with pytest.raises(InputError, match=r"a\.dcm declares 60,000 x 60,000 pixels, the limit is 100,000,000"):
        read_dicom(file)
    limits(pixels=100)
    with pytest.raises(InputError, match="declares 16 x 16 pixels, the limit is 100"):
        read_dicom(write_dicom(tmp_path / "b.dcm", grey(0)))
    limits(file_bytes=500)
    with pytest.raises(InputError, match="bytes, the limit is 500"):
        read_dicom(tmp_path / "b.dcm")


def test_a_compressed_image_of_another_size_is_refused(tmp_path):
    dataset = dcmread(pydicom_file("MR_small_jp2klossless.dcm"))
    dataset.Rows = 32
    dataset.save_as(tmp_path / "a.dcm")
    with pytest.raises(InputError, match="its compressed image has 64 x 64 pixels, its header declares 64 x 32"):
        read_dicom(tmp_path / "a.dcm")


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"WindowCenter": 40, "WindowWidth": 0}, "window of width 0, expected 1 or more"),
        ({"WindowCenter": 40, "WindowWidth": 9, "VOILUTFunction": "CUBIC"}, "VOI LUT Function"),
        ({"SamplesPerPixel": 2}, "has 2 samples of 8 in 8 bits per pixel"),
        (
            {"PhotometricInterpretation": "HSV"},
            "Photometric Interpretation 'HSV', expected MONOCHROME2, MONOCHROME1 or",
        ),
        ({"PhotometricInterpretation": "RGB"}, "Photometric Interpretation 'RGB', expected MONOCHROME2"),
        ({"PhotometricInterpretation": "HSV", "SamplesPerPixel": 3}, "'HSV', expected RGB, YBR_FULL"),
        ({"Rows": 0}, "without an image"),
        ({"Rows": 64}, "cut off: it has 256 of 1,024 bytes"),
        ({"VOILUTSequence": lookup_table([1, 2], 0, 8), "BitsStored": 0}, "has 1 samples of 0 in 8 bits"),
    ],
)
def test_invalid_elements(tmp_path, write_dicom, grey, elements, reason):
    with pytest.raises(InputError, match=reason):
        read_dicom(write_dicom(tmp_path / "a.dcm", grey(0), **elements))


@pytest.mark.parametrize("length", [0, 100, 140, 300, 600])
def test_files_that_are_cut_off(tmp_path, write_dicom, grey, length):
    content = write_dicom(tmp_path / "a.dcm", grey(0)).read_bytes()
    with pytest.raises(InputError, match="the image"):
        read_dicom(content[:length])


def test_digests_of_patients_differ(tmp_path, write_dicom, grey):
    files = [
        write_dicom(tmp_path / f"{number}.dcm", grey(number), PatientID=patient, PatientName="Doe^Jane")
        for number, patient in enumerate(["A7", " A7 ", "B1", ""])
    ]
    first, again, other, empty = (patient_digest(file, b"salt") for file in files)
    assert first == again != other
    assert empty is None
    assert first != patient_digest(files[0], b"other salt")
    assert patient_digest(write_dicom(tmp_path / "none.dcm", grey(9)), b"salt") is None
