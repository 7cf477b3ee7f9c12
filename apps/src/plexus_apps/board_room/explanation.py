"""The search in words."""

from plexus_apps.board_room.board_task import CandidateMove
from plexus_apps.board_room.search_view import SearchView

SMALL = 0.005
"""Probabilities below are not mentioned."""


def explain_search(search: SearchView) -> list[str]:
    """Say how many positions were searched, what the best moves are and why, and whether the result is proven.

    Args:
        search: The search.

    Returns:
        Sentences.
    """
    return [_effort(search), *_comparison(search), _proof(search)]


def probabilities(move: CandidateMove, is_person: bool) -> str:
    """Return the probabilities of a move in words.

    Args:
        move: The move.
        is_person: Whether it is a move of the person.

    Returns:
        The words, like `win 62%, draw 10% for you`.
    """
    draw = f", draw {move.draw:.0%}" if move.draw >= SMALL else ""
    return f"win {move.win:.0%}{draw} for {'you' if is_person else 'Plexus'}"


def _effort(search: SearchView) -> str:
    prediction = search.prediction
    count = prediction.simulations
    if not count:
        expected = probabilities(prediction.moves[0], search.is_hint)
        return f"The network alone plays, without a search: it expects {expected} in this position."
    position = "your position" if search.is_hint else "its position"
    early = ""
    if prediction.is_proven and count < search.limit:
        early = f" of {search.limit:,} at most, and stopped because the best move is proven"
    return f"From {position}, Plexus searched {count:,} position{'s' if count != 1 else ''}{early}."


def _comparison(search: SearchView) -> list[str]:
    """Compare the best move with the second one, and with that which the network alone prefers."""
    moves, labels, count = search.prediction.moves, search.labels, search.prediction.simulations
    best = moves[0]
    if len(moves) == 1:
        return [f"{labels[0]} is the only legal move."]
    sentences = []
    if count:
        reason = f"{best.visits:,} of {count:,} simulations went through it"
        sentences.append(f"The best move is {labels[0]}: {reason} ({probabilities(best, search.is_hint)}).")
        if moves[1].visits:
            second = f"{_visits(moves[1].visits)} ({probabilities(moves[1], search.is_hint)})"
            sentences.append(f"Second is {labels[1]}, with {second}.")
        elif not best.is_proven:
            sentences.append("No other move got a simulation, because their priors are small.")
    place = max(range(len(moves)), key=lambda index: moves[index].prior)
    if place == 0:
        sentences.append(f"The network gives {labels[0]} a prior of {best.prior:.0%}, the largest of all moves.")
    else:
        prior = f"{moves[place].prior:.0%}, against {best.prior:.0%} for {labels[0]}"
        sentences.append(f"The network alone prefers {labels[place]} ({prior}); the search changed that.")
    return sentences


def _visits(count: int) -> str:
    return f"{count:,} simulation{'s' if count != 1 else ''}"


def _proof(search: SearchView) -> str:
    prediction = search.prediction
    if not prediction.is_proven:
        return "The result is not proven: the percentages are estimates of the network, averaged over the search."
    person = search.is_hint
    result = "a draw" if prediction.draw else "a win" if bool(prediction.win) == person else "a loss"
    return f"The result is proven: with best play of both sides, the game is {result} for you."
