"""How things look in a notebook."""

from collections.abc import Iterable
from html import escape


def table(title: str, rows: Iterable[tuple[str, object]]) -> str:
    """HTML: a title over rows of a name and a value; numbers are rounded."""
    cells = "".join(
        f"<tr><td style='text-align:left'>{escape(name)}</td><td>{escape(_rounded(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table><caption style='text-align:left'>{escape(title)}</caption>{cells}</table>"


def _rounded(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
