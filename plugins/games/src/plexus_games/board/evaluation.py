"""Evaluation of a player: games against UCT, and moves against perfect play."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.intervals import mean_interval
from plexus_games.board.dataset import SelfPlayDataset
from plexus_games.board.evaluator import Evaluator
from plexus_games.board.game import BoardGame
from plexus_games.board.players import Player, play_games, random_player, random_position, uct_player
from plexus_games.board.puct_search import PuctSearch
from plexus_games.board.solver import Solver, TooManyPositionsError
from plexus_games.split_seeds import split_seed

if TYPE_CHECKING:
    import pyspiel

SIMULATIONS = 100
"""Simulations per move of the player with a search."""
POSITIONS = 1000
"""Random positions, of which the contested ones are evaluated."""


def network_player(game: BoardGame, evaluator: Evaluator, simulations: int, discount: float) -> Player:
    """Return a player by a network.

    Args:
        game: The game.
        evaluator: The network.
        simulations: Simulations per move; 0: the move with the highest probability.
        discount: Discount per move.

    Returns:
        The player.
    """
    return partial(_best_action, game, evaluator, simulations, discount)


def evaluate_play(evaluator: Evaluator, dataset: SelfPlayDataset, discount: float, split: str) -> dict[str, float]:
    """Play against UCT from random openings.

    Args:
        evaluator: The network.
        dataset: The dataset.
        discount: Discount per move.
        split: The split. In validation only the network alone plays.

    Returns:
        `policy_points`, and of other splits also `random_points`, and `search_points` with its 95 % confidence
        interval, for which the games are taken as independent.
    """
    game, options, count = dataset.game, dataset.options, dataset.count(split)
    seed = split_seed(options.seed, split)

    def points(player: Player) -> np.ndarray:
        opponent = uct_player(game, options.uct_rollouts, seed)
        return play_games(game, player, opponent, count, dataset.max_opening, seed)

    metrics = {"policy_points": float(points(network_player(game, evaluator, 0, discount)).mean())}
    if split == "val":
        return metrics
    search_points = points(network_player(game, evaluator, SIMULATIONS, discount))
    low, high = mean_interval(search_points)
    return metrics | {
        "search_points": float(search_points.mean()),
        "search_points_low": max(low, 0.0),
        "search_points_high": min(high, 1.0),
        "random_points": float(points(random_player(seed)).mean()),
    }


def evaluate_moves(evaluator: Evaluator, dataset: SelfPlayDataset, discount: float) -> dict[str, float]:
    """Compare moves with perfect play, in contested positions: some moves keep the result, some lose it.

    Args:
        evaluator: The network.
        dataset: The dataset.
        discount: Discount per move.

    Returns:
        The metrics by name; none if no position is close enough to the end to be searched exhaustively.
    """
    game, seed = dataset.game, dataset.options.seed
    positions = contested_positions(game, POSITIONS, seed)
    if not positions:
        return {}
    search = _move_quality(positions, network_player(game, evaluator, SIMULATIONS, discount))
    policy = _move_quality(positions, network_player(game, evaluator, 0, discount))
    return {
        "good_moves": float(search[:, 0].mean()),
        "perfect_moves": float(search[:, 1].mean()),
        "policy_good_moves": float(policy[:, 0].mean()),
        "contested_positions": float(len(positions)),
    }


def contested_positions(game: BoardGame, count: int, seed: int) -> "list[tuple[pyspiel.State, dict[int, float]]]":
    """Return the contested ones of random positions, of those that can be searched exhaustively.

    Args:
        game: The game.
        count: Random positions, of which those closest to the end are searched first.
        seed: Random seed.

    Returns:
        Different positions with the values of their moves.
    """
    generator = np.random.default_rng(split_seed(seed, "test"))
    states = [random_position(game, int(generator.integers(game.max_plies)), generator) for _ in range(count)]
    positions: dict[str, tuple[pyspiel.State, dict[int, float]]] = {}
    solver = Solver(game)
    for state in sorted(states, key=lambda state: state.move_number(), reverse=True):
        try:
            values = solver.action_values(state)
        except TooManyPositionsError:
            break
        if len(set(np.sign(list(values.values())))) > 1:
            positions[str(state)] = state, values
    return list(positions.values())


def _move_quality(positions: "list[tuple[pyspiel.State, dict[int, float]]]", player: Player) -> np.ndarray:
    """Return for each position whether the player's move keeps the result, and whether it is the best."""
    quality = []
    for state, values in positions:
        value, best = values[player(state)], max(values.values())
        quality.append((np.sign(value) == np.sign(best), value >= best - 1e-9))
    return np.array(quality, float)


def _best_action(
    game: BoardGame, evaluator: Evaluator, simulations: int, discount: float, state: "pyspiel.State"
) -> int:
    return PuctSearch(game, evaluator, state, discount).run(simulations).best.action
