"""Conversion of dlib's files."""

import pytest

from plexus_faces.package_data import DETECTOR, LANDMARKS

pytest.importorskip("face_recognition_models", reason="face-recognition-models is not installed")


@pytest.mark.slow
def test_the_packaged_files_are_written_again_byte_for_byte(tmp_path):
    from plexus_faces.conversion import convert

    convert(tmp_path)
    assert (tmp_path / DETECTOR.name).read_bytes() == DETECTOR.read_bytes()
    assert (tmp_path / LANDMARKS.name).read_bytes() == LANDMARKS.read_bytes()
