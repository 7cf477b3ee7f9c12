"""Mutate valid files of every kind, and read them: an error of one line or success, within time and memory.

`tests/test_fuzz_readers.py` runs a short version. The long one, on all readers of files:

    python tests/fuzz_readers.py --count 20000
"""

import argparse
import bz2
import gzip
import io
import json
import lzma
import random
import resource
import struct
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from plexus import InputError

MAX_SECONDS, MAX_MEMORY = 10.0, 1536 << 20
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers at the borders of their types, for lengths and sizes in headers."""


@dataclass
class Report:
    """The outcome of a run."""

    outcomes: Counter = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    memory: int = 0


def mutate(content: bytes, generator: random.Random) -> bytes:
    """Return a file with some bytes changed, cut, repeated or inserted; mostly in its headers."""
    changed = bytearray(content)
    for _ in range(generator.choice((1, 1, 2, 4, 16))):
        size = max(len(changed), 1)
        place = min(int(generator.random() ** generator.choice((1, 3)) * size), size - 1)
        kind = generator.randrange(7)
        if kind == 0 and changed:
            changed[place] ^= 1 << generator.randrange(8)
        elif kind == 1 and changed:
            changed[place] = generator.randrange(256)
        elif kind == 2:
            width = generator.choice((1, 2, 4, 8))
            number = generator.choice(INTERESTING) & (2 ** (8 * width) - 1)
            changed[place : place + width] = number.to_bytes(width, generator.choice(("little", "big")))
        elif kind == 3:
            del changed[place:]
        elif kind == 4:
            del changed[place : place + generator.randrange(1, 64)]
        elif kind == 5:
            changed[place:place] = changed[place : place + generator.randrange(1, 256)]
        else:
            changed[place:place] = generator.randbytes(generator.randrange(1, 16))
    return bytes(changed)


def images() -> Iterator[tuple[str, bytes]]:
    """Yield a small image of each format and mode."""
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 4), np.uint8)
    modes = {
        "AVIF": ["RGB", "RGBA"], "BMP": ["L", "RGB", "1", "P"], "GIF": ["P", "L"], "JPEG": ["L", "RGB", "CMYK"],
        "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], "PPM": ["1", "L", "RGB"],
        "TIFF": ["1", "L", "RGB", "RGBA", "CMYK", "LAB", "F", "I;16"], "WEBP": ["RGB", "RGBA"],
    }  # fmt: skip
    for name, kinds in modes.items():
        for mode in kinds:
            picture = _picture(pixels, mode)
            for more in _variants(name):
                stream = io.BytesIO()
                picture.save(stream, name, **more)
                yield f"{name}-{mode}.{name.lower()}", stream.getvalue()
    frames = [Image.fromarray(pixels[..., :3]), Image.fromarray(255 - pixels[..., :3])]
    for name in ("GIF", "WEBP", "TIFF", "PNG"):
        stream = io.BytesIO()
        frames[0].save(stream, name, save_all=True, append_images=frames[1:])
        yield f"frames.{name.lower()}", stream.getvalue()


def _picture(pixels: np.ndarray, mode: str) -> "object":
    from PIL import Image

    if mode == "F":
        return Image.fromarray(pixels[..., 0].astype(np.float32))
    if mode == "I;16":
        return Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    if mode == "LAB":
        return Image.fromarray(pixels[..., :3], "LAB")
    return Image.fromarray(pixels, "RGBA").convert("RGBA" if mode == "RGBA" else mode)


def _variants(name: str) -> list[dict[str, object]]:
    if name == "TIFF":
        return [{}, {"compression": "tiff_lzw"}, {"compression": "tiff_adobe_deflate"}]
    return [{}, {"progressive": True}] if name == "JPEG" else [{}]


def sounds() -> Iterator[tuple[str, bytes]]:
    """Yield a small recording of each format and encoding."""
    import soundfile

    samples = (0.5 * np.sin(np.arange(4000) / 9)).astype(np.float32)
    kinds = [
        ("WAV", kind) for kind in ("PCM_16", "PCM_24", "PCM_U8", "FLOAT", "ULAW", "GSM610", "IMA_ADPCM", "MS_ADPCM")
    ]
    kinds += [("WAVEX", "PCM_24"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")]
    kinds += [("AIFF", "PCM_16"), ("AIFF", "FLOAT"), ("AU", "PCM_16"), ("CAF", "ALAC_16"), ("RF64", "PCM_16")]
    kinds += [("W64", "PCM_16"), ("AU", "ULAW"), ("CAF", "PCM_16")]
    for name, subtype in kinds:
        stream = io.BytesIO()
        soundfile.write(stream, np.stack([samples, samples], axis=1)[:, : 1 if "GSM" in subtype else 2], 8000, subtype,
                        format=name)  # fmt: skip
        yield f"{name}-{subtype}.wav", stream.getvalue()
    yield from _contained(samples)


def _contained(samples: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """Yield recordings in the containers of PyAV, if it is installed."""
    try:
        import av
    except ModuleNotFoundError:
        return
    for name, codec, rate in (
        ("mp4", "aac", 8000),
        ("webm", "libopus", 48000),
        ("adts", "aac", 8000),
        ("asf", "wmav2", 44100),
    ):
        stream = io.BytesIO()
        with av.open(stream, "w", format=name) as container:
            track = container.add_stream(codec, rate=rate, layout="mono")
            track.bit_rate = 64_000
            frame = av.AudioFrame.from_ndarray((samples[None] * 32767).astype(np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            size = track.codec_context.frame_size or 0
            resampler = av.AudioResampler(track.codec_context.format, "mono", rate, frame_size=size)
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                for packet in track.encode(part):
                    container.mux(packet)
        yield f"a.{name}", stream.getvalue()


def arrays() -> Iterator[tuple[str, bytes]]:
    """Yield files of arrays: NumPy, HDF5, IDX, CIFAR."""
    import h5py

    images, labels = np.arange(4 * 36, dtype=np.uint8).reshape(4, 6, 6), np.arange(4)
    for save in (np.savez, np.savez_compressed):
        stream = io.BytesIO()
        save(stream, x_train=images, y_train=labels)
        yield "a.npz", stream.getvalue()
    for more in ({}, {"compression": "gzip", "chunks": (2, 6, 6)}):
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            file.create_dataset("train/data", data=images, **more)
            file.create_dataset("train/target", data=labels)
            file.create_dataset("names", data=["a", "b"])
        yield "a.h5", stream.getvalue()
    idx = b"\0\0\x08\x03" + struct.pack(">3I", *images.shape) + images.tobytes()
    for suffix, pack in (("", bytes), (".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)):
        yield f"train-images-idx3-ubyte{suffix}", pack(idx)
    yield "data_batch_1.bin", bytes(3073 * 2)


def tables() -> Iterator[tuple[str, bytes]]:
    """Yield tables of each format."""
    import polars as pl

    rows = 30
    table = pl.DataFrame(
        {
            "time": [f"2026-01-{1 + row % 28:02d} 10:00:00" for row in range(rows)],
            "amount": [row * 1.5 for row in range(rows)],
            "text": [f'a "quoted", text {row}' for row in range(rows)],
            "label": [("a", "b")[row % 2] for row in range(rows)],
        }
    )
    for separator in ",;\t":
        content = table.write_csv(separator=separator).encode()
        yield ("a.tsv" if separator == "\t" else "a.csv"), content
    yield "a.csv.gz", gzip.compress(table.write_csv().encode())
    yield "latin.csv", table.write_csv().replace("quoted", "gef\xfchrt").encode("latin-1")
    stream = io.BytesIO()
    table.write_parquet(stream)
    yield "a.parquet", stream.getvalue()
    lines = [f"{row},{('a', 'b')[row % 2]}" for row in range(rows)]
    yield "a.arff", "\n".join(["@relation r", "@attribute x numeric", "@attribute c {a,b}", "@data", *lines]).encode()
    listing = [json.dumps({"text": f"text {row}", "label": row % 2}) for row in range(rows)]
    yield "a.jsonl", "\n".join(listing).encode()


def archives() -> Iterator[tuple[str, bytes]]:
    """Yield archives of labelled texts and images."""
    members = {f"set/train/{label}/{n}.txt": f"text {n} of {label}".encode() for label in "ab" for n in range(4)}
    for name, mode in (("a.tar", "w:"), ("a.tar.gz", "w:gz"), ("a.tar.xz", "w:xz"), ("a.tar.bz2", "w:bz2")):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode=mode) as tar:
            for member, content in members.items():
                info = tarfile.TarInfo(member)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        yield name, stream.getvalue()
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as file:
            for member, content in members.items():
                file.writestr(member, content)
        yield "a.zip", stream.getvalue()


def read_image_file(file: Path) -> None:
    """Read an image from a file, and its header from bytes."""
    from plexus.data.images import image_shape, read_image

    read_image(file)
    image_shape(file.read_bytes())


def read_sound_file(file: Path) -> None:
    """Decode a recording at another rate."""
    from plexus_speech.audio import read_blocks

    for _ in read_blocks(file, 16_000):
        pass


def read_array_file(file: Path) -> None:
    """Read the arrays of a file, or of a folder of IDX files or CIFAR batches."""
    from plexus.data.arrays import read_arrays
    from plexus.data.images import to_image_array

    for inputs, _ in (read_arrays(file.parent if file.suffix == ".bin" else file) or {}).values():
        to_image_array(str(file), inputs)


def read_table_file(file: Path) -> None:
    """Read a table as a training does, and as a prediction does."""
    from plexus.data.tables import read_table, table_chunks

    read_table(file)
    for _ in table_chunks(file):
        pass


def read_archive_file(file: Path) -> None:
    """Unpack an archive, and read it in place."""
    from plexus.data.archives import archive_files, unpack_archive

    for _ in archive_files(file, lambda _: True):
        pass
    unpack_archive(file, file.parent / "unpacked")


READERS: dict[str, tuple[Callable[[], Iterator[tuple[str, bytes]]], Callable[[Path], None]]] = {
    "images": (images, read_image_file),
    "sounds": (sounds, read_sound_file),
    "arrays": (arrays, read_array_file),
    "tables": (tables, read_table_file),
    "archives": (archives, read_archive_file),
}


def run(count: int, seed: int = 0, names: list[str] | None = None) -> Report:
    """Read mutated files of each kind.

    Args:
        count: Files of all kinds together.
        seed: Random seed; the same files are made from the same seed.
        names: Keys of `READERS`; all by default.

    Returns:
        Outcomes, failures, the slowest file and the largest memory.
    """
    report = Report()
    names = names or list(READERS)
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            make, read = READERS[name]
            seeds = list(make())
            for original, content in seeds:  # what is not mutated can be read
                _try(
                    report,
                    Path(folder) / "valid",
                    f"{name} {original}",
                    original,
                    content,
                    read,
                    original != "latin.csv",
                )
            for number in range(count // len(names)):
                generator = random.Random(f"{seed}-{name}-{number}")
                original, content = generator.choice(seeds)
                place = f"{name} {original}, seed {seed}, number {number}"
                _try(report, Path(folder) / str(number), place, original, mutate(content, generator), read)
    return report


def _try(
    report: Report, folder: Path, place: str, name: str, content: bytes, read: Callable[[Path], None],
    must_succeed: bool = False,
) -> None:  # fmt: skip
    import shutil

    folder.mkdir()
    file = folder / name
    file.write_bytes(content)
    start = time.perf_counter()
    try:
        read(file)
        report.outcomes["read"] += 1
    except InputError as error:
        report.outcomes["refused"] += 1
        if must_succeed or "\n" in str(error) or len(str(error)) > 2500:
            report.failures.append(f"{place}: {str(error)[:300]!r}")
    except BaseException:  # noqa: BLE001 - every other exception is a failure
        report.failures.append(f"{place}: {traceback.format_exc(limit=-4)}")
    seconds = time.perf_counter() - start
    report.slowest = max(report.slowest, (seconds, place))
    if seconds > MAX_SECONDS:
        report.failures.append(f"{place}: took {seconds:.1f} s")
    memory = peak_memory()
    if memory > max(report.memory, MAX_MEMORY):
        report.failures.append(f"{place}: the process has used {memory >> 20:,} MB")
    report.memory = max(report.memory, memory)
    shutil.rmtree(folder)


def peak_memory() -> int:
    """Return the largest memory of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@contextmanager
def quiet() -> Iterator[None]:
    """Discard the notes of the readers."""
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        yield
    finally:
        sys.stderr = stderr


def main() -> int:
    """Run from the command line.

    Returns:
        1 if a file was a failure.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=READERS, action="append")
    arguments = parser.parse_args()
    start = time.perf_counter()
    with quiet():
        report = run(arguments.count, arguments.seed, arguments.only)
    print("\n".join(report.failures[:50]))
    print(
        f"{sum(report.outcomes.values()):,} files in {time.perf_counter() - start:.0f} s: {dict(report.outcomes)}, "
        f"{len(report.failures)} failures; slowest {report.slowest[0]:.2f} s ({report.slowest[1]}); "
        f"{report.memory >> 20:,} MB at most"
    )
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
