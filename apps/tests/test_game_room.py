"""The app game-room without a browser: episode, chart and events of the page."""

import pytest

import plexus
from plexus import InputError
from plexus_apps.game_room.game import Game, action_names
from plexus_apps.game_room.page import make_page


@pytest.fixture(scope="module")
def cartpole():
    return plexus.load("games.play/cartpole")


@pytest.fixture
def game(cartpole):
    game = Game(cartpole, seed=0)
    yield game
    game.close()


def test_the_policy_plays_until_the_end(game):
    while not game.done:
        game.step()
    assert game.steps == 500
    assert game.status() == "Step **500**; return **500**.  **The episode has ended.**"
    game.step()
    assert game.steps == 500
    assert len(game.values) == 300


def test_a_person_takes_the_controls(game):
    while not game.done:
        game.step(0)
    assert game.steps < 20
    assert f"({game.steps} by you)" in game.status()


def test_frames_and_chart_are_images(game):
    assert game.chart().shape == (150, 600, 3)
    game.step()
    game.step()
    assert game.frame.shape[2] == 3
    assert (game.chart() != 255).any()


def test_actions_have_names(cartpole):
    assert action_names(cartpole) == ("push left", "push right")
    assert "main engine" in action_names(plexus.load("games.play/lunar_lander"))


def test_a_bundle_without_episodes_is_refused():
    with pytest.raises(InputError, match="has no episodes to play"):
        Game(plexus.load("vision.classify/digits"), seed=0)


def test_the_page_plays_a_game(cartpole):
    """Calls the functions of the buttons as Gradio does."""
    page = make_page({"games.play.cartpole": cartpole})
    functions = {function.name: function.fn for function in page.fns.values()}
    game, frame, chart, status, timer = functions["start_game"]("games.play.cartpole", 3, None)
    assert status.startswith("Step **0**")
    assert frame.shape[2] == chart.shape[2] == 3
    assert timer.active
    game, *_, status, timer = functions["_advance"](game, 4, "you", 1)
    assert status.startswith("Step **4** (4 by you)")
    assert functions["_advance"](None, 4, "you", 1)[3] == "Press **Play**."
    game.close()
