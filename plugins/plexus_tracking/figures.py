"""An epoch's figures, as trackers have them."""

from typing import Any


def figures(line: dict[str, Any]) -> dict[str, float]:
    """The numbers of a line of the log, those of a layer under its name: `gradients/dense_1`."""
    found: dict[str, float] = {}
    for name, value in line.items():
        if isinstance(value, dict):
            found |= {f"{name}/{part}": float(number) for part, number in value.items()}
        else:
            found[name] = float(value)
    return found
