"""Fixtures that write DICOM files and folders of images."""

import numpy as np
import pytest
from PIL import Image

IMPLICIT, EXPLICIT, RLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5"


@pytest.fixture
def write_dicom():
    """A function that writes grey pixels `(h, w)` as a DICOM file; further elements by keyword."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, SecondaryCaptureImageStorage, generate_uid

    def write(file, pixels, syntax=EXPLICIT, bits=None, **elements):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(file)])
        meta.TransferSyntaxUID = UID(EXPLICIT if syntax == RLE else syntax)
        dataset = FileDataset(str(file), {}, file_meta=meta, preamble=b"\0" * 128)
        dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        allocated = 8 * pixels.dtype.itemsize
        dataset.Rows, dataset.Columns = pixels.shape[:2]
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored = allocated, bits or allocated
        dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, int(pixels.dtype.kind == "i")
        dataset.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
        for name, value in elements.items():
            setattr(dataset, name, value)
        if syntax == RLE:
            from pydicom.uid import RLELossless

            dataset.compress(RLELossless, pixels, encoding_plugin="pydicom")
        dataset.save_as(file, enforce_file_format=True)
        return file

    return write


@pytest.fixture
def grey():
    """A function that returns random grey pixels `(16, 16)` by seed."""
    return lambda seed: np.random.default_rng(seed).integers(0, 256, (16, 16), np.uint8)


@pytest.fixture
def save_png():
    """A function that writes pixels as a PNG, with the folders above it."""

    def save(file, pixels):
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(file)
        return file

    return save


@pytest.fixture
def read():
    """A function that reads data as a training does."""
    from plexus.data.named import locate
    from plexus_medical.dataset import load_dataset
    from plexus_medical.datasets import DATASETS
    from plexus_medical.options import ClassifyOptions

    def load(data, **options):
        return load_dataset(locate(str(data), DATASETS), ClassifyOptions.parse({"data": str(data), **options}))

    return load


@pytest.fixture
def folder(tmp_path, grey, save_png):
    """Two labels of twenty images each."""
    for number in range(40):
        label = ("NORMAL", "PNEUMONIA")[number % 2]
        save_png(tmp_path / "set" / label / f"{number}.png", grey(number))
    return tmp_path / "set"
