"""Evaluation of a player: games against UCT, and moves against perfect play."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from plexus_games.board.dataset import SelfPlayDataset
from plexus_games.board.game import BoardGame
from plexus_games.board.players import Player, play_games, random_player, random_position, uct_player
from plexus_games.board.solver import Solver, TooManyPositionsError
from plexus_games.board.tree_search import PositionEvaluator, TreeSearch

if TYPE_CHECKING:
    import pyspiel

SIMULATIONS = 100
"""Simulations per move of the player with a search."""
SPLIT_SEEDS = {"val": 1, "test": 2, "unseen": 2, "train": 3}
POSITIONS = 1000
"""Random positions, of which the contested ones are evaluated."""
NORMAL_QUANTILE = 1.96
"""Half width of a 95 % confidence interval in standard errors."""


def network_player(game: BoardGame, evaluator: PositionEvaluator, simulations: int, discount: float) -> Player:
    """Return a player by a network.

    Args:
        game: The game.
        evaluator: The network.
        simulations: Simulations per move; 0: the move with the highest probability.
        discount: Factor of a value per move.

    Returns:
        The player.
    """
    return partial(_best_action, game, evaluator, simulations, discount)


def evaluate_play(
    evaluator: PositionEvaluator, dataset: SelfPlayDataset, discount: float, split: str
) -> dict[str, float]:
    """Play against UCT from random openings.

    Args:
        evaluator: The network.
        dataset: The dataset.
        discount: Factor of a value per move.
        split: The split. In validation only the network alone plays.

    Returns:
        `policy_score`, and of other splits also `search_score` with its 95 % confidence interval and `random_score`.
    """
    game, options, count = dataset.game, dataset.options, dataset.count(split)
    seed = int(np.random.SeedSequence((options.seed, SPLIT_SEEDS[split])).generate_state(1)[0] >> 1)

    def points(player: Player) -> np.ndarray:
        opponent = uct_player(game, options.opponent, seed)
        return play_games(game, player, opponent, count, dataset.opening, seed)

    metrics = {"policy_score": float(points(network_player(game, evaluator, 0, discount)).mean())}
    if split == "val":
        return metrics
    search_points = points(network_player(game, evaluator, SIMULATIONS, discount))
    half_width = NORMAL_QUANTILE * search_points.std(ddof=1) / np.sqrt(count)
    return metrics | {
        "search_score": float(search_points.mean()),
        "search_score_low": float(max(search_points.mean() - half_width, 0)),
        "search_score_high": float(min(search_points.mean() + half_width, 1)),
        "random_score": float(points(random_player(seed)).mean()),
    }


def evaluate_moves(evaluator: PositionEvaluator, dataset: SelfPlayDataset, discount: float) -> dict[str, float]:
    """Compare moves with perfect play, in contested positions: some moves keep the result, some lose it.

    Args:
        evaluator: The network.
        dataset: The dataset.
        discount: Factor of a value per move.

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
    generator = np.random.default_rng((seed, SPLIT_SEEDS["test"]))
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
    game: BoardGame, evaluator: PositionEvaluator, simulations: int, discount: float, state: "pyspiel.State"
) -> int:
    return TreeSearch(game, evaluator, state, discount).run(simulations).best.action
