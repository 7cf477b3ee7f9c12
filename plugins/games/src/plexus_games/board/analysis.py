"""Analysis of a whole game, move by move."""

from plexus_games.board.analysis_request import AnalysisRequest
from plexus_games.board.analyzed_move import AnalyzedMove
from plexus_games.board.game import BoardGame
from plexus_games.board.game_analysis import GameAnalysis
from plexus_games.board.tree_search import PositionEvaluator, TreeSearch


def analyze_game(
    game: BoardGame, evaluator: PositionEvaluator, request: AnalysisRequest, discount: float
) -> GameAnalysis:
    """Search the position before each move of a game.

    Args:
        game: The game.
        evaluator: The network.
        request: The moves, and the strength of the search.
        discount: Factor of a value per move.

    Returns:
        The analysis.

    Raises:
        InputError: If a move is not legal.
    """
    end = game.state_after(request.moves)
    actions = end.history()
    state, summaries, names, players = game.new_state(), [], [], []
    for action in [*actions, None]:
        if not state.is_terminal():
            search = TreeSearch(game, evaluator, state, discount)
            summaries.append(search.run(request.simulations, request.seconds))
            players.append(state.current_player())
        if action is not None:
            names.append(game.move_name(state, action))
            state.apply_action(action)
    result = (game.result(end, game.first_player) + 1) / 2 if end.is_terminal() else None
    points = [summary.best.score for summary in summaries]
    moves = []
    for number, name in enumerate(names):
        if number + 1 < len(points):
            same = players[number] == players[number + 1]
            after = points[number + 1] if same else 1 - points[number + 1]
        else:
            after = (game.result(end, players[number]) + 1) / 2
        best = summaries[number]
        moves.append(
            AnalyzedMove(
                number=number + 1,
                player=int(players[number] != game.first_player),
                move=name,
                points_before=round(points[number], 4),
                points_after=round(after, 4),
                best=best.best.name,
                line=best.line,
            )
        )
    return GameAnalysis(moves=moves, result=result)
