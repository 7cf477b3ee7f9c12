"""Games in which the network plays against itself."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Arrays
from plexus_games.board.game import BoardGame
from plexus_games.board.gumbel_search import GumbelSearch, SearchResults
from plexus_games.board.players import random_position

if TYPE_CHECKING:
    import pyspiel

WIN, DRAW, LOSS = range(3)


@dataclass
class RunningGame:
    """A game that is not over, with what was recorded of its positions.

    Args:
        state: The position.
        opening: Number of random moves at the start.
        policies: Improved policies of the positions after the opening, shape `(actions,)` each.
        weights: Their weights in the loss.
        values: Values of the search for the player to move.

    Example:
        ```python
        running = RunningGame(game.new_state())
        ```
    """

    state: "pyspiel.State"
    opening: int = 0
    policies: list[np.ndarray] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


class SelfPlay:
    """Several games that the network plays against itself at the same time.

    Games start with random moves, as self-play alone never reaches the positions after weak moves. Each ply
    of all games gets a fast search or, with some probability, a full one; only full ones are targets of the policy
    (playout cap randomization, Wu 2020, arXiv:1902.10565, section 3.1, there per move of a game).

    Targets of the value are TD(lambda) returns (Sutton & Barto 2018, section 12.1) from the value of the search at the
    position itself on: results of games with so few simulations depend on later mistakes.

    Args:
        game: The game.
        games: Number of games.
        max_opening: Largest number of random moves at the start of a game.
        td_lambda: Decay of the returns, from 0 to 1; with 1 they are the results.

    Example:
        ```python
        play = SelfPlay(game, games=128, max_opening=6, td_lambda=0.95)
        rows = play.play_move(search, simulations=32, full=True, generator=generator)
        ```
    """

    def __init__(self, game: BoardGame, games: int, max_opening: int, td_lambda: float) -> None:
        self.game, self.games, self.max_opening, self.td_lambda = game, games, max_opening, td_lambda
        self._running: list[RunningGame] = []

    def play_move(
        self, search: GumbelSearch, simulations: int, full: bool, generator: np.random.Generator
    ) -> list[Arrays]:
        """Play one move in each game; games that are over are replaced by new ones.

        Args:
            search: The search.
            simulations: Simulations per move.
            full: Whether the improved policies are targets.
            generator: Random generator.

        Returns:
            The positions of each game that is over, as fields of a `PositionBuffer`.
        """
        while len(self._running) < self.games:
            self._running.append(self._start(generator))
        results = search.run([running.state for running in self._running], simulations, generator)
        for row, running in enumerate(self._running):
            _record(running, results, row, full)
        ended = [running for running in self._running if running.state.is_terminal()]
        self._running = [
            self._start(generator) if running.state.is_terminal() else running for running in self._running
        ]
        return [self._targets(running, search.discount) for running in ended]

    def state(self) -> Arrays:
        """Return the games that are not over.

        Returns:
            The state, for `restore`.
        """
        games = self._running
        return {
            "play.lengths": np.array([[len(each.state.history()), each.opening] for each in games]).reshape(-1, 2),
            "play.moves": np.array([move for each in games for move in each.state.history()], np.int32),
            "play.policies": np.array([row for each in games for row in each.policies], np.float32),
            "play.weights": np.array([weight for each in games for weight in each.weights], np.float32),
            "play.values": np.array([value for each in games for value in each.values], np.float32),
        }

    def restore(self, state: Arrays) -> None:
        """Return to earlier games.

        Args:
            state: The result of `state`; it may hold other arrays as well.
        """
        self._running = []
        move = row = 0
        for length, opening in state["play.lengths"].tolist():
            position, rows = self.game.new_state(), slice(row, row + length - opening)
            for action in state["play.moves"][move : move + length].tolist():
                position.apply_action(action)
            columns = [state[f"play.{name}"][rows] for name in ("policies", "weights", "values")]
            self._running.append(
                RunningGame(position, opening, list(columns[0]), columns[1].tolist(), columns[2].tolist())
            )
            move, row = move + length, rows.stop

    def _start(self, generator: np.random.Generator) -> RunningGame:
        state = random_position(self.game, int(generator.integers(self.max_opening + 1)), generator)
        return RunningGame(state, state.move_number())

    def _targets(self, running: RunningGame, discount: float) -> Arrays:
        moves = running.state.history()
        state, observations, players = self.game.new_state(), [], []
        for number, move in enumerate(moves):
            if number >= running.opening:
                observations.append(self.game.observe([state])[0])
                players.append(state.current_player())
            state.apply_action(move)
        results = np.array([self.game.result(state, player) for player in players], np.float32)
        return {
            "observation": np.array(observations, np.float16),
            "policy": np.array(running.policies, np.float32),
            "policy_weight": np.array(running.weights, np.float32),
            "value": self._returns(results, running.values, players, discount),
            "outcome": np.where(results > 0, WIN, np.where(results < 0, LOSS, DRAW)).astype(np.int8),
        }

    def _returns(self, results: np.ndarray, values: list[float], players: list[int], discount: float) -> np.ndarray:
        """Return the targets of the value for the player to move at each position."""
        returns = np.empty(len(values), np.float32)
        target, next_player = float(results[-1]), players[-1]
        for number in reversed(range(len(values))):
            target *= discount if players[number] == next_player else -discount
            target = (1 - self.td_lambda) * values[number] + self.td_lambda * target
            returns[number], next_player = target, players[number]
        return returns


def _record(running: RunningGame, results: SearchResults, row: int, full: bool) -> None:
    """Record the search of a position, and play its move."""
    running.policies.append(results.policies[row])
    running.weights.append(float(full))
    running.values.append(float(results.values[row]))
    running.state.apply_action(int(results.actions[row]))
