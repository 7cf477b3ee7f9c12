"""Galleries as single files: checksummed, optionally encrypted, written whole or not at all.

The file is a first line, the length of a JSON header, the header, the body and the SHA-256 checksum of everything
before it. The body is the length of the records, the records as JSON, and the embeddings as float32; a passphrase
encrypts it. First line and checksum are the same in every version of the format.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plexus import InputError
from plexus.utils.files import read_regular, writing_to
from plexus.utils.locks import locked
from plexus.utils.validation import first_error
from plexus_faces.gallery import Gallery
from plexus_faces.gallery_cipher import CipherHeader
from plexus_faces.gallery_schema import GalleryRecords

FORMAT = 1
MAX_BYTES, MAX_RECORD_BYTES = 1 << 30, 48 << 20
"""Largest file, and largest records in it."""
_MAGIC = b"PLEXUS-GALLERY\n"
_LENGTH, _CHECKSUM = 4, 32
_REMEDY = "restore it from a copy, or enrol the persons again"
_TOLERANCE = 1e-3


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    format: Annotated[int, Field(ge=1)]
    cipher: CipherHeader | None


def read_gallery(path: Path, passphrase: str | None = None, model: str | None = None) -> Gallery:
    """Read a gallery, which may come from anyone.

    Args:
        path: The file.
        passphrase: The passphrase of an encrypted gallery; None for one that is not encrypted.
        model: Fingerprint of the embedder that the gallery must have; None for any.

    Returns:
        The gallery.

    Raises:
        InputError: If it is not a gallery, of a newer format or of another model, a byte was changed, or the passphrase
            is missing, wrong or not needed; the line names the file.
    """
    _require_gallery(path)
    content = read_regular(path, MAX_BYTES, links=True)
    header_bytes, body = _split(content, path)
    header = _parse_header(header_bytes, path)
    if header.cipher is not None:
        body = _decrypt(header.cipher, body, passphrase, _MAGIC + header_bytes, path)
    elif passphrase is not None:
        raise InputError(f"{path} is not encrypted, but a passphrase was passed: omit it, or enrol into another file")
    gallery = _parse_body(body, path)
    if model is not None and gallery.model != model:
        raise InputError(
            f"{path} was enrolled with another model ({gallery.model[:12]}, not {model[:12]}), whose embeddings cannot "
            "be compared: use that model, or enrol the persons again"
        )
    return gallery


def write_gallery(gallery: Gallery, path: Path, passphrase: str | None = None) -> None:
    """Write a gallery whole or not at all, with access for its owner only (mode 0600).

    Blocks of the disk that held an earlier version are free afterwards, but only the file system overwrites them.

    Args:
        gallery: The gallery.
        path: The file, which is replaced.
        passphrase: Encrypts the gallery; None for a gallery that is not encrypted.

    Raises:
        InputError: If another process is changing the file, or it cannot be written.
    """
    with _locked(path) as file:
        _write(gallery, file, passphrase)


def change_gallery(
    path: Path, change: Callable[[Gallery], Gallery], passphrase: str | None = None, model: str | None = None
) -> Gallery:
    """Read a gallery, change it and write it, while no other process can change it.

    Args:
        path: The file.
        change: Returns the changed gallery; if it raises an error, the file stays as it is.
        passphrase: The passphrase of the gallery before and after.
        model: Fingerprint of the embedder that the gallery must have; then a file that does not exist is an empty
            gallery. None for any, and the file must exist.

    Returns:
        The changed gallery.

    Raises:
        InputError: If the gallery cannot be read or written, or another process is changing it.
    """
    if model is None:
        _require_gallery(path)
    with _locked(path) as file:
        is_new = model is not None and not os.path.lexists(file)
        gallery = change(Gallery(model or "") if is_new else read_gallery(path, passphrase, model))
        _write(gallery, file, passphrase)
    return gallery


def _require_gallery(path: Path) -> None:
    if not os.path.lexists(path):
        raise InputError(
            f"there is no gallery {path}: enrol a person first (plexus faces enrol BUNDLE PATH... --as NAME), "
            "or pass --gallery"
        )


@contextmanager
def _locked(path: Path) -> Iterator[Path]:
    """Lock a gallery; yield the file itself if the path is a link."""
    with writing_to(path.parent):
        file = Path(os.path.realpath(path))  # `resolve` raises an error of its own at a loop of links
    with locked(file.with_name(f".{file.name}.lock"), "changed", path):
        yield file


def _write(gallery: Gallery, file: Path, passphrase: str | None) -> None:
    if passphrase == "":
        raise InputError(f"{file}: the passphrase is empty: pass one, or none for a gallery that is not encrypted")
    content = _format(gallery, passphrase)
    if len(content) > MAX_BYTES:
        raise InputError(f"{file} would have {len(content):,} bytes, expected at most {MAX_BYTES:,}: split the gallery")
    temporary = file.with_name(f".{file.name}.partial")
    with writing_to(file.parent):
        temporary.unlink(missing_ok=True)  # of a process that was killed: it may hold persons who are to be forgotten
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)


def _format(gallery: Gallery, passphrase: str | None) -> bytes:
    records = GalleryRecords.of(gallery).model_dump_json().encode()
    if len(records) > MAX_RECORD_BYTES:
        raise InputError(f"the gallery's records have {len(records):,} bytes, expected at most {MAX_RECORD_BYTES:,}")
    body = _with_length(records) + gallery.embeddings.astype("<f4").tobytes()
    cipher = None if passphrase is None else CipherHeader.create()
    header = _with_length(_Header(format=FORMAT, cipher=cipher).model_dump_json().encode())
    if cipher is not None and passphrase is not None:
        body = cipher.encrypt(body, passphrase, _MAGIC + header)
    content = _MAGIC + header + body
    return content + hashlib.sha256(content).digest()


def _split(content: bytes, path: Path) -> tuple[bytes, memoryview]:
    """Check the checksum; return the header with its length, and the body."""
    if not content.startswith(_MAGIC):
        raise InputError(f"{path} is not a gallery: expected a file that `plexus faces enrol` wrote")
    view = memoryview(content)
    if hashlib.sha256(view[:-_CHECKSUM]).digest() != view[-_CHECKSUM:]:
        raise InputError(f"{path} was changed or cut off after it was written, its checksum is another one: {_REMEDY}")
    inner = view[len(_MAGIC) : -_CHECKSUM]
    end = _prefixed_length(inner, path)
    return bytes(inner[:end]), inner[end:]


def _parse_header(header: bytes, path: Path) -> _Header:
    try:
        parsed = _Header.model_validate_json(header[_LENGTH:])
    except ValidationError as error:
        raise _damaged(error, path) from error
    if parsed.format > FORMAT:
        raise InputError(f"{path} has format {parsed.format}, expected at most {FORMAT}: update plexus-faces")
    return parsed


def _decrypt(cipher: CipherHeader, body: memoryview, passphrase: str | None, header: bytes, path: Path) -> memoryview:
    if not passphrase:
        raise InputError(f"{path} is encrypted: pass its passphrase (environment variable PLEXUS_GALLERY_PASSPHRASE)")
    content = cipher.decrypt(bytes(body), passphrase, header)
    if content is None:
        raise InputError(f"{path}: the passphrase is wrong: pass the one that the gallery was enrolled with")
    return memoryview(content)


def _parse_body(body: memoryview, path: Path) -> Gallery:
    end = _prefixed_length(body, path)
    if end > MAX_RECORD_BYTES + _LENGTH:
        raise InputError(f"{path}: records of {end:,} bytes, expected at most {MAX_RECORD_BYTES:,}; {_REMEDY}")
    try:
        records = GalleryRecords.model_validate_json(bytes(body[_LENGTH:end]))
    except ValidationError as error:
        raise _damaged(error, path) from error
    pictures, dimension = records.shape
    if len(body) - end != pictures * dimension * 4 or bool(pictures) != bool(dimension):
        raise InputError(
            f"{path}: expected {pictures:,} embeddings of size {dimension:,} and no other bytes; {_REMEDY}"
        )
    embeddings = np.frombuffer(body[end:], "<f4").reshape(pictures, dimension).astype(np.float32)
    if not np.allclose(np.einsum("nd,nd->n", embeddings, embeddings), 1, rtol=0, atol=_TOLERANCE):
        raise InputError(f"{path}: expected embeddings of unit length; {_REMEDY}")
    try:
        return records.gallery(embeddings)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _with_length(content: bytes) -> bytes:
    return len(content).to_bytes(_LENGTH, "little") + content


def _prefixed_length(content: memoryview, path: Path) -> int:
    """Return the length of a part including its own length, which comes first."""
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    if end > len(content):
        raise InputError(f"{path}: a part of {end:,} bytes does not fit into the file; {_REMEDY}")
    return end


def _damaged(error: ValidationError, path: Path) -> InputError:
    return first_error(error, str(path), _REMEDY)
