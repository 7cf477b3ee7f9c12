"""Downloads from http(s) addresses, cached until the content changes."""

import json
import tempfile
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from plexus.data.archives import USER_BYTES, USER_FILES, is_archive, only_folder, unpack_archive
from plexus.errors import InputError, raise_system_error
from plexus.utils.files import sha256, write_whole
from plexus.utils.messages import note
from plexus.utils.user_settings import data_folder

if TYPE_CHECKING:
    import requests

_SECONDS = 30
_CHUNK = 1 << 20
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


def download(address: str) -> Path:
    """Download a file; unpack it if it is an archive.

    Each address has its own folder in the cache. Each time, the server is asked by `ETag` or `Last-Modified` whether
    the content has changed; without these the file is downloaded again. If the server cannot be reached, the cached
    copy is used, with a note.

    Args:
        address: The http(s) address. Archives are recognized by their suffix: `.zip`, `.tar`, `.tar.gz` and the like.

    Returns:
        The file, or the folder with the content of the archive; if that is one folder only, this folder.

    Raises:
        InputError: If the file cannot be downloaded, or the archive cannot be unpacked.
    """
    import requests

    try:
        place, checksum = _download(address)
    except (requests.RequestException, OSError, ValueError) as error:
        if getattr(error, "filename", None):  # of the disk, not of the connection
            raise_system_error(error, data_folder(), "write to")
        reason = " ".join(str(error).split())
        raise InputError(f"--data {address}: cannot be fetched ({type(error).__name__}: {reason})") from error
    if not is_archive(place.name):
        return place
    folder = place.with_name(f"unpacked-{checksum[:16]}")
    if folder.exists():
        return only_folder(folder)
    try:
        return unpack_archive(place, folder, most_bytes=USER_BYTES, most_files=USER_FILES)
    except InputError as error:
        raise InputError(f"--data {address}: {error}") from error


def _download(address: str) -> tuple[Path, str]:
    """Return the file in the cache, and its SHA-256."""
    import requests

    name = Path(urlparse(address).path).name
    folder = data_folder() / "downloads" / digest_of(address.encode()).hexdigest()[:32]
    place, record_file = folder / (name if name.strip(".") else "data"), folder.with_suffix(".json")
    record = _read_record(place, record_file)
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
        note(f"{urlparse(address).hostname} cannot be reached: using the cached {place}")
        return place, record["sha256"]


def _read_record(place: Path, file: Path) -> dict[str, str]:
    """Return validators and checksum of a cached file; nothing if it is missing or was changed."""
    try:
        record: dict[str, str] = json.loads(file.read_text())
        return record if record["sha256"] == sha256(place) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _store(response: "requests.Response", place: Path, record_file: Path) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".", delete=False) as target:
        temporary = Path(target.name)
        try:
            checksum = _copy(response, target)
            target.close()
            record_file.unlink(missing_ok=True)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
    write_whole(record_file, json.dumps(_validators(response) | {"sha256": checksum}))
    return checksum


def _validators(response: "requests.Response") -> dict[str, str]:
    """Return the headers by which the server can be asked whether the content has changed.

    `Last-Modified` has a resolution of one second: it is not used for a file that was written in the second of the
    download.
    """
    validators = {key: response.headers[key] for key in _VALIDATORS if key in response.headers}
    try:
        times = [parsedate_to_datetime(response.headers[key]) for key in ("Last-Modified", "Date")]
        reliable = times[0] + timedelta(seconds=1) < times[1]
    except (KeyError, ValueError, TypeError):
        reliable = False
    if not reliable:
        validators.pop("Last-Modified", None)
    return validators


def _copy(response: "requests.Response", target: Any) -> str:
    digest, count = digest_of(), 0
    for block in response.iter_content(_CHUNK):
        digest.update(block)
        target.write(block)
        count += len(block)
    expected = response.headers.get("Content-Length")
    if expected and "Content-Encoding" not in response.headers and count != int(expected):
        raise OSError(f"the connection ended after {count:,} of {int(expected):,} bytes")
    return digest.hexdigest()
