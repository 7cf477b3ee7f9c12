"""Names of games with parameters, as OpenSpiel writes them."""

import re
from dataclasses import dataclass, field
from typing import Self

from plexus import InputError

MAX_LENGTH = 1000
NAME = re.compile(r"([a-z][a-z0-9_]{0,63})(?:\((.*)\))?", re.ASCII)
PARAMETER = re.compile(r"([a-z][a-z0-9_]{0,63})\s*=\s*([a-z0-9_.+-]{1,32})", re.ASCII | re.IGNORECASE)
"""A value has no slash, bracket or colon: it is no path and no other game, as a bundle may come from anyone."""


@dataclass(frozen=True)
class GameName:
    """Name and parameters of a game.

    Args:
        name: Name that OpenSpiel registers: `hex`.
        parameters: Values by name, as texts.

    Example:
        ```python
        str(GameName.parse("hex( board_size = 7 )"))  # "hex(board_size=7)"
        ```
    """

    name: str
    parameters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a name.

        Args:
            text: `name` or `name(parameter=value,…)`.

        Returns:
            The name.

        Raises:
            InputError: If it has another form.
        """
        if len(text) > MAX_LENGTH:
            raise InputError(f"expected the name of a game of at most {MAX_LENGTH} characters, got {len(text):,}")
        match = NAME.fullmatch(text.strip())
        if match is None:
            raise InputError(f"{text!r}: expected the name of a game, like connect_four or hex(board_size=7)")
        parameters = {}
        for part in filter(None, map(str.strip, (match[2] or "").split(","))):
            pair = PARAMETER.fullmatch(part)
            if pair is None:
                raise InputError(f"{text!r}: expected parameters like board_size=7, got {part!r}")
            if pair[1] in parameters:
                raise InputError(f"{text!r}: expected each parameter once, got {pair[1]} twice")
            parameters[pair[1]] = pair[2]
        return cls(match[1], parameters)

    def __str__(self) -> str:
        parameters = ",".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.name}({parameters})" if parameters else self.name
