"""`plexus serve`."""

import argparse
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.cli.parser import add_import_argument
from plexus.errors import InputError
from plexus.inference.models import find_bundle, shipped_models
from plexus.plugins.registry import registry
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.app import AnyApp
    from plexus.codec import JsonObject
    from plexus.utils.option_group import OptionGroup

MIN_KEY_LENGTH = 16
LIMITS = {
    "megabytes": (32, "size of a request"),
    "megapixels": (50, "size of an image"),
    "characters": (1_000_000, "length of a text"),
    "audio-seconds": (600, "length of a recording"),
    "requests": (256, "requests that are processed or wait; further ones get status 503"),
    "seconds": (30, "time to answer a request"),
    "batch": (64, "inputs that are predicted together, if that many wait; 1: each request on its own"),
}
"""Default and help of each --max flag."""
MAX_EXPLAINED_WORDS = 2000
"""Words of a text that is explained word by word, each of which takes some milliseconds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument(
        "bundles",
        nargs="*",
        default=[],
        metavar="BUNDLE",
        help="folders of bundles, or TASK/NAME of shipped models [default: all shipped models]",
    )
    add_server_arguments(parser)


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a server: address, keys, limits.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on [default: 127.0.0.1, local only]"
    )
    parser.add_argument(
        "--port", type=int, default=8000, metavar="N", help="port to listen on; 0: any free port [default: 8000]"
    )
    parser.add_argument(
        "--api-key-file",
        type=Path,
        metavar="FILE",
        help=f"file with one key per line, at least {MIN_KEY_LENGTH} characters each; requests need one of the keys",
    )
    parser.add_argument("--insecure", action="store_true", help="allow requests of other machines without a key")
    for name, (default, description) in LIMITS.items():
        parser.add_argument(
            f"--max-{name}", type=int, default=default, metavar="N", help=f"{description} [default: {default}]"
        )
    add_import_argument(parser)


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Serve until SIGTERM or Ctrl-C; requests that are being processed then are still answered.

    Args:
        arguments: The parsed arguments.

    Returns:
        `address`, `models` (names) and `requests` (number).

    Raises:
        InputError: If a bundle cannot be opened, or an argument is wrong.
    """
    # Of all shipped models, clients use a few.
    is_named = bool(arguments.bundles)
    return serve_until_stopped(arguments, lambda: bundle_folders(arguments.bundles), open_networks=is_named)


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The number of requests.
    """
    yield f"stopped; {result['requests']:,} requests were answered"


def serve_until_stopped(
    arguments: argparse.Namespace,
    folders: Callable[[], list[Path]],
    pages: "Mapping[str, tuple[AnyApp, OptionGroup | None]] | None" = None,
    browser: bool = False,
    open_networks: bool = True,
    build_pages: bool = False,
) -> "JsonObject":
    """Check the server's arguments, and serve.

    Args:
        arguments: The parsed arguments of `add_server_arguments`.
        folders: Returns the folders of the bundles, at the start and whenever the server reloads.
        pages: Apps and the options of their pages, by id, which are served with Studio; None: the HTTP interface alone.
        browser: Whether to open the pages in a browser.
        open_networks: Whether the networks of all bundles are opened now; otherwise each one when it is first used.
        build_pages: Whether to build the pages of apps now; by default each one when it is first opened.

    Returns:
        `address`, `models` (names) and `requests` (number).

    Raises:
        InputError: If a bundle cannot be opened, or an argument is wrong.
    """
    keys = _read_keys(arguments.api_key_file)
    if not keys and not arguments.insecure and not _is_local(arguments.host):
        raise InputError(
            f"--host {arguments.host} allows requests of other machines: pass --api-key-file, or --insecure"
        )
    limits = {name: getattr(arguments, f"max_{name.replace('-', '_')}") for name in LIMITS}
    for name, value in limits.items():
        if value < 1:
            raise InputError(f"--max-{name} must be 1 or more, not {value}")
    from plexus.inference.limits import InputLimits, set_input_limits
    from plexus.serve.limits import ServerLimits
    from plexus.serve.server import serve

    set_input_limits(
        InputLimits(
            pixels=limits["megapixels"] * 10**6,
            seconds=limits["audio-seconds"],
            characters=limits["characters"],
            explained_words=MAX_EXPLAINED_WORDS,
        )
    )
    server_limits = ServerLimits(limits["megabytes"] << 20, limits["requests"], limits["seconds"], limits["batch"])
    return serve(
        folders, arguments.host, arguments.port, keys, server_limits, pages, browser, open_networks, build_pages
    )


def bundle_folders(names: Sequence[str]) -> list[Path]:
    """Return the folders of bundles.

    Args:
        names: Folders, or names of shipped models; none: all shipped models.

    Returns:
        The folders.

    Raises:
        InputError: If there is no such bundle, or none is shipped.
    """
    packages = registry().packages
    folders = [find_bundle(name, packages) for name in names] or list(shipped_models(packages).values())
    if not folders:
        raise InputError("missing argument BUNDLE: no shipped models are installed")
    return folders


def _read_keys(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        keys = [line.strip() for line in file.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--api-key-file {file} cannot be read: {error}") from error
    if not keys or not all(key.isascii() and len(key) >= MIN_KEY_LENGTH for key in keys):
        raise InputError(
            f"--api-key-file {file}: expected one key per line, at least {MIN_KEY_LENGTH} ASCII characters each"
        )
    return keys


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        note(f"plexus: --host {host} is a name: other machines may reach it")
        return False
