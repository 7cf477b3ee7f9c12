"""Analysis of a whole game, move by move."""

from typing import TYPE_CHECKING

from plexus_games.board.analysis_request import AnalysisRequest
from plexus_games.board.analyzed_move import AnalyzedMove
from plexus_games.board.evaluator import Evaluator
from plexus_games.board.game import BoardGame
from plexus_games.board.game_analysis import GameAnalysis
from plexus_games.board.position_prediction import PositionPrediction
from plexus_games.board.puct_search import PuctSearch

if TYPE_CHECKING:
    import pyspiel


def analyze_game(game: BoardGame, evaluator: Evaluator, request: AnalysisRequest, discount: float) -> GameAnalysis:
    """Search the position before each move of a game.

    Args:
        game: The game.
        evaluator: The network.
        request: The moves, and the strength of the search.
        discount: Discount per move.

    Returns:
        The analysis.

    Raises:
        InputError: If a move is not legal.
    """
    end = game.state_after(request.moves)
    positions = [game.new_state()]
    for action in end.history():
        positions.append(positions[-1].child(action))
    predictions = [
        None
        if position.is_terminal()
        else PuctSearch(game, evaluator, position, discount).run(request.simulations, request.seconds)
        for position in positions
    ]
    moves = []
    for number, (position, prediction) in enumerate(zip(positions, predictions, strict=True)):
        if prediction is not None and number < len(positions) - 1:
            player = position.current_player()
            moves.append(
                AnalyzedMove(
                    number=number + 1,
                    player=int(player != game.first_player),
                    move=game.move_name(position, end.history()[number]),
                    points_before=round(prediction.points, 4),
                    points_after=round(_points(game, positions[number + 1], predictions[number + 1], player), 4),
                    best=prediction.move,
                    principal_variation=prediction.principal_variation,
                )
            )
    return GameAnalysis(moves=moves, points=game.points(end, game.first_player) if end.is_terminal() else None)


def _points(game: BoardGame, position: "pyspiel.State", prediction: PositionPrediction | None, player: int) -> float:
    """Return the points of a player: the expected ones, or those of a game that is over."""
    if prediction is None:
        return game.points(position, player)
    return prediction.points if position.current_player() == player else 1 - prediction.points
