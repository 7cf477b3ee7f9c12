"""Tables of Weka's format ARFF."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl


def read_arff(file: Path) -> "pl.DataFrame":
    """Read ARFF with SciPy; nominal attributes become text, their unknown values (`?`) missing.

    Args:
        file: The file.

    Returns:
        The table.

    Raises:
        InputError: If it is damaged, or has an attribute of another type.
    """
    import polars as pl
    from scipy.io import arff

    header = re.split(r"(?im)^@data", file.read_text(errors="replace"))[0]
    other = re.search(r"(?im)^@attribute\s+('[^']*'|\S+)\s+(string|date|relational)", header)
    if other:
        raise InputError(
            f"{file}: attribute {other[1]} is a {other[2].lower()}; only numbers and categories can be read: remove it"
        )
    try:
        data, meta = arff.loadarff(file)
    except (ValueError, IndexError, StopIteration, arff.ArffError, NotImplementedError) as error:
        raise InputError(f"{file} is damaged or not ARFF: {str(error)[:300]}") from error
    columns = {}
    for name in meta.names():
        values = data[name]
        if meta[name][0] == "nominal":
            text = [value.decode() for value in values.tolist()]
            columns[name] = pl.Series([None if value == "?" else value for value in text], dtype=pl.String)
        else:
            columns[name] = pl.Series(values.astype(float)).fill_nan(None)
    return pl.DataFrame(columns)
