"""Terms of a glossary as people write them."""

from plexus import InputError

SEPARATOR = "="


def parse_terms(text: str) -> dict[str, str]:
    """Read a glossary from a text.

    Args:
        text: A term and its translation per line, with `=` between; empty lines are skipped.

    Returns:
        Translation of each term.

    Raises:
        InputError: If a line is something else, or a term has two translations; the message names the line.
    """
    terms: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        term, separator, translation = (part.strip() for part in line.partition(SEPARATOR))
        if not (term and separator and translation):
            raise InputError(
                f"glossary, line {number}: expected a term and its translation with {SEPARATOR} between, such as "
                f"house {SEPARATOR} maison; found {line.strip()[:40]!r}"
            )
        if terms.setdefault(term, translation) != translation:
            raise InputError(f"glossary, line {number}: {term!r} has two translations: remove one")
    return terms
