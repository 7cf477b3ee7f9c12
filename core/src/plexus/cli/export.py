"""`plexus export`."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError, unknown
from plexus.inference.bundle_format import ROUNDED_FORMATS
from plexus.utils.files import require_new, writing_to

if TYPE_CHECKING:
    from plexus.bundle import Bundle
    from plexus.codec import JsonObject

SUFFIXES = {"onnx": ".onnx", "saved_model": "", "litert": ".tflite", "keras": ".keras"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("bundle", metavar="BUNDLE", help="folder of a bundle, or TASK/NAME of a shipped model")
    format_argument = parser.add_argument(
        "--format",
        required=True,
        metavar="FORMAT",
        help=f"format to export to: {', '.join((*SUFFIXES, *ROUNDED_FORMATS))}, or one that the bundle's task adds",
    )
    format_argument.completions = [*SUFFIXES, *ROUNDED_FORMATS]  # type: ignore[attr-defined]  # for `plexus.cli.completion`
    parser.add_argument(
        "--out", type=Path, metavar="PATH", help="file or folder to write [default: the bundle's name, in this folder]"
    )
    parser.add_argument("--network", metavar="NAME", help="network to export, for bundles with several networks")


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Copy the network's file, convert it, or write the whole model in another format.

    Args:
        arguments: The parsed arguments.

    Returns:
        `bundle`, `format`, `network` (null for a format that holds all networks), `file`.

    Raises:
        InputError: If the bundle cannot be opened, has no such network or no Keras file of it, if there is no such
            format, the file exists, or the data that the metrics of a compact bundle need cannot be used here.
    """
    from plexus.api import load
    from plexus.bundle import keras_file, onnx_file

    bundle = load(arguments.bundle)
    formats = export_formats(bundle)
    if arguments.format not in formats:
        raise InputError(f"argument --format: invalid choice: {arguments.format!r} (choose from {', '.join(formats)})")
    if arguments.format not in SUFFIXES:
        return _export_model(bundle, arguments)
    network = _find_network(bundle.networks, arguments.network)
    out = arguments.out or Path(f"{bundle.folder.resolve().name}-{arguments.format}{SUFFIXES[arguments.format]}")
    source = (onnx_file if arguments.format == "onnx" else keras_file)(network)
    if source not in bundle.manifest["files"]:
        raise InputError(f"{arguments.bundle} has no {source}, only ONNX networks: use --format onnx")
    require_new(out)
    with writing_to(out):
        _export(bundle, bundle.folder / source, arguments.format, out)
    return {"bundle": arguments.bundle, "format": arguments.format, "network": network, "file": str(out)}


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The file.
    """
    yield result["file"]


def _export(bundle: "Bundle", source: Path, format: str, out: Path) -> None:
    if source.suffix == SUFFIXES[format]:
        out.write_bytes(source.read_bytes())
        return
    from plexus.runtime.backend import import_keras

    import_keras("tensorflow")  # whatever trained the bundle: only TensorFlow writes these formats
    from plexus.training.export import export

    export(source, format, out, bundle.task.package)


def export_formats(bundle: "Bundle") -> Sequence[str]:
    """Return the formats that a bundle can be exported to.

    Args:
        bundle: The bundle.

    Returns:
        Those of one network, then those that hold all networks: a smaller bundle, and the formats of its task.
    """
    from plexus.tasks.abilities import ExportsFormats

    return (
        *SUFFIXES,
        *ROUNDED_FORMATS,
        *(bundle.task.export_formats if isinstance(bundle.task, ExportsFormats) else ()),
    )


def _export_model(bundle: "Bundle", arguments: argparse.Namespace) -> "JsonObject":
    """Write a model as a whole: as a smaller bundle, or in a format of its task."""
    if arguments.network is not None:
        raise InputError(f"--network: the format {arguments.format} holds all networks: omit it")
    out = arguments.out or Path(f"{bundle.folder.resolve().name}-{arguments.format}")
    require_new(out)
    with writing_to(out):
        _write_model(bundle, arguments.format, out)
    return {"bundle": arguments.bundle, "format": arguments.format, "network": None, "file": str(out)}


def _write_model(bundle: "Bundle", format: str, out: Path) -> None:
    if format in ROUNDED_FORMATS:
        from plexus.training.compact_bundle import write_compact_bundle

        write_compact_bundle(bundle, out, ROUNDED_FORMATS[format])
        return
    from plexus.runtime.backend import import_keras

    import_keras("tensorflow")
    bundle.task.export_model(bundle.folder, format, out)  # type: ignore[attr-defined]


def _find_network(networks: Sequence[str], name: str | None) -> str:
    """Return the network of that name; without a name the only one."""
    if name is None and len(networks) > 1:
        raise InputError(f"the bundle has the networks {', '.join(networks)}: choose one with --network")
    if name is not None and name not in networks:
        raise unknown("network", name, networks)
    return name or networks[0]
