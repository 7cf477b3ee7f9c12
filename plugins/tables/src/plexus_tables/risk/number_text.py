"""Numbers of a table as text."""


def number_text(value: float) -> str:
    """Format a number with six digits, and a large one without an exponent.

    Args:
        value: The number.

    Returns:
        The text: `0.25`, `3913.5`, `1234567`.
    """
    return f"{value:.0f}" if 1e5 <= abs(value) < 1e15 else f"{value:.6g}"
