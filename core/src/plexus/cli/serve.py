"""`plexus serve`."""

import argparse
import ipaddress
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from plexus.app import AnyApp
from plexus.errors import InputError
from plexus.inference.limits import LIMITS

LIMITED = {
    "megabytes": (32, "of a request"),
    "megapixels": (50, "of a picture"),
    "audio-seconds": (600, "of a recording"),
    "requests": (256, "worked on or waiting, beyond which others are told to come again"),
    "seconds": (30, "until a request is answered"),
    "batch": (64, "inputs that are answered together, if so many wait; 1: each request on its own"),
}


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus serve --help`."""
    parser.add_argument("bundles", nargs="*", type=Path, metavar="BUNDLE", help="[default: all under models/]")
    add_flags(parser)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Those of all that listens."""
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="[default: 127.0.0.1, this machine only]"
    )
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="0: one that is free [default: 8000]")
    parser.add_argument("--api-key-file", type=Path, metavar="FILE", help="one key a line, of which requests bring one")
    parser.add_argument("--insecure", action="store_true", help="let other machines ask without a key")
    for name, (default, what) in LIMITED.items():
        flag = f"--max-{name}"
        parser.add_argument(flag, type=int, default=default, metavar="N", help=f"{what} [default: {default}]")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Serve until asked to stop; requests that are being answered then are answered to their end."""
    return listen(given, lambda: folders(given.bundles))


def listen(
    given: argparse.Namespace,
    folders: Callable[[], list[Path]],
    pages: Mapping[str, tuple[AnyApp, Any]] | None = None,
    browser: bool = False,
) -> dict[str, Any]:
    """Check what was given, and serve.

    Args:
        given: the flags.
        folders: gives those of the bundles.
        pages: apps with their flags, by id.
        browser: whether to open them in one.
    """
    keys = _keys(given.api_key_file)
    if not keys and not given.insecure and not _is_local(given.host):
        raise InputError(f"--host {given.host} lets other machines ask: give --api-key-file, or say --insecure")
    most = {name: getattr(given, f"max_{name.replace('-', '_')}") for name in LIMITED}
    for name, value in most.items():
        if value < 1:
            raise InputError(f"--max-{name} must be 1 or more, not {value}")
    LIMITS.pixels, LIMITS.seconds = most["megapixels"] * 10**6, most["audio-seconds"]
    from plexus.serve.limits import Bounds
    from plexus.serve.server import serve

    bounds = Bounds(most["megabytes"] << 20, most["requests"], most["seconds"], most["batch"])
    return serve(folders, given.host, given.port, keys, bounds, pages or {}, browser)


def show(result: dict[str, Any]) -> Iterator[str]:
    """What was served."""
    yield f"stopped; {result['requests']:,} requests were answered"


def folders(given: list[Path]) -> list[Path]:
    """Those that are named, else all under models/ here.

    Raises:
        InputError: there are none.
    """
    folders = given or [file.parent for file in sorted(Path("models").glob("*/*/bundle.json"))]
    if not folders:
        raise InputError("which BUNDLE? there is none under models/ here")
    return folders


def _keys(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        keys = [line.strip() for line in file.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--api-key-file {file} cannot be read: {error}") from error
    if not keys or not all(key.isascii() and len(key) >= 16 for key in keys):
        raise InputError(f"--api-key-file {file}: lines of a key each, 16 letters or more, are wanted")
    return keys


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        print(f"plexus: --host {host} is a name: other machines may reach it", file=sys.stderr)  # noqa: T201
        return False
