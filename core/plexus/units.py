"""Numbers for people."""


def short(value: float) -> str:
    """Three digits and a prefix of the SI: `12.3 M`."""
    for prefix in ("", "k", "M", "G", "T"):
        if value < 999.5:
            return f"{value:.3g} {prefix}"
        value /= 1000
    return f"{value:.3g} P"
