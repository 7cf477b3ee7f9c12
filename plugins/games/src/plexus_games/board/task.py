"""The task `games.board`: a board game by self-play and search."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import Batches, InputError, Metric, OptionGroup, Task
from plexus.codec import Input
from plexus_games.board.analysis import analyze_game
from plexus_games.board.analysis_request import AnalysisRequest
from plexus_games.board.codec import BoardCodec
from plexus_games.board.dataset import SelfPlayDataset, default_opening
from plexus_games.board.evaluation import evaluate_moves, evaluate_play
from plexus_games.board.evaluator import network_evaluator
from plexus_games.board.game import BoardGame
from plexus_games.board.game_analysis import GameAnalysis
from plexus_games.board.game_checks import check_stated_game
from plexus_games.board.game_files import parse_moves, read_game, stated_game
from plexus_games.board.game_session import GameSession
from plexus_games.board.metrics import OTHER_METRICS
from plexus_games.board.options import BoardOptions, SearchOptions
from plexus_games.board.position_prediction import PositionPrediction

if TYPE_CHECKING:
    import keras

    from plexus import Predictor
    from plexus_games.board.learner import BoardLearner

EVALUATIONS = 10
"""Evaluations of a training."""


class Board(Task[SelfPlayDataset, BoardCodec, BoardOptions]):
    """A board game of two players, learnt by self-play.

    Example:
        ```python
        bundle = plexus.train("games.board", data="tic_tac_toe")
        bundle.predict([["x(1,1)"]])[0].move
        ```
    """

    options, codec = BoardOptions, BoardCodec
    metric = Metric("policy_points", "Points per game of the network alone against UCT", baseline="random_points")
    other_metrics = OTHER_METRICS
    figure_captions = {
        "opening.svg": "The search of the first position",
        "game.svg": "A game of the network against itself, analyzed",
    }
    trial_options = {
        "data": "tic_tac_toe",
        "epochs": 2,
        "games": 32,
        "plies": 6,
        "simulations": 8,
        "channels": 8,
        "blocks": 1,
        "val_games": 4,
        "test_games": 4,
        "uct_rollouts": 4,
    }
    predict_options = SearchOptions
    evaluation_protocol = "in games with random openings that are not those of the training"
    explanation_suffix = ".png"
    request_description = "a list of moves from the start of the game"
    restore_best_weights = False  # few games cannot rank epochs

    def load_dataset(self, options: BoardOptions) -> SelfPlayDataset:
        """Load the rules of the game.

        Args:
            options: The options.

        Returns:
            The dataset.

        Raises:
            InputError: If there is no such game, or it has other than two players, chance or hidden information.
        """
        return SelfPlayDataset(BoardGame.parse(options.data), options)

    def fit_codec(self, dataset: SelfPlayDataset, options: BoardOptions) -> BoardCodec:
        """Return the codec of the game.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        return BoardCodec(str(dataset.game.name), options.gamma)

    def resolve_options(self, dataset: SelfPlayDataset, codec: BoardCodec, options: BoardOptions) -> dict[str, object]:
        """Return the length of random openings, and 10 evaluations.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        return {
            "max_opening": default_opening(dataset.game),
            "evaluate_every": max((options.epochs or 1) // EVALUATIONS, 1),
        }

    def build_network(self, codec: BoardCodec, options: BoardOptions) -> "keras.Model":
        """Build the residual network of policy, value and outcome.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_games.board.network import build_network

        return build_network(codec.game, options)

    def build_learner(
        self, network: "keras.Model", dataset: SelfPlayDataset, codec: BoardCodec, options: BoardOptions
    ) -> "BoardLearner":
        """Build the learner.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_games.board.learner import BoardLearner

        return BoardLearner(network, options)

    def batches(
        self,
        dataset: SelfPlayDataset,
        codec: BoardCodec,
        learner: "keras.Model",
        options: BoardOptions,
        epoch: int,
    ) -> Batches:
        """Play a generation with the current network, and return positions of the latest games.

        Args:
            dataset: The dataset, which is played.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches.
        """
        batches: Batches = learner.batches(dataset, epoch)
        return batches

    def evaluate(
        self, predictor: "Predictor", dataset: SelfPlayDataset, codec: BoardCodec, split: str
    ) -> dict[str, float]:
        """Play against UCT; in the test also with a search, and compare moves with perfect play where it is computable.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics by name.

        Raises:
            InputError: If the game is not that of the bundle.
        """
        if str(dataset.game.name) != codec.name:
            raise InputError(f"--data {dataset.game.name}: the bundle plays {codec.name}")
        evaluator = network_evaluator(predictor)
        metrics = evaluate_play(evaluator, dataset, codec.discount, split)
        return metrics if split == "val" else metrics | evaluate_moves(evaluator, dataset, codec.discount)

    def predict(
        self, predictor: "Predictor", codec: BoardCodec, inputs: Sequence[Input]
    ) -> list[PositionPrediction | GameAnalysis]:
        """Search each position, or all positions of a game.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Lists of moves from the start of the game, or `AnalysisRequest`s.

        Returns:
            One `PositionPrediction` per position, one `GameAnalysis` per whole game.

        Raises:
            InputError: If a move is not legal, or the game is over.
        """
        requests = [each if isinstance(each, AnalysisRequest) else AnalysisRequest(each) for each in inputs]
        return [self._predict_one(predictor, codec, request) for request in requests]

    def parse_argument(self, argument: str) -> Iterable[tuple[str, Input]]:
        """Return the game of a file, or the position after the moves in a text.

        Args:
            argument: An `.sgf` or `.txt` file, or moves separated by spaces; `-` for moves on standard input.

        Returns:
            A pair of a name and a request.

        Raises:
            InputError: If the file cannot be read, or is of another kind.
        """
        if argument.lower().endswith((".sgf", ".txt")):
            path = Path(argument)
            return [(argument, AnalysisRequest(read_game(path), whole_game=True, game=stated_game(path)))]
        if os.path.lexists(argument):
            raise InputError(
                f"{argument}: expected a file .sgf or .txt, or moves; moves that are a file's name: --moves"
            )
        ((name, text),) = super().parse_argument(argument)
        return [(name, AnalysisRequest(parse_moves(text)))]

    def default_inputs(self, options: OptionGroup | None) -> Iterable[tuple[str, Input]]:
        """Return the request that the options stand for.

        Args:
            options: The `SearchOptions` of `plexus predict`.

        Returns:
            A pair of a name and a request.

        Raises:
            InputError: If the file cannot be read, or there are both a file and moves.
        """
        if not isinstance(options, SearchOptions):
            return super().default_inputs(options)
        return [options.request()]

    def apply_options(self, raw_input: Input, options: OptionGroup) -> AnalysisRequest:
        """Return a request with the strength of the search.

        Args:
            raw_input: A request of `parse_argument`.
            options: The `SearchOptions` of `plexus predict`.

        Returns:
            The request.

        Raises:
            InputError: If the options name moves, too.
            TypeError: If the input or the options are of another kind.
        """
        if not isinstance(raw_input, AnalysisRequest) or not isinstance(options, SearchOptions):
            raise TypeError(f"expected AnalysisRequest and SearchOptions, got {raw_input!r} and {options!r}")
        if options.moves or options.game:
            raise InputError("INPUT, --moves and --game all name the moves: pass one of them")
        return replace(raw_input, simulations=options.simulations, seconds=options.seconds)

    def report(self, predictor: "Predictor", dataset: SelfPlayDataset, codec: BoardCodec, folder: Path) -> None:
        """Draw the search of the first position, and a game; see `plexus_games.board.report.draw_report`.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            folder: Folder to write to.
        """
        from plexus_games.board.report import draw_report

        draw_report(predictor, codec, folder)

    def explain(self, predictor: "Predictor", codec: BoardCodec, raw_input: Input, path: Path) -> Path:
        """Draw the search of a position, or the points along a game.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: Moves from the start of the game, or an `AnalysisRequest`.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_games.board.explain import draw_game, draw_position

        (prediction,) = self.predict(predictor, codec, [raw_input])
        if isinstance(prediction, GameAnalysis):
            return draw_game(prediction, codec.name, path)
        return draw_position(prediction, str(codec.position(raw_input)).rstrip("\n"), path)

    def parse_request(self, codec: BoardCodec, value: Input) -> Input:
        """Return a position.

        Args:
            codec: The codec.
            value: The value of the request: a list of moves, or a text with moves.

        Returns:
            The moves.

        Raises:
            InputError: If the value is neither.
        """
        if not isinstance(value, str | list):
            raise InputError(f"expected a list of moves from the start of the game, got {type(value).__name__}")
        return parse_moves(value) if isinstance(value, str) else value

    def start_session(
        self, predictor: "Predictor", codec: BoardCodec, simulations: int, moves: Sequence[str | int] = ()
    ) -> GameSession:
        """Start a game that is played move by move.

        Args:
            predictor: The network.
            codec: The codec.
            simulations: Simulations per move; 0: the network alone.
            moves: Moves from the start of the game.

        Returns:
            The game.

        Raises:
            InputError: If a move is not legal.
        """
        return GameSession(predictor, codec, simulations, moves=moves)

    def _predict_one(
        self, predictor: "Predictor", codec: BoardCodec, request: AnalysisRequest
    ) -> PositionPrediction | GameAnalysis:
        if request.game:
            check_stated_game(codec.game.name, codec.game.shape, request.game)
        if request.whole_game:
            return analyze_game(codec.game, network_evaluator(predictor), request, codec.discount)
        return GameSession(predictor, codec, request.simulations, request.seconds, request.moves).search()
