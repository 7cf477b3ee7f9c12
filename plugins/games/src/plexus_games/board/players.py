"""Players of board games: functions from a position to an action."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from plexus_games.board.game import BoardGame

if TYPE_CHECKING:
    import pyspiel

Player = Callable[["pyspiel.State"], int]
"""From a position that is not terminal to an action."""

UCT_EXPLORATION, UCT_MEMORY = 2.0, 256
"""Exploration constant of UCT, and megabytes of its tree."""


def uct_player(game: BoardGame, rollouts: int, seed: int) -> Player:
    """Return a player by UCT with random rollouts (Kocsis & Szepesvári 2006), that of OpenSpiel.

    Args:
        game: The game.
        rollouts: Rollouts per move.
        seed: Random seed.

    Returns:
        The player.
    """
    import pyspiel

    evaluator = pyspiel.RandomRolloutEvaluator(1, seed)
    bot = pyspiel.MCTSBot(game.rules, evaluator, UCT_EXPLORATION, rollouts, UCT_MEMORY, True, seed, False)
    return lambda state: int(bot.step(state))


def random_player(seed: int) -> Player:
    """Return a player of random legal moves.

    Args:
        seed: Random seed.

    Returns:
        The player.
    """
    generator = np.random.default_rng(seed)
    return lambda state: int(generator.choice(state.legal_actions()))


def play_games(game: BoardGame, player: Player, opponent: Player, count: int, opening: int, seed: int) -> np.ndarray:
    """Play games with random openings; of two games with the same opening each player starts one.

    Args:
        game: The game.
        player: The player.
        opponent: Its opponent.
        count: Number of games.
        opening: Largest number of random moves at the start.
        seed: Random seed of the openings.

    Returns:
        Points of the player, shape `(count,)`: 1 for a win, one half for a draw, 0 for a loss.
    """
    points = np.empty(count)
    for number in range(count):
        generator = np.random.default_rng((seed, number // 2))
        state = random_position(game, int(generator.integers(opening + 1)), generator)
        side = number % 2
        while not state.is_terminal():
            state.apply_action((player if state.current_player() == side else opponent)(state))
        points[number] = game.points(state, side)
    return points


def random_position(game: BoardGame, plies: int, generator: np.random.Generator) -> "pyspiel.State":
    """Return a position after random moves; one before the end of the game if they would end it.

    Args:
        game: The game.
        plies: Number of moves.
        generator: Random generator.

    Returns:
        The position, which is not terminal.
    """
    state = game.new_state()
    for _ in range(plies):
        after = state.child(int(generator.choice(state.legal_actions())))
        if after.is_terminal():
            break
        state = after
    return state
