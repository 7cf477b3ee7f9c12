"""Numbers for people."""


def number(value: float) -> str:
    """Format a number with four significant digits, or more if it is large: with all digits before the point.

    Args:
        value: The number.

    Returns:
        The number, with commas between groups of digits: `0.4567`, `4.145`, `30,066`; whole numbers without decimals.
        Only below 1e-4 and from 1e12 on it has an exponent.
    """
    is_whole = float(value).is_integer() or abs(value) >= 999.95  # which has four digits before the point
    return f"{value:,.0f}" if is_whole and abs(value) < 1e12 else f"{value:#.4g}"


def short(value: float) -> str:
    """Format a number with three digits and an SI prefix.

    Args:
        value: The number, at least 0.

    Returns:
        The number, a space and the prefix, for a unit to follow: `12.3 M`.
    """
    for prefix in ("", "k", "M", "G", "T"):
        if value < 999.5:
            return f"{value:.3g} {prefix}"
        value /= 1000
    return f"{value:.3g} P"
