"""Gradio page on which a trained policy plays an episode frame by frame, or the visitor does."""

from collections.abc import Mapping

import gradio as gr
import numpy as np

from plexus import Bundle
from plexus_apps.game_room.game import Game, action_names
from plexus_apps.pages import DELETE_CACHE, heading, image_output, model_dropdown, show_input_errors

POLICY, PERSON = "the policy", "you"
FRAME_INTERVAL = 0.12
"""Seconds between two frames."""
MAX_BUTTONS = 6
START = "Press **Play**."

View = tuple[Game | None, np.ndarray | None, np.ndarray | None, str, gr.Timer]
"""Values of the components that each step updates."""


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: the game, a chart of the policy's values, and controls.

    Args:
        bundles: Bundles by name.

    Returns:
        The page.
    """
    page: gr.Blocks
    with gr.Blocks(title="Game room", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Game room", "Watch a trained policy play, with the return that it expects, or take the controls.")
        model = model_dropdown(bundles, "LunarLander-v3")
        with gr.Row():
            seed = gr.Number(0, label="Episode", precision=0, minimum=0)
            speed = gr.Slider(1, 20, value=4, step=1, label="Steps per frame")
            player = gr.Radio([POLICY, PERSON], value=POLICY, label="Player")
        with gr.Row():
            play = gr.Button("Play", variant="primary")
            pause = gr.Button("Pause or resume")
        status = gr.Markdown(START)
        frame = image_output("Current frame", height=380)
        chart = image_output("Value: expected return from each of the last steps")
        buttons, action = _controls(bundles[model.value], player)
        game, timer = gr.State(None, delete_callback=_close), gr.Timer(FRAME_INTERVAL, active=False)
        view = [game, frame, chart, status, timer]

        @show_input_errors
        def start_game(name: str, number: float | None, previous: Game | None) -> View:
            _close(previous)
            return _view(Game(bundles[name], int(number or 0)))

        play.click(start_game, [model, seed, game], view)
        pause.click(
            lambda current, running: gr.Timer(active=bool(current) and not current.done and not running.active),
            [game, timer],
            timer,
        )
        timer.tick(_advance, [game, speed, player, action], view, show_progress="hidden", concurrency_limit=8)
        model.change(lambda name: _label_buttons(bundles[name]), model, [*buttons, action, player])
    return page


def _controls(bundle: Bundle, player: gr.Radio) -> tuple[list[gr.Button], gr.State]:
    """Create one button per action; pressing one takes the controls."""
    action = gr.State(0)
    with gr.Row():
        buttons = _buttons(bundle)
    for index, button in enumerate(buttons):
        button.click(lambda index=index: (index, PERSON), None, [action, player], show_progress="hidden")
    return buttons, action


def _buttons(bundle: Bundle) -> list[gr.Button]:
    names = [*action_names(bundle)[:MAX_BUTTONS]]
    names += [""] * (MAX_BUTTONS - len(names))
    return [gr.Button(name or "-", visible=bool(name), size="sm") for name in names]


def _label_buttons(bundle: Bundle) -> list[object]:
    return [*_buttons(bundle), 0, gr.Radio(POLICY, interactive=bool(action_names(bundle)))]


def _advance(game: Game | None, speed: float, player: str, action: int) -> View:
    for _ in range(int(speed)):
        if game is not None:
            game.step(action if player == PERSON else None)
    return _view(game)


def _view(game: Game | None) -> View:
    if game is None:
        return None, None, None, START, gr.Timer(active=False)
    return game, game.frame, game.chart(), game.status(), gr.Timer(active=not game.done)


def _close(game: Game | None) -> None:
    if game is not None:
        game.close()
