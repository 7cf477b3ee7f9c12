"""Gradio page on which a person plays a board game against a bundle."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gradio as gr

from plexus import Bundle, InputError
from plexus_apps.board_room.chart import draw_chart
from plexus_apps.board_room.game import CHANGED, Game
from plexus_apps.board_room.results import board_html, moves_html, search_html
from plexus_apps.board_room.style import SCRIPT, STYLE
from plexus_apps.pages import DELETE_CACHE, heading, model_dropdown

STRENGTHS = {"network alone": 0, "50": 50, "200": 200, "800": 800}
"""Simulations per move by the name of the strength."""
FIRST_STRENGTH = "200"
SIDES = ("first", "second")
SESSION_SECONDS = 7200
"""Seconds after which a game is deleted, even if the page stays open."""
SEARCHES = 4
"""Searches at the same time, of all visitors."""
KEYS = "Click or tap the board. With the keyboard, Tab and the arrow keys choose, and Enter plays."
View = tuple[str, str, str, str]
"""Board, chart, search and moves."""
Event = dict[str, Any]


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: the board, the probabilities along the game, and the last search.

    Args:
        bundles: Bundles by name.

    Returns:
        The page.
    """
    page: gr.Blocks
    with gr.Blocks(title="Board room", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        gr.HTML(STYLE, padding=False, elem_classes="app-style")
        heading("Board room", "Play a board game against a trained network, and see what its search expects.")
        model = model_dropdown(bundles)
        game = gr.State(None, time_to_live=SESSION_SECONDS, delete_callback=_close)
        with gr.Row():
            with gr.Column(scale=6):
                settings = model, *_settings()
                board = gr.HTML(padding=False, js_on_load=SCRIPT)
                buttons = _buttons()
                gr.Markdown(KEYS, elem_classes="caption")
            with gr.Column(scale=5):
                gr.Markdown("## Probabilities of the results along the game")
                chart = gr.HTML(padding=False)
                gr.Markdown("## The last search")
                search = gr.HTML(padding=False)
                moves = gr.HTML(padding=False)
        _add_events(page, bundles, game, settings, buttons, (board, chart, search, moves))
    return page


def _settings() -> tuple[gr.Radio, gr.Radio]:
    with gr.Group():
        strength = gr.Radio([*STRENGTHS], value=FIRST_STRENGTH, label="Strength of Plexus: simulations per move")
        side = gr.Radio([*SIDES], value=SIDES[0], label="You move (starts a new game)")
    return strength, side


def _buttons() -> tuple[gr.Button, gr.Button, gr.Button]:
    with gr.Row(elem_classes="board-buttons"):
        return gr.Button("New game", variant="primary"), gr.Button("Take back"), gr.Button("Hint")


def _add_events(
    page: gr.Blocks,
    bundles: Mapping[str, Bundle],
    game: gr.State,
    settings: tuple[gr.Dropdown, gr.Radio, gr.Radio],
    buttons: tuple[gr.Button, gr.Button, gr.Button],
    view: tuple[gr.HTML, gr.HTML, gr.HTML, gr.HTML],
) -> None:
    model, strength, side = settings
    start, undo, hint = buttons
    common: Event = {"show_progress": "hidden", "concurrency_limit": SEARCHES, "concurrency_id": "board-room"}

    def start_game(name: str, level: str, player: str, previous: Game | None) -> Iterator[object]:
        _close(previous)
        new = Game(bundles[name], SIDES.index(player), STRENGTHS[level])
        for values in _play_reply(new):
            yield new, *values
        yield gr.skip()

    def play_move(current: Game | None, event: gr.EventData) -> Iterator[object]:
        yield from play(current, event._data or {})
        yield gr.skip()  # Gradio shows the last view twice, the second time perhaps over that of a later event

    gr.on(
        [page.load, start.click, model.change, side.change],
        start_game,
        [model, strength, side, game],
        [game, *view],
        trigger_mode="always_last",
        **common,
    )
    # Gradio ends an event some time after it shows the last view: "once" would drop a move that is chosen at once, and
    # "always_last" would run it without its cell. A move that comes twice is refused by its number.
    view[0].submit(play_move, game, [*view], trigger_mode="multiple", **common)
    undo.click(_undo, game, [*view], **common)
    hint.click(_hint, game, [*view], **common)
    strength.change(_set_strength, [game, strength], None, show_progress="hidden")


def play(game: Game | None, event: Event) -> Iterator[View]:
    """Play the person's move, and then that of Plexus.

    Args:
        game: The game; None if it was deleted.
        event: `number`, of moves that were played when the person chose; `place`, the cell as `row,column`, or `move`.

    Yields:
        The view of the game with the person's move, and with that of Plexus.
    """
    if game is None:
        yield _deleted()
        return
    # No lock is held while the generator waits: it goes on in another thread.
    error = _try(game, lambda: _play_event(game, event))
    if error is not None:
        yield _view(game, error=error)
        return
    yield from _play_reply(game)


def _play_event(game: Game, event: Event) -> None:
    if event.get("number") != game.number:
        raise InputError(CHANGED)
    place, move = str(event.get("place") or ""), str(event.get("move") or "")
    if move:
        game.play(move)
        return
    row, _, column = place.partition(",")
    if not (row.isdecimal() and column.isdecimal() and len(place) < 10):
        raise InputError(f"expected a cell of the board, got {place[:40]!r}: choose another one")
    game.play_place((int(row), int(column)))


def _play_reply(game: Game) -> Iterator[View]:
    """Yield the view while Plexus searches, and that with its move; nothing if another game has begun."""
    if not game.is_over and not game.is_person_to_move:
        yield _view(game, is_open=False)
    with game.lock:
        game.play_reply()
        view = _view(game)
    if not game.is_closed:
        yield view


def _undo(game: Game | None) -> View:
    return _deleted() if game is None else _view(game, error=_try(game, game.undo))


def _hint(game: Game | None) -> View:
    return _deleted() if game is None else _view(game, error=_try(game, game.hint))


def _try(game: Game, change: Callable[[], None]) -> InputError | None:
    """Change a game; returns the error if that is not possible."""
    with game.lock:
        try:
            change()
        except InputError as error:
            return error
    return None


def _set_strength(game: Game | None, level: str) -> None:
    if game is not None:
        with game.lock:
            game.set_simulations(STRENGTHS[level])


def _view(game: Game, is_open: bool = True, error: InputError | None = None) -> View:
    with game.lock:
        return (
            board_html(game, is_open, error),
            draw_chart(game.estimates, game.mistakes),
            search_html(game),
            moves_html(game),
        )


def _deleted() -> View:
    text = "The game is no longer here, because it began long ago: start a new one."
    return (
        f'<div class="board-room" data-number="0"><div class="board-alert" role="alert">{text}</div></div>',
        "",
        "",
        "",
    )


def _close(game: Game | None) -> None:
    if game is not None:
        game.is_closed = True
