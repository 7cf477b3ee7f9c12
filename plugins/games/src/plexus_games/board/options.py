"""Hyperparameters of board games, and options of `plexus predict`."""

from pathlib import Path

from pydantic import Field

from plexus import InputError, OptionGroup, Options
from plexus_games.board.analysis_request import MAX_SECONDS, MAX_SIMULATIONS, SIMULATIONS, AnalysisRequest
from plexus_games.board.game_files import parse_moves, read_game, stated_game


class BoardOptions(Options):
    """Options of `games.board`.

    Example:
        ```python
        BoardOptions.parse({"data": "hex(board_size=7)", "epochs": 200})
        ```
    """

    defaults = {
        "epochs": 100,
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "schedule": "cosine",
        "warmup": 0.02,
        "weight_decay": 1e-3,
        "clip_norm": 1.0,
        "averaging": 0.99,
        "patience": 0,
        "evaluate_every": None,
    }

    data: str = Field(
        "connect_four",
        description="Game of OpenSpiel, like connect_four, tic_tac_toe, 'hex(board_size=7)' or 'go(board_size=9)'.",
    )
    epochs: int | None = Field(100, ge=1, le=10**6, description="Number of generations of self-play.")
    batch_size: int | None = Field(256, ge=1, le=65_536, description="Positions per gradient step.")

    games: int = Field(256, ge=1, le=4096, description="Games that are played at the same time.")
    plies: int = Field(16, ge=1, le=10_000, description="Plies of each game per generation.")
    simulations: int = Field(
        64,
        ge=2,
        le=10_000,
        description="Simulations of a full search in the last generation; the first has a quarter of them.",
    )
    full_search: float = Field(
        0.25, gt=0, le=1, description="Probability that a ply of all games gets a full search, not a fast one."
    )
    considered_actions: int = Field(16, ge=2, le=1024, description="Most actions that are sampled at a root.")
    max_opening: int | None = Field(
        None,
        ge=0,
        le=1000,
        description="Most random moves at the start of a game; by default a third of the longest game, at most 12.",
    )
    gamma: float = Field(0.99, gt=0.5, le=1, description="Discount per move: quick wins are better than slow ones.")
    td_lambda: float = Field(
        0.95, ge=0, le=1, description="Decay of the TD(lambda) returns, the targets of the value; 1: results alone."
    )
    replay_fraction: float = Field(
        0.2, gt=0, le=1, description="Fraction of all positions so far, the newest, that the replay buffer holds."
    )
    replay_ratio: float = Field(
        3.0, gt=0, le=100, description="Times that a position is sampled for gradient steps, on average."
    )
    blocks: int = Field(3, ge=0, le=100, description="Residual blocks; hidden layers for games without a board.")
    channels: int = Field(48, ge=4, le=2048, description="Channels of each block.")
    uct_rollouts: int = Field(
        100, ge=1, le=10**6, description="Rollouts per move of the opponent in evaluations, which is UCT."
    )
    val_games: int = Field(40, ge=2, le=10_000, description="Games of an evaluation during training.")
    test_games: int = Field(100, ge=2, le=100_000, description="Games of the final evaluation.")


class SearchOptions(OptionGroup):
    """Options of `plexus predict` for the search.

    Example:
        ```python
        SearchOptions.parse({"moves": "3 3 2", "simulations": 800})
        ```
    """

    moves: str = Field("", max_length=100_000, description="Moves from the start of the game, separated by spaces.")
    game: str | None = Field(None, description="File with a game to analyze, .sgf or a text with moves.")
    simulations: int = Field(
        SIMULATIONS, ge=0, le=MAX_SIMULATIONS, description="Simulations per position; 0: the network alone."
    )
    seconds: float | None = Field(
        None, gt=0, le=MAX_SECONDS, description="Seconds per position, instead of simulations."
    )

    def request(self) -> tuple[str, AnalysisRequest]:
        """Return the request that the options stand for.

        Returns:
            A pair of a name and a request.

        Raises:
            InputError: If the file cannot be read, or there are both a file and moves.
        """
        if self.game is None:
            moves = parse_moves(self.moves)
            return self.moves or "start", AnalysisRequest(moves, self.simulations, self.seconds)
        if self.moves:
            raise InputError("--game and --moves both name the moves: omit one of them")
        path = Path(self.game)
        moves, game = read_game(path), stated_game(path)
        return self.game, AnalysisRequest(moves, self.simulations, self.seconds, whole_game=True, game=game)
