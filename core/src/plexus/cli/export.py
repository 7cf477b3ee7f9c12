"""`plexus export`."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plexus
from plexus.bundle import KERAS, NETWORK
from plexus.utils.files import require_new, writing_to

SUFFIXES = {"onnx": ".onnx", "saved_model": "", "litert": ".tflite", "keras": ".keras"}


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus export --help`."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--format", choices=SUFFIXES, required=True)
    parser.add_argument("--out", type=Path, metavar="PATH", help="[default: the bundle's name, here]")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Copy what the bundle has; convert the rest."""
    bundle = plexus.load(given.bundle)
    out = given.out or Path(f"{given.bundle.resolve().name}-{given.format}{SUFFIXES[given.format]}")
    require_new(out)
    with writing_to(out):
        if given.format in {"onnx", "keras"}:
            out.write_bytes((bundle.folder / (NETWORK if given.format == "onnx" else KERAS)).read_bytes())
        else:
            from plexus.runtime.backend import import_keras

            import_keras("tensorflow")  # whatever trained it: these formats are TensorFlow's
            from plexus.training.export import export

            export(bundle.folder / KERAS, given.format, out, bundle.task.package)
    return {"bundle": str(given.bundle), "format": given.format, "file": str(out)}


def show(result: dict[str, Any]) -> Iterator[str]:
    """Where it is."""
    yield result["file"]
