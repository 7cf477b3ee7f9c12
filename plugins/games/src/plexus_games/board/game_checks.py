"""Checks of a game before it is loaded, and of its kind afterwards."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.errors import unknown
from plexus_games.board.game_name import GameName

if TYPE_CHECKING:
    import pyspiel

MAX_PARAMETER, MAX_OBSERVATION, MAX_ACTIONS = 100, 100_000, 20_000
"""Largest number as a parameter, numbers of an observation and actions of a game that can be learnt."""
INTEGER, NUMBER, BOOLEAN = "an integer from 0 to 100", "a number from 0 to 100", "true or false"


def check_name(name: GameName) -> None:
    """Check that there is such a game with such parameters; OpenSpiel prints its own errors.

    Args:
        name: Name and parameters.

    Raises:
        InputError: If there is no such game, or a parameter is unknown or has another type.
    """
    import pyspiel

    types = {game.short_name: game for game in pyspiel.registered_games()}
    if name.name not in types:
        raise unknown("board game", name.name, [each for each, kind in types.items() if not _kind_errors(kind)])
    defaults = types[name.name].parameter_specification
    for parameter, text in name.parameters.items():
        if parameter not in defaults:
            raise unknown(f"parameter of {name.name}", parameter, defaults)
        expected = _expected(text, defaults[parameter])
        if expected:
            raise InputError(f"{name}: {parameter}: expected {expected}, got {text!r}")


def check_rules(name: GameName, rules: "pyspiel.Game") -> None:
    """Check that a game can be learnt by self-play of two players.

    Args:
        name: Name and parameters.
        rules: The game.

    Raises:
        InputError: If it has other than two players, chance, hidden information, simultaneous moves, a sum that is not
            zero, or a board that is empty or too large.
    """
    errors = _kind_errors(rules.get_type())
    if rules.num_players() != 2:
        errors = [f"it is for {rules.num_players()} players", *errors]
    if errors:
        raise InputError(
            f"{name}: {errors[0]}; expected a zero-sum game of two players in turn, without chance and hidden "
            "information, like connect_four"
        )
    size, actions = math.prod(rules.observation_tensor_shape()), rules.num_distinct_actions()
    if not 0 < size <= MAX_OBSERVATION or not 0 < actions <= MAX_ACTIONS:
        raise InputError(
            f"{name}: expected a board of 1 to {MAX_OBSERVATION:,} numbers and 1 to {MAX_ACTIONS:,} actions, "
            f"found {size:,} and {actions:,}"
        )


def check_start(name: GameName, rules: "pyspiel.Game") -> None:
    """Check that there are moves at the start; some games check their parameters only there.

    Args:
        name: Name and parameters.
        rules: The game.

    Raises:
        InputError: If there are no moves.
    """
    state = rules.new_initial_state()
    if state.is_terminal() or not state.legal_actions():
        raise InputError(f"{name}: expected a game with moves, found none at the start: choose other parameters")


def check_stated_game(name: GameName, shape: Sequence[int], text: str) -> None:
    """Check that a file holds a game of the kind and the size of a bundle.

    Args:
        name: Name of the bundle's game.
        shape: Shape of its observations.
        text: The game that the file says to hold, with or without a size.

    Raises:
        InputError: If it is another one.
    """
    stated = GameName.parse(text)
    size = stated.parameters.get("board_size")
    is_size = size is None or tuple(shape[1:]) == (int(size), int(size))
    if not name.name.endswith(stated.name) or not is_size:  # a game of a module may be `python_hex`
        raise InputError(f"the file has a game of {text}, but the bundle plays {name}: choose a file of this game")


def _kind_errors(kind: "pyspiel.GameType") -> list[str]:
    """Return why games of a type cannot be learnt."""
    import pyspiel

    types = pyspiel.GameType
    conditions = {
        f"it is for at least {kind.min_num_players} players": kind.min_num_players > 2,
        f"it is for {kind.max_num_players} player": kind.max_num_players < 2,
        "the players move at the same time": kind.dynamics != types.Dynamics.SEQUENTIAL,
        "it has chance": kind.chance_mode != types.ChanceMode.DETERMINISTIC,
        "it has hidden information": kind.information != types.Information.PERFECT_INFORMATION,
        "both players can win": kind.utility != types.Utility.ZERO_SUM,
        "it has no observations as numbers": not kind.provides_observation_tensor,
        "it needs another game as a parameter": not kind.default_loadable,
    }
    return [reason for reason, applies in conditions.items() if applies]


def _expected(text: str, default: object) -> str:
    """Return the form of a parameter that a text does not have."""
    if isinstance(default, bool):
        return "" if text.lower() in {"true", "false"} else BOOLEAN
    if isinstance(default, int):
        return "" if text.isdecimal() and int(text) <= MAX_PARAMETER else INTEGER
    if isinstance(default, float):
        return "" if _is_number(text) else NUMBER
    return "" if isinstance(default, str) else "the default: it cannot be set"


def _is_number(text: str) -> bool:
    try:
        return 0 <= float(text) <= MAX_PARAMETER
    except ValueError:
        return False
