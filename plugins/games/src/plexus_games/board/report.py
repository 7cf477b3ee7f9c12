"""Figures of a training: the search of the first position, and a game of the network against itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus_games.board.analysis import analyze_game
from plexus_games.board.analysis_request import AnalysisRequest
from plexus_games.board.codec import BoardCodec
from plexus_games.board.evaluator import network_evaluator
from plexus_games.board.explain import draw_game, draw_position
from plexus_games.board.game_session import GameSession

if TYPE_CHECKING:
    from plexus import Predictor

SIMULATIONS, MAX_MOVES = 50, 100


def draw_report(predictor: "Predictor", codec: BoardCodec, folder: Path) -> None:
    """Write `opening.svg` and `game.svg`.

    Args:
        predictor: The network.
        codec: The codec.
        folder: Folder to write to.
    """
    session = GameSession(predictor, codec, SIMULATIONS)
    draw_position(session.search(), session.board, folder / "opening.svg")
    while not session.is_over and len(session.actions) < MAX_MOVES:
        session.play(session.search().move)
    request = AnalysisRequest(session.actions, SIMULATIONS, whole_game=True)
    analysis = analyze_game(codec.game, network_evaluator(predictor), request, codec.discount)
    draw_game(analysis, codec.name, folder / "game.svg")
