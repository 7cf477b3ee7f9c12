"""Times for people."""


def duration(seconds: float) -> str:
    """Format a time with its two largest units.

    Args:
        seconds: The time in seconds.

    Returns:
        The time: `2 h 5 min`, `3 min 20 s`, `12 s`.
    """
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
