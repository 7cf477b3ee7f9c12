"""Reading of dlib's files."""

import struct

import numpy as np
import pytest

from plexus import InputError
from plexus_faces import dlib_files
from plexus_faces.dlib_files import DlibFile, find_models


@pytest.fixture
def stream(tmp_path):
    """A function that returns a `DlibFile` of some bytes."""

    def create(content):
        file = tmp_path / "network.dat"
        file.write_bytes(content)
        return DlibFile(file)

    return create


def _tensor(values, shape):
    sizes = b"".join(bytes([1, size]) for size in shape)
    return bytes([1, 2]) + sizes + struct.pack(f"<{len(values)}f", *values)


@pytest.mark.parametrize(
    ("content", "value"), [(b"\x01\x05", 5), (b"\x81\x05", -5), (b"\x02\x00\x01", 256), (b"\x81\x00", 0)]
)
def test_an_integer_has_a_sign_and_a_number_of_bytes(stream, content, value):
    assert stream(content).read_integer() == value


def test_a_number_is_a_mantissa_and_an_exponent(stream):
    assert stream(b"\x01\x03\x81\x02").read_float() == 0.75
    matrix = stream(b"\x81\x02\x81\x01" + b"\x01\x03\x81\x02" + b"\x81\x01\x01\x04").read_floats()
    np.testing.assert_array_equal(matrix, np.array([[0.75], [-16]], np.float32))


def test_a_layer_is_read_from_its_name_to_its_tensor(stream):
    file = stream(b"\x01\x09loss_mmod" + b"\x01\x05con_4" + _tensor([1.5, -2, 3], (1, 3, 1, 1)) + b"\x01\x04fc_2")
    layers = file.layers()
    assert next(layers) == "con_4"
    np.testing.assert_array_equal(file.read_tensor().ravel(), [1.5, -2, 3])
    assert list(layers) == ["fc_2"]


@pytest.mark.parametrize(
    ("content", "method", "problem"),
    [
        (b"\x04\x00", "read_integer", "it ends too early"),
        (b"\x09" + bytes(9), "read_integer", "there is no integer"),
        (b"\x81\x01", "read_size", "expected a size up to 67,108,864, found -1"),
        (b"\x01\x00\x02\x00\x7d", "read_float", "expected a finite number"),
        (b"\x84\xff\xff\xff\xff\x84\xff\xff\xff\xff", "read_floats", "expected a matrix"),
        (b"\x01\x01", "read_tensor", "expected a tensor of version 2, found version 1"),
        (_tensor([1.0], (1, 2, 1, 1)), "read_tensor", "it ends too early"),
        (bytes([1, 2]) + b"\x04\x00\x00\x00\x04" * 4, "read_tensor", "it ends too early"),
        (_tensor([np.nan], (1, 1, 1, 1)), "read_tensor", "expected finite numbers"),
    ],
)
def test_a_broken_file_gives_one_line(stream, content, method, problem):
    with pytest.raises(InputError, match=rf"network\.dat, byte [\d,]+: {problem}"):
        getattr(stream(content), method)()


def test_without_the_package_the_error_names_the_command(monkeypatch):
    monkeypatch.setattr(dlib_files, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'plexus-faces\[train\]'"):
        find_models()
