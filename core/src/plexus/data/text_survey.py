"""Survey of the bytes of a text file: encoding, quotes, blank lines."""

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

from plexus.errors import InputError

MAX_LINE = 1 << 25
"""Bytes of a line."""
UTF_16 = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
_ODD = (b"\n\n", b"\n\r\n", b"\n \n", b"\n \r\n", b"\n\t\n", b', "', b'; "', b'| "')
"""Blank lines, and blanks before a quote."""
MAX_IN_RUNS = 0.2
"""Share of the bytes from 0x80 on, in a text that is not UTF-8, that may be in runs of `MIN_RUN` or more."""
MIN_RUN = 4
MAX_REPEATED = 2
"""Different bytes of a run that is no word."""
MIN_DIFFERENT = 8
"""Different bytes from 0x80 on of a text that may be one of two bytes per letter: signs like the euro's are fewer."""
_UNDEFINED, _LONG_RUN = re.compile(rb"[\x81\x8d\x8f\x90\x9d]"), re.compile(rb"[\x80-\xff]{%d,}" % MIN_RUN)
_PUNCTUATION = "\u2026\u2018\u2019\u201c\u201d\u2013\u2014«»\xa0".encode("cp1252")
_ASCII = bytes(range(128))
_NO_LETTERS = bytes(byte for byte in range(256) if not (byte < 128 and chr(byte).isalpha()))


class TextSurvey:
    """Looks at the bytes of a text file, a block at a time.

    Args:
        file: The file, for messages.

    Attributes:
        is_plain: Whether nothing was seen that needs a slower reader: blank lines, lone carriage returns, odd quotes.
        invalid: Place of the first byte that is not UTF-8; None if there is none.

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
        self._quotes, self._line_bytes = 0, 0
        self.is_plain = True
        self.invalid: int | None = None

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
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._line_bytes = self._line_bytes + len(block) if end < 0 else len(block) - end
        if self._line_bytes > MAX_LINE:
            raise InputError(f"{self._file}: a line has more than {MAX_LINE:,} bytes: expected a table of rows")
        if self.invalid is None:
            try:
                self._decoder.decode(block)
            except UnicodeDecodeError as error:
                self.invalid = self._place + len(block) - len(error.object) + error.start
        self._place += len(block)
        self._quotes += block.count(b'"')
        joined = self._last + block
        lone_returns = joined.count(b"\r", 0, -1) - joined.count(b"\r\n")
        self.is_plain = self.is_plain and lone_returns <= 0 and not any(pattern in joined for pattern in _ODD)
        self._last = block[-3:]

    @property
    def _is_utf16(self) -> bool:
        return self._start[:2] in UTF_16

    def encoding(self) -> str:
        """Return the encoding; what is not UTF-8 is Windows-1252, see `require_western`.

        Returns:
            `utf-8-sig`, `utf-16` or `cp1252`.
        """
        self.is_plain = self.is_plain and self._quotes % 2 == 0
        if self._is_utf16:
            return "utf-16"
        return "utf-8-sig" if self.invalid is None else "cp1252"


def require_western(blocks: Iterable[bytes], name: str, invalid: int) -> None:
    """Refuse a text that is not UTF-8 and, by its bytes, no Western one in Windows-1252 either.

    Words of Cyrillic, Greek, Chinese or Japanese letters are long runs of bytes from 0x80 on; in Western texts two such
    letters rarely meet. Runs of one or two different bytes are dashes and dots, and quotes may stand around a word. In
    Big5 and Shift-JIS the second byte of a letter may be ASCII; then there are many different bytes from 0x80 on, more
    than ASCII letters.

    Args:
        blocks: Its bytes, in parts.
        name: Its file, for messages.
        invalid: Place of the first byte that is not UTF-8.

    Raises:
        InputError: If it has a byte that Windows-1252 does not define, or too many of its bytes are in long runs, or
            from 0x80 on.
    """
    high = in_runs = letters = 0
    different: set[int] = set()
    for block in blocks:
        outside = block.translate(None, _ASCII)
        odd = _UNDEFINED.search(outside)
        if odd:
            raise _not_western(name, invalid, f"has a byte 0x{odd[0].hex()}, which Windows-1252 does not define")
        high, letters = high + len(outside), letters + len(block.translate(None, _NO_LETTERS))
        different.update(outside)
        words = (run.strip(_PUNCTUATION) for run in _LONG_RUN.findall(block))
        in_runs += sum(len(word) for word in words if len(word) >= MIN_RUN and len(set(word)) > MAX_REPEATED)
    is_dense = len(different) >= MIN_DIFFERENT and high > letters
    if in_runs > MAX_IN_RUNS * high or is_dense:
        raise _not_western(name, invalid, "is no Western text in Windows-1252 by its letters")


def _not_western(name: str, invalid: int, reason: str) -> InputError:
    return InputError(f"{name} is not UTF-8 (byte {invalid:,}), and {reason}: save it as UTF-8")
