"""Arguments of environments: parsing those of `--data`, and restricting those of bundles."""

import json
import re
from urllib.parse import parse_qsl

from plexus.codec import JsonObject

RESERVED = {"id", "render_mode", "disable_env_checker", "num_envs", "vectorization_mode", "vector_kwargs", "wrappers"}
"""Arguments of `gymnasium.make` that Plexus sets."""
WORD = re.compile(r"[\w +-]{0,64}", re.ASCII)
"""The texts that a bundle may pass to an environment: without slash, colon and dot they name no file (such as MuJoCo's
`xml_file`), no address and no `module:name`, and suffice for choices such as `map_name=8x8`."""


def parse_arguments(query: str) -> JsonObject:
    """Parse the arguments of an environment, `name=value&…`.

    Args:
        query: The text after the question mark of `--data`.

    Returns:
        Values by name: JSON where the text is JSON, else the text.
    """
    return {name: _parse_value(text) for name, text in parse_qsl(query)}


def argument_error(arguments: object) -> str | None:
    """Return why a bundle must not pass arguments to an environment, whatever the environment.

    Args:
        arguments: What the bundle has as the arguments.

    Returns:
        The reason; None if they are allowed.
    """
    if not isinstance(arguments, dict):
        return f"expected arguments by name, found {arguments!r}"
    for name, value in arguments.items():
        if name in RESERVED or not name.isidentifier():
            return f"{name!r} is not an argument that a bundle can set"
        if not isinstance(value, bool | int | float | str | None):
            return f"argument {name}: expected a number, a string or a Boolean, found {value!r}"
        if isinstance(value, str) and not WORD.fullmatch(value):
            return f"argument {name}: expected a word that cannot be a path or an address, found {value!r}"
    return None


def _parse_value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value
