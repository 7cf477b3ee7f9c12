"""The parts of the page as HTML, in the colors of the page."""

from html import escape

from plexus import InputError
from plexus_apps.board_room.board_task import CandidateMove
from plexus_apps.board_room.drawing import draw_board
from plexus_apps.board_room.explanation import explain_search
from plexus_apps.board_room.game import Game, short_move
from plexus_apps.board_room.search_view import SearchView
from plexus_apps.results import without_folders

MAX_ROWS, MAX_VARIATION, MAX_SHOWN = 8, 10, 60
"""Rows of the table, moves of the principal variation, and moves of the game that are shown, at most."""
SMALL = 0.005
"""Probabilities below are shown as 0 %."""
NO_SEARCH = '<div class="board-note">What Plexus searched appears here after its first move, or after a hint.</div>'


def board_html(game: Game, is_open: bool = True, error: InputError | None = None) -> str:
    """Return the board with what is to be done, moves without a cell, and an error.

    Args:
        game: The game.
        is_open: Whether the person can play; Plexus is searching else.
        error: What was wrong with the last action; None if nothing was.

    Returns:
        HTML.
    """
    grid = game.grid
    board = f'<pre class="board-text">{escape(game.board)}</pre>' if grid is None else draw_board(game, grid, is_open)
    alert = "" if error is None else escape(without_folders(str(error)))
    searching = "" if is_open else " data-searching"
    return (
        f'<div class="board-room" data-number="{game.number}"{searching}>'
        f'<div class="board-status" role="status">{status_html(game, is_open)}</div>'
        f'<div class="board-alert" role="alert">{alert}</div>'
        f"<div>{board}</div>{_move_buttons(game, is_open)}</div>"
    )


def status_html(game: Game, is_open: bool) -> str:
    """Return whose turn it is, or the result.

    Args:
        game: The game.
        is_open: Whether the person can play; Plexus is searching else.

    Returns:
        HTML.
    """
    names = game.players
    who = (
        f'<span class="board-who">You: <b class="board-name-person">{escape(names[game.side])}</b>, '
        f'Plexus: <b class="board-name-plexus">{escape(names[1 - game.side])}</b></span>'
    )
    result = game.result
    if result is not None:
        text = "You win." if result > 0.5 else "A draw." if result == 0.5 else "Plexus wins."
        text += f" The game is over after {game.number} moves."
    elif not is_open or not game.is_person_to_move:
        text = "Plexus is searching …"
    else:
        text = f"{_last_event(game)}Your turn."
    return f"<b>{text}</b>{who}"


def search_html(game: Game) -> str:
    """Return the table of the last search, the principal variation, and the search in words.

    Args:
        game: The game.

    Returns:
        HTML.
    """
    search = game.search
    if search is None:
        return NO_SEARCH
    whose, person = ("your position (hint)", "you win") if search.is_hint else ("the position of Plexus", "Plexus wins")
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in explain_search(search))
    win = f" Win: probability that {person}." if search.prediction.simulations else ""
    return (
        f'<div class="board-room-search"><div class="board-caption">Before move {search.number}: {whose}.{win}</div>'
        f"{_table(search)}{_line(game, search)}<ul class='board-words'>{sentences}</ul></div>"
    )


def moves_html(game: Game) -> str:
    """Return the moves of the game as the task takes them, to be analyzed with `plexus predict`.

    Args:
        game: The game.

    Returns:
        HTML; empty before the first move.
    """
    moves = game.moves
    if not moves:
        return ""
    shown = " ".join(map(short_move, moves[-MAX_SHOWN:]))
    more = "… " if len(moves) > MAX_SHOWN else ""
    return f'<div class="board-moves"><b>Moves:</b> <code>{more}{escape(shown)}</code></div>'


def _last_event(game: Game) -> str:
    """Return the last move of Plexus, or the hint; empty if there is neither."""
    search = game.search
    if search is None:
        return ""
    label = escape(search.labels[0])
    if search.is_hint:
        return f"Hint: {label}. "
    return f"Plexus played {label}. " if search.number == game.number else ""


def _move_buttons(game: Game, is_open: bool) -> str:
    """Return buttons of the moves that have no cell on the board."""
    moves = game.other_moves if is_open and game.is_person_to_move else []
    best = game.search.prediction.move if game.search is not None and game.search.is_hint else ""
    buttons = "".join(
        f'<button type="button" class="board-move{" board-best" if move == best else ""}" data-move="{escape(move)}">'
        f"{escape(short_move(move))}</button>"
        for move in moves
    )
    return f'<div class="board-move-list" role="group" aria-label="Moves">{buttons}</div>'


def _table(search: SearchView) -> str:
    """Return the best moves: visits, prior and probabilities; of the network alone its priors."""
    moves, total = search.prediction.moves, search.prediction.simulations
    has_draws = any(move.draw >= SMALL for move in moves)
    names = ["Prior", "Win", *(["Draw"] if has_draws else [])] if total else []
    heads = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(
        _row(label, move, total, len(names)) for label, move in zip(search.labels[:MAX_ROWS], moves, strict=False)
    )
    rest = len(moves) - MAX_ROWS
    more = f'<div class="board-caption">and {rest} other move{"s" if rest > 1 else ""}</div>' if rest > 0 else ""
    bar = "Visits" if total else "Prior"
    return (
        f'<table><thead><tr><th>Move</th><th class="board-wide">{bar}</th>{heads}</tr></thead><tbody>{rows}</tbody>'
        f"</table>{more}"
    )


def _row(label: str, move: CandidateMove, total: int, columns: int) -> str:
    share = move.visits / total if total else move.prior
    number = f"{move.visits:,}" if total else f"{move.prior:.0%}"
    bar = f'<span class="board-bar-box"><span class="board-bar" style="width:{100 * share:.1f}%"></span></span>{number}'
    # Without a simulation the search has no estimate of a move, but that of the whole position.
    is_known = move.visits or move.is_proven
    proven = ' <span class="board-proven" title="proven">✓</span>' if move.is_proven else ""
    cells = [f"{move.prior:.0%}", f"{move.win:.0%}{proven}", f"{move.draw:.0%}"]
    if not is_known:
        cells[1:] = ["-", "-"]
    others = "".join(f"<td>{cell}</td>" for cell in cells[:columns])
    return f'<tr><th scope="row">{escape(label)}</th><td class="board-wide">{bar}</td>{others}</tr>'


def _line(game: Game, search: SearchView) -> str:
    """Return the principal variation; on boards with cells the players alternate."""
    owners = ("person", "plexus") if search.is_hint else ("plexus", "person")
    if game.grid is None:
        owners = ("move", "move")
    chips = "".join(
        f'<span class="board-chip board-chip-{owners[index % 2]}">{escape(_short(label))}</span>'
        for index, label in enumerate(search.principal_variation[:MAX_VARIATION])
    )
    more = " …" if len(search.principal_variation) > MAX_VARIATION else ""
    return f'<div class="board-variation"><b>Principal variation:</b> {chips}{more}</div>'


def _short(label: str) -> str:
    return label.removeprefix("column ")
