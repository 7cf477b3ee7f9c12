"""Symmetries of a game, determined by playing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from plexus.codec import Arrays
from plexus_games.board.game import BoardGame

GAMES = 30
"""Random games in which a symmetry has to hold."""

Transform = Callable[[np.ndarray], np.ndarray]
"""From boards `(…, rows, columns)` to boards of the same shape."""


@dataclass(frozen=True)
class Symmetry:
    """A symmetry: a permutation of the numbers of an observation, and one of the actions.

    Args:
        cells: Source index of each element, shape `(prod(shape),)`: the mirrored observation is `observation[cells]`.
        actions: Source index of each action, shape `(actions,)`.

    Example:
        ```python
        mirrored = observation.reshape(-1)[symmetry.cells].reshape(observation.shape)
        ```
    """

    cells: np.ndarray
    actions: np.ndarray


class Symmetries:
    """The symmetries of a game, the identity first.

    Args:
        symmetries: The symmetries.

    Example:
        ```python
        len(Symmetries.find(BoardGame.parse("tic_tac_toe")))  # 8
        ```
    """

    def __init__(self, symmetries: Sequence[Symmetry]) -> None:
        self._cells = np.stack([symmetry.cells for symmetry in symmetries])
        self._actions = np.stack([symmetry.actions for symmetry in symmetries])

    def __len__(self) -> int:
        return len(self._cells)

    @classmethod
    def find(cls, game: BoardGame) -> Self:
        """Return the reflections and rotations of the board that leave the rules as they are.

        A candidate maps each action to the one on the reflected or rotated cell, or column. It is a symmetry if in
        random games the mapped moves are legal in the mapped positions, results are the same, and the planes of the
        observations are the mapped planes, in any order.

        Args:
            game: The game.

        Returns:
            The symmetries.
        """
        identity = Symmetry(np.arange(np.prod(game.shape)), np.arange(game.actions))
        if not game.has_planes:
            return cls([identity])
        candidates = [_find_symmetry(game, transform) for transform in _transforms(game.shape)]
        return cls([identity, *(symmetry for symmetry in candidates if symmetry is not None)])

    def transform(self, rows: Arrays, generator: np.random.Generator) -> Arrays:
        """Transform each position by a random symmetry.

        Args:
            rows: Fields of a `PositionBuffer`.
            generator: Random generator.

        Returns:
            The fields.
        """
        if len(self) == 1:
            return rows
        numbers = generator.integers(len(self), size=len(rows["value"]))
        observations, shape = rows["observation"], rows["observation"].shape
        observations = np.take_along_axis(observations.reshape(len(observations), -1), self._cells[numbers], axis=1)
        policies = np.take_along_axis(rows["policy"], self._actions[numbers], axis=1)
        return rows | {"observation": observations.reshape(shape), "policy": policies}


def _transforms(shape: tuple[int, ...]) -> list[Transform]:
    """Return the reflections and rotations of a board, without the identity."""
    mirrors: list[Transform] = [
        lambda board: board[..., ::-1],
        lambda board: board[..., ::-1, :],
        lambda board: board[..., ::-1, ::-1],
    ]
    if shape[-1] != shape[-2]:
        return mirrors
    rotations = [lambda board, mirror=mirror: np.swapaxes(mirror(board), -1, -2) for mirror in mirrors]
    return [*mirrors, lambda board: np.swapaxes(board, -1, -2), *rotations]


def _find_symmetry(game: BoardGame, transform: Transform) -> Symmetry | None:
    actions = _action_order(game, transform)
    if actions is None:
        return None
    planes = game.shape[0]
    same = np.ones((planes, planes), bool)
    generator = np.random.default_rng(0)
    for _ in range(GAMES):
        if not _play_mapped(game, transform, actions, same, generator):
            return None
    from scipy.optimize import linear_sum_assignment

    rows, order = linear_sum_assignment(~same)
    if not same[rows, order].all():
        return None
    numbers = transform(np.arange(np.prod(game.shape)).reshape(game.shape))
    return Symmetry(numbers[order].reshape(-1), actions)


def _action_order(game: BoardGame, transform: Transform) -> np.ndarray | None:
    """Return which action comes to each place: those of cells or columns are moved, others stay."""
    rows, columns = game.shape[1:]
    if game.actions in {rows * columns, rows * columns + 1}:
        order = transform(np.arange(rows * columns).reshape(rows, columns)).reshape(-1)
    elif game.actions == columns:
        order = transform(np.tile(np.arange(columns), (rows, 1)))[0]
    else:
        return None
    if len(np.unique(order)) != len(order):
        return None
    return np.concatenate([order, np.arange(len(order), game.actions)])


def _play_mapped(
    game: BoardGame, transform: Transform, actions: np.ndarray, same: np.ndarray, generator: np.random.Generator
) -> bool:
    """Play a random game and its mapped one; `same` remains true for pairs of planes that were always the same."""
    inverse = np.argsort(actions)
    state, mapped = game.new_state(), game.new_state()
    while not state.is_terminal():
        if mapped.is_terminal() or state.current_player() != mapped.current_player():
            return False
        if set(inverse[state.legal_actions()].tolist()) != set(mapped.legal_actions()):
            return False
        _compare_planes(transform(game.observe([state])[0]), game.observe([mapped])[0], same)
        action = int(generator.choice(state.legal_actions()))
        state.apply_action(action)
        mapped.apply_action(int(inverse[action]))
    return bool(mapped.is_terminal() and state.returns() == mapped.returns())


def _compare_planes(expected: np.ndarray, observed: np.ndarray, same: np.ndarray) -> None:
    """Set pairs of a plane of `observed` and one of `expected` to false where they differ."""
    same &= (observed[:, None] == expected[None]).all(axis=(2, 3))
