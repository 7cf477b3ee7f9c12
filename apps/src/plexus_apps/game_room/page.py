"""The page of the game room."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from plexus import Bundle
from plexus_apps.game_room.game import Game, controls
from plexus_apps.pages import KEPT, chooser, heading, kindly, shown

AGENT, PERSON = "the agent", "you"
TICK = 0.12
"""Seconds from one picture to the next."""
MOST_ACTIONS = 6


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """The game, the agent's value of it, and controls."""
    with gr.Blocks(title="Game room", analytics_enabled=False, delete_cache=KEPT) as page:
        heading("Game room", "Watch an agent play at your speed, and what it expects; take over whenever you like.")
        model = chooser(bundles, "LunarLander-v3")
        with gr.Row():
            seed = gr.Number(0, label="Episode", precision=0, minimum=0)
            speed = gr.Slider(1, 20, value=4, step=1, label="Steps a picture")
            player = gr.Radio([AGENT, PERSON], value=AGENT, label="Who plays")
        with gr.Row():
            begin = gr.Button("Play", variant="primary")
            pause = gr.Button("Pause, or go on")
        said = gr.Markdown("Press **Play**.")
        frame = shown("The game", height=380)
        chart = shown("The return that the agent expects from here on, along the last steps")
        buttons, held = _controls(bundles[model.value], player)
        game, timer = gr.State(None, delete_callback=lambda one: one and one.close()), gr.Timer(TICK, active=False)
        all_of_it = [game, frame, chart, said, timer]
        begin.click(
            kindly(lambda name, number, old: _begun(bundles[name], number, old)), [model, seed, game], all_of_it
        )
        pause.click(
            lambda one, now: gr.Timer(active=bool(one) and not one.done and not now.active), [game, timer], timer
        )
        timer.tick(_stepped, [game, speed, player, held], all_of_it, show_progress="hidden", concurrency_limit=8)
        model.change(lambda name: _named(bundles[name]), model, [*buttons, held, player])
    return page


def _controls(bundle: Bundle, player: gr.Radio) -> tuple[list[gr.Button], gr.State]:
    """A button an action; pressing one takes over."""
    held, names = gr.State(0), controls(bundle)
    with gr.Row():
        buttons = [
            gr.Button(names[at] if at < len(names) else "-", visible=at < len(names), size="sm")
            for at in range(MOST_ACTIONS)
        ]
    for at, button in enumerate(buttons):
        button.click(lambda at=at: (at, PERSON), None, [held, player], show_progress="hidden")
    return buttons, held


def _named(bundle: Bundle) -> list[Any]:
    names = controls(bundle)
    buttons = [gr.Button(names[at] if at < len(names) else "-", visible=at < len(names)) for at in range(MOST_ACTIONS)]
    return [*buttons, 0, gr.Radio(AGENT, interactive=bool(names))]


def _begun(bundle: Bundle, seed: float | None, old: Game | None) -> tuple[Any, ...]:
    if old is not None:
        old.close()
    game = Game(bundle, int(seed or 0))
    return game, game.frame, game.chart(), game.said(), gr.Timer(active=True)


def _stepped(game: Game | None, speed: float, player: str, held: int) -> tuple[Any, ...]:
    if game is None:
        return game, None, None, "Press **Play**.", gr.Timer(active=False)
    for _ in range(int(speed)):
        game.step(held if player == PERSON else None)
    return game, game.frame, game.chart(), game.said(), gr.Timer(active=not game.done)
