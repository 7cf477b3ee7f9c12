"""The app game-room without a browser: episode, chart and events of the page."""

import re

import pytest

import plexus
from plexus import InputError
from plexus.utils.formatting import number
from plexus_apps.game_room.chart import draw_values
from plexus_apps.game_room.game import Game, action_names, value_caption
from plexus_apps.game_room.page import make_page


@pytest.fixture(scope="module")
def cartpole():
    return plexus.load("games.play/cartpole")


@pytest.fixture
def game(cartpole):
    game = Game(cartpole, seed=0)
    yield game
    game.close()


@pytest.mark.slow
def test_the_policy_plays_until_the_end(game):
    while not game.done:
        game.step()
    assert game.steps == 500
    assert game.status() == (
        '<div class="app-text">Step <b>500</b>; return <b>500</b>. <b>The episode has ended.</b></div>'
    )
    game.step()
    assert game.steps == 500
    assert len(game.values) == 300


def test_a_person_takes_the_controls(game):
    while not game.done:
        game.step(0)
    assert game.steps < 20
    assert f"({game.steps} by you)" in game.status()


def test_the_frame_is_an_image_and_the_chart_has_all_values(game):
    assert draw_values(game.values, game.value_caption) == ""
    game.step()
    game.step()
    assert game.frame.shape[2] == 3
    chart = draw_values(game.values, game.value_caption)
    assert len(re.search(r'points="([^"]+)"', chart)[1].split()) == 2
    assert f">{number(max(game.values))}</text>" in chart


def test_the_unit_of_the_values_is_that_of_the_training(game):
    assert game.value_caption.startswith("Value (discounted rewards): ")
    assert game.value_caption.endswith("in the rewards of the return above")
    caption = value_caption(plexus.load("games.play/lunar_lander"))
    assert caption.startswith("Value (discounted, scaled rewards): ")
    assert caption.endswith("in rewards divided by their deviation in training, not in those of the return above")


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
    message, column, game, frame, chart, status, timer = functions["start_game"]("games.play.cartpole", 3, None)
    assert (message, column.visible) == ("", True)
    assert "Step <b>0</b>" in status
    assert frame.startswith('<img src="data:image/jpeg;base64,')
    assert chart == ""
    assert timer.active
    _, _, game, _, chart, status, timer = functions["_advance"](game, 4, "you", 1)
    assert "Step <b>4</b> (4 by you)" in status
    assert "<polyline" in chart
    assert not functions["_pause"](game).active
    _, _, game, *_, timer = functions["_advance"](game, 4, "you", 1)
    assert (game.steps, timer.active) == (4, False)
    assert functions["_pause"](game).active
    message, column, *_ = functions["_advance"](None, 4, "you", 1)
    assert "Press Play." in message
    assert not column.visible
    message, *_ = functions["start_game"]("games.play.cartpole", -3, game)
    assert "Episode must be 0 or more, not -3" in message
    game.close()
