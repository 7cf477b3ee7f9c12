"""Extras of the suite's distributions that install a missing module."""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires


def requirement_of(module: str, distributions: Iterable[str]) -> str | None:
    """Return what installs a module.

    Args:
        module: Name of the module.
        distributions: Distributions whose extras are searched, in order.

    Returns:
        A requirement such as `plexus-core[serve]`; None if no extra has the module.
    """
    name = _normalize(module.split(".")[0])
    for distribution in distributions:
        for line in _requirements(distribution):
            extra = re.search(r"""extra == ["']([\w-]+)""", line)
            if extra and _normalize(re.split(r"[^\w.-]", line)[0]) == name:
                return f"{distribution}[{extra[1]}]"
    return None


def _requirements(distribution: str) -> list[str]:
    try:
        return requires(distribution) or []
    except PackageNotFoundError:  # a plugin that is a file on the path
        return []


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
