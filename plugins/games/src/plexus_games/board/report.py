"""Figures of a training: the search of the first position, and a game of the network against itself."""

from pathlib import Path

from plexus.inference.predictor import Predictor
from plexus_games.board.analysis import analyze_game
from plexus_games.board.analysis_request import AnalysisRequest
from plexus_games.board.codec import BoardCodec
from plexus_games.board.evaluator import position_evaluator
from plexus_games.board.explain import draw_game, draw_position
from plexus_games.board.match import Match

SIMULATIONS, MAX_MOVES = 50, 100


def draw_report(predictor: Predictor, codec: BoardCodec, folder: Path) -> None:
    """Write `opening.png` and `game.png`.

    Args:
        predictor: The network.
        codec: The codec.
        folder: Folder to write to.
    """
    match = Match(predictor, codec, SIMULATIONS)
    draw_position(match.search(), match.board, folder / "opening.png")
    while not match.is_over and len(match.actions) < MAX_MOVES:
        match.play(match.search().move)
    request = AnalysisRequest(match.actions, SIMULATIONS, whole_game=True)
    analysis = analyze_game(codec.game, position_evaluator(predictor), request, codec.discount)
    draw_game(analysis, codec.name, folder / "game.png")
