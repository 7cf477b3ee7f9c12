"""Files from http(s) addresses, each fetched once and again when it changes."""

import json
import tempfile
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from plexus.data.archives import is_archive, only_folder, unpack_archive
from plexus.errors import InputError
from plexus.utils.files import sha256, write_whole
from plexus.utils.messages import note
from plexus.utils.user_settings import data_folder

if TYPE_CHECKING:
    import requests

MOST_BYTES, MOST_FILES = 64 << 30, 2_000_000
"""Of an archive that the user names; more than of one that a visitor of a page brings."""
_SECONDS = 30
_CHUNK = 1 << 20
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


def download(address: str) -> Path:
    """The file at an http(s) address, or the folder of the archive at it.

    Each address has a folder of its own in the cache. The server is asked every time whether the content has changed,
    by its `ETag` or `Last-Modified`; without these it is fetched again. If the server cannot be reached, the copy in
    the cache is used, and a note says so.

    Args:
        address: The address. An archive is one by its name: `.zip`, `.tar`, `.tar.gz` and the like.

    Returns:
        The file, or the folder into which the archive was unpacked; if that has one folder only, that one.

    Raises:
        InputError: It cannot be fetched, or the archive cannot be unpacked.
    """
    import requests

    try:
        place, checksum = _fetched(address)
    except (requests.RequestException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"--data {address}: cannot be fetched ({type(error).__name__}: {reason})") from error
    if not is_archive(place.name):
        return place
    folder = place.with_name(f"unpacked-{checksum[:16]}")
    if folder.exists():
        return only_folder(folder)
    try:
        return unpack_archive(place, folder, most_bytes=MOST_BYTES, most_files=MOST_FILES)
    except InputError as error:
        raise InputError(f"--data {address}: {error}") from error


def _fetched(address: str) -> tuple[Path, str]:
    """The file in the cache, and its SHA-256."""
    import requests

    name = Path(urlparse(address).path).name
    folder = data_folder() / "downloads" / digest_of(address.encode()).hexdigest()[:32]
    place, record_file = folder / (name if name.strip(".") else "data"), folder.with_suffix(".json")
    record = _record(place, record_file)
    headers = {"Accept-Encoding": "identity"}
    headers |= {_VALIDATORS[key]: value for key, value in record.items() if key in _VALIDATORS}
    try:
        with requests.get(address, stream=True, timeout=_SECONDS, headers=headers) as response:
            if record and response.status_code == requests.codes.not_modified:
                return place, record["sha256"]
            response.raise_for_status()
            return place, _store(response, place, record_file)
    except (requests.ConnectionError, requests.Timeout):
        if not record:
            raise
        note(f"{urlparse(address).hostname} cannot be reached: {place}, fetched before, is used")
        return place, record["sha256"]


def _record(place: Path, file: Path) -> dict[str, str]:
    """What is known of a file in the cache; nothing if it is not there, or is not what was fetched."""
    try:
        record: dict[str, str] = json.loads(file.read_text())
        return record if record["sha256"] == sha256(place) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _store(response: "requests.Response", place: Path, record_file: Path) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".", delete=False) as target:
        beside = Path(target.name)
        try:
            checksum = _copy(response, target)
            target.close()
            record_file.unlink(missing_ok=True)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)
    write_whole(record_file, json.dumps(_validators(response) | {"sha256": checksum}))
    return checksum


def _validators(response: "requests.Response") -> dict[str, str]:
    """What the server can be asked with whether the content has changed.

    `Last-Modified` counts in seconds: of a file written in the second in which it was fetched it cannot tell.
    """
    found = {key: response.headers[key] for key in _VALIDATORS if key in response.headers}
    try:
        times = [parsedate_to_datetime(response.headers[key]) for key in ("Last-Modified", "Date")]
        settled = times[0] + timedelta(seconds=1) < times[1]
    except (KeyError, ValueError, TypeError):
        settled = False
    if not settled:
        found.pop("Last-Modified", None)
    return found


def _copy(response: "requests.Response", target: Any) -> str:
    digest, count = digest_of(), 0
    for block in response.iter_content(_CHUNK):
        digest.update(block)
        target.write(block)
        count += len(block)
    promised = response.headers.get("Content-Length")
    if promised and "Content-Encoding" not in response.headers and count != int(promised):
        raise OSError(f"the connection ended after {count:,} of {int(promised):,} bytes")
    return digest.hexdigest()
