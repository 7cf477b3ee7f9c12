"""Tables of Weka's format ARFF.

SciPy's reader knows no strings, and refuses quoted categories whose first row has no quotes.
"""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl

_ATTRIBUTE = re.compile(r"""(?im)^@attribute\s+('[^']*'|"[^"]*"|[^\s{]+)\s*(\{[^}]*\}|\S+)""")
_DATA = re.compile(r"(?im)^@data\b.*$")
_NUMBERS, _TEXTS = {"numeric", "real", "integer"}, {"string"}


def read_arff(file: Path) -> "pl.DataFrame":
    """Read ARFF; nominal attributes and strings become text, unknown values (`?`) missing.

    Args:
        file: The file.

    Returns:
        The table.

    Raises:
        InputError: If it is damaged, sparse, or has an attribute of another type.
    """
    import polars as pl

    content = file.read_text(errors="replace")
    mark = _DATA.search(content)
    attributes = [(name.strip("'\""), kind.lower()) for name, kind in _ATTRIBUTE.findall(content)] if mark else []
    if mark is None or not attributes:
        raise InputError(f"{file} is damaged or not ARFF: expected lines @attribute and a line @data")
    for name, kind in attributes:
        if not kind.startswith("{") and kind not in _NUMBERS | _TEXTS:
            raise InputError(
                f"{file}: attribute {name!r} is a {kind}; only numbers, categories and strings can be read: remove it"
            )
    rows = _read_rows(file, content, mark.end(), len(attributes))
    names = [name for name, _ in attributes]
    if len(set(names)) < len(names):
        raise InputError(f"{file} is damaged or not ARFF: expected different names of attributes")
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    numbers = [name for name, kind in attributes if kind in _NUMBERS]
    try:
        return table.with_columns(pl.col(numbers).cast(pl.Float64))
    except pl.exceptions.InvalidOperationError as error:
        raise InputError(f"{file} is damaged or not ARFF: {str(error)[:200]}") from error


def _read_rows(file: Path, content: str, start: int, attributes: int) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    for number, line in enumerate(content[start:].splitlines(), content.count("\n", 0, start) + 1):
        if not line.strip() or line.lstrip().startswith("%"):
            continue
        quote = '"' if '"' in line and "'" not in line else "'"
        cells = [cell.strip() for cell in next(csv.reader([line], quotechar=quote, skipinitialspace=True))]
        if len(cells) != attributes:
            raise InputError(
                f"{file} is damaged or not ARFF: line {number}: {len(cells)} values; there are {attributes} attributes"
            )
        rows.append([None if cell == "?" else cell for cell in cells])
    return rows
