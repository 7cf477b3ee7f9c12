"""`plexus export`."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from plexus.api import load
from plexus.bundle import keras_file, onnx_file
from plexus.errors import InputError, unknown
from plexus.utils.files import require_new, writing_to

SUFFIXES = {"onnx": ".onnx", "saved_model": "", "litert": ".tflite", "keras": ".keras"}


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus export --help`."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--format", choices=SUFFIXES, required=True)
    parser.add_argument("--out", type=Path, metavar="PATH", help="[default: the bundle's name, here]")
    parser.add_argument("--network", metavar="NAME", help="of a bundle with several networks, the one to export")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Copy what the bundle has; convert the rest."""
    bundle = load(given.bundle)
    network = _network(bundle.networks, given.network)
    out = given.out or Path(f"{bundle.folder.resolve().name}-{given.format}{SUFFIXES[given.format]}")
    require_new(out)
    with writing_to(out):
        if given.format in _COPIED:
            out.write_bytes((bundle.folder / _COPIED[given.format](network)).read_bytes())
        else:
            from plexus.runtime.backend import import_keras

            import_keras("tensorflow")  # whatever trained it: these formats are TensorFlow's
            from plexus.training.export import export

            export(bundle.folder / keras_file(network), given.format, out, bundle.task.package)
    return {"bundle": str(given.bundle), "format": given.format, "network": network, "file": str(out)}


def show(result: dict[str, Any]) -> Iterator[str]:
    """Where it is."""
    yield result["file"]


_COPIED = {"onnx": onnx_file, "keras": keras_file}


def _network(networks: Sequence[str], name: str | None) -> str:
    """Return the network to export: the only one, or the one of that name."""
    if name is None and len(networks) > 1:
        raise InputError(f"the bundle has the networks {', '.join(networks)}: choose one with --network")
    if name is not None and name not in networks:
        raise unknown("network", name, networks)
    return name or networks[0]
