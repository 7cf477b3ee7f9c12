"""Survey of the bytes of a text file: encoding, quotes, blank lines."""

import codecs
from pathlib import Path

from plexus.errors import InputError

MAX_LINE = 1 << 25
"""Bytes of a line."""
UTF_16 = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
_ODD = (b"\n\n", b"\n\r\n", b"\n \n", b"\n \r\n", b"\n\t\n", b', "', b'; "', b'| "')
"""Blank lines, and blanks before a quote."""
CP1252_UNDEFINED = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")


class TextSurvey:
    """Looks at the bytes of a text file, a block at a time.

    Args:
        file: The file, for messages.

    Attributes:
        is_plain: Whether nothing was seen that needs a slower reader: blank lines, lone carriage returns, odd quotes.

    Example:
        ```python
        survey = TextSurvey(Path("payments.csv"))
        survey.add(b"time,amount")
        survey.encoding()  # "utf-8-sig"
        ```
    """

    def __init__(self, file: Path) -> None:
        self._file, self._decoder = file, codecs.getincrementaldecoder("utf-8")()
        self._start, self._last, self._place = b"", b"", 0
        self._is_utf8, self._has_undefined, self._quotes, self._line_bytes = True, False, 0, 0
        self.is_plain = True

    @property
    def has_quotes(self) -> bool:
        """Whether there is a quote."""
        return self._quotes > 0

    def add(self, block: bytes) -> None:
        """Look at the next block.

        Args:
            block: The bytes.

        Raises:
            InputError: If they are not those of a table of text.
        """
        self.is_plain = self.is_plain and (bool(self._start) or block[:1] not in {b"\n", b"\r"})
        self._start = self._start or block[:4]
        if not self._is_utf16 and b"\0" in block:
            place = self._place + block.index(b"\0")
            raise InputError(
                f"{self._file} is damaged or not what its name says: byte {place:,} is 0, which no text has"
            )
        self._place += len(block)
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._line_bytes = self._line_bytes + len(block) if end < 0 else len(block) - end
        if self._line_bytes > MAX_LINE:
            raise InputError(f"{self._file}: a line has more than {MAX_LINE:,} bytes: expected a table of rows")
        if self._is_utf8:
            try:
                self._decoder.decode(block)
            except UnicodeDecodeError:
                self._is_utf8 = False
        self._has_undefined = self._has_undefined or single_byte_encoding(block) == "latin-1"
        self._quotes += block.count(b'"')
        joined = self._last + block
        lone_returns = joined.count(b"\r", 0, -1) - joined.count(b"\r\n")
        self.is_plain = self.is_plain and lone_returns <= 0 and not any(pattern in joined for pattern in _ODD)
        self._last = block[-3:]

    @property
    def _is_utf16(self) -> bool:
        return self._start[:2] in UTF_16

    def encoding(self) -> str:
        """Return the encoding; what is not UTF-8 is that of Windows, or Latin-1 if that has no such byte.

        Returns:
            `utf-8-sig`, `utf-16`, `cp1252` or `latin-1`.
        """
        self.is_plain = self.is_plain and self._quotes % 2 == 0
        if self._is_utf16:
            return "utf-16"
        if self._is_utf8:
            return "utf-8-sig"
        return "latin-1" if self._has_undefined else "cp1252"


def single_byte_encoding(content: bytes) -> str:
    """Return the encoding of a text that is not Unicode: that of Windows, or Latin-1 if that has no such byte.

    Args:
        content: The bytes.

    Returns:
        `cp1252` or `latin-1`.
    """
    return "latin-1" if any(byte in content for byte in CP1252_UNDEFINED) else "cp1252"
