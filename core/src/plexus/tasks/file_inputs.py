"""Raw inputs that are files of one kind."""

from pathlib import Path
from typing import ClassVar

from plexus.codec import Codec, Input
from plexus.data.archives import opened_folder
from plexus.data.folders import FileKind, find_files
from plexus.errors import InputError
from plexus.utils.files import read_standard_input
from plexus.utils.printable import printable


class FileInputs:
    """Mixin for tasks whose raw input is a file: files, folders, archives, and requests.

    With it a task is `Servable`.

    Attributes:
        file_kind: The kind of files that folders and archives are searched for.
        request_description: What one value of a request holds: `the bytes of an image, as a file`.

    Example:
        ```python
        class Digitize(FileInputs, Task[ScanDataset, ScanCodec, ScanOptions]):
            file_kind = FileKind("PDF files", {".pdf"}, lambda head, suffix: head.startswith(b"%PDF-"))
            request_description = "the bytes of a PDF file, as a file"
        ```
    """

    file_kind: ClassVar[FileKind]
    request_description: ClassVar[str]

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return a file, all files of a folder or an archive, or the bytes of one on standard input (`-`).

        Args:
            argument: The argument.

        Returns:
            Pairs of a name and a file; the name of a file in an archive begins with that of the archive.

        Raises:
            InputError: If a folder or an archive has no file of the kind, or cannot be read.
        """
        if argument == "-":
            return [(argument, read_standard_input())]
        with opened_folder(Path(argument)) as folder:
            if folder is None:
                return [(argument, Path(argument))]
            return [(printable(str(file)), file) for file in find_files(folder, self.file_kind)]

    def parse_request(self, codec: Codec, value: Input) -> bytes:
        """Return the bytes of a file.

        Args:
            codec: The codec.
            value: The bytes of a file.

        Returns:
            The bytes.

        Raises:
            InputError: If the value is not a file.
        """
        if not isinstance(value, bytes):
            raise InputError(f"expected {self.request_description}, got {type(value).__name__}")
        return value
