"""The app board-room: a game without a browser, its drawing, and games in a browser by mouse and keyboard."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import plexus
from plexus import InputError
from plexus.report.figure import svg_width
from plexus_apps.board_room.app import analyze_game
from plexus_apps.board_room.chart import draw_chart
from plexus_apps.board_room.estimate import Estimate
from plexus_apps.board_room.explanation import explain_search
from plexus_apps.board_room.game import Game
from plexus_apps.board_room.geometry import Geometry
from plexus_apps.board_room.page import make_page, play
from plexus_apps.board_room.results import board_html, moves_html, search_html


@pytest.fixture(scope="module")
def bundle(trial):
    """A bundle of tic-tac-toe, whose network knows little; a search of 200 simulations sees what is close."""
    return plexus.load(trial("games.board") / "run/bundle")


@pytest.fixture
def game(bundle):
    return Game(bundle, side=0, simulations=200)


def event(game, **values):
    return {"number": game.number, "place": "", "move": ""} | values


class UntrainedBundle:
    """A bundle of any game whose network has equal priors; the app uses no more of a bundle than this."""

    def __init__(self, bundle, name):
        self.task, self.codec = bundle.task, type(bundle.codec)(name, 0.99)
        actions = self.codec.game.actions

        def predictor(inputs):
            count = len(inputs["observation"])
            return {
                "logits": np.zeros((count, actions), np.float32),
                "value": np.zeros(count, np.float32),
                "outcome": np.zeros((count, 3), np.float32),
            }

        self.predictor = predictor


def svg(html):
    """The board of a page as XML."""
    return ElementTree.fromstring(re.search(r"<svg.*?</svg>", html, re.DOTALL)[0])


def buttons(html):
    return [each.get("aria-label") for each in svg(html).iter("g") if each.get("role") == "button"]


def test_plexus_answers_a_move(game):
    game.play("x(1,1)")
    game.play_reply()
    assert game.number == 2
    assert game.is_person_to_move
    assert not game.search.is_hint
    assert sorted(game.estimates) == [1, 2]
    assert game.estimates[1] == game.estimates[2]
    assert game.moves[0] == "x(1,1)"


def test_plexus_begins_if_the_person_is_second(bundle):
    game = Game(bundle, side=1, simulations=0)
    assert not game.is_person_to_move
    game.play_reply()
    assert (game.number, game.is_person_to_move, game.search.prediction.simulations) == (1, True, 0)
    assert "The network alone plays, without a search" in explain_search(game.search)[0]


def test_the_network_alone_does_not_use_an_earlier_search(game):
    game.hint()
    assert game.search.prediction.simulations == 200
    game.set_simulations(0)
    game.hint()
    assert game.search.prediction.simulations == 0


def test_a_game_to_its_end_and_back(bundle):
    game = Game(bundle, side=1, simulations=800)
    game.play_reply()
    while not game.is_over:
        game.play(game.other_moves[0] if game.other_moves else next(iter(game.grid.moves)))
        game.play_reply()
    assert game.result == 0  # the person takes the first free cell
    assert game.estimates[game.number] == Estimate(0, 0)
    assert "Plexus wins. The game is over after" in board_html(game)
    assert buttons(board_html(game)) == []
    with pytest.raises(InputError, match="The game is over: start a new one, or take back a move"):
        game.play_place((0, 0))
    with pytest.raises(InputError, match="The game is over"):
        game.hint()
    number = game.number
    game.undo()
    assert game.number == number - 2
    assert game.is_person_to_move
    assert max(game.estimates) == game.number


def test_take_back_needs_a_move_of_the_person(bundle):
    game = Game(bundle, side=1, simulations=0)
    game.play_reply()
    with pytest.raises(InputError, match="There is no move of yours to take back"):
        game.undo()
    assert game.number == 1


def test_a_hint_finds_the_win(bundle):
    game = Game(bundle, side=0, simulations=200, moves=["x(0,0)", "o(2,2)", "x(0,2)", "o(2,0)"])
    game.hint()
    assert (game.search.labels[0], game.search.place, game.search.principal_variation) == ("b1", (0, 1), ["b1"])
    assert game.estimates[4] == Estimate(1, 0)
    sentences = " ".join(explain_search(game.search))
    assert "From your position, Plexus searched" in sentences
    assert "The best move is b1" in sentences
    assert "The result is proven: with best play of both sides, the game is a win for you." in sentences
    html = board_html(game)
    assert "Hint: b1. Your turn." in html
    assert 'class="board-hint"' in html
    table = ElementTree.fromstring(re.search(r"<table>.*</table>", search_html(game))[0])
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows[0][:4] == ["Move", "Visits", "Prior", "Win"]
    assert rows[1][0] == "b1"
    assert rows[1][3] == "100% ✓"


def test_a_mistake_of_the_person_is_marked(bundle):
    game = Game(bundle, side=0, simulations=0, moves=["x(0,0)", "o(2,2)", "x(0,2)"])
    game.estimates = {0: Estimate(0.5, 0.4), 1: Estimate(0.2, 0.5), 2: Estimate(0.2, 0.5), 3: Estimate(0.3, 0.5)}
    assert game.mistakes == [1]
    html = draw_chart(game.estimates, game.mistakes)
    assert "mistakes of yours: move 1" in html
    assert html.count('class="board-mistake"') == 1
    assert "1: 20%" in html


def test_mistakes_of_the_user_are_one_line(game):
    game.play_place((1, 1))
    with pytest.raises(InputError, match="The position has changed since you chose"):
        game.play_place((0, 0))  # it is the turn of Plexus
    game.play_reply()
    with pytest.raises(InputError, match="b2 is occupied: choose a free cell"):
        game.play_place((1, 1))
    with pytest.raises(InputError, match="no such cell"):
        game.play_place((7, 0))
    for values, reason in (
        ({"place": "1,1"}, "b2 is occupied"),
        ({"place": "<b>", "number": 2}, "expected a cell of the board, got &#x27;&lt;b&gt;&#x27;"),
        ({"place": "0,0", "number": 1}, "The position has changed"),
        ({"move": "<i>"}, "&#x27;&lt;i&gt;&#x27; is not legal; the legal moves are"),
    ):
        (view,) = play(game, event(game, **values))
        alert = re.search(r'role="alert">(.*?)</div>', view[0])[1]
        assert reason in alert
        assert "\n" not in alert
    ((board, *_),) = play(None, {})
    assert "start a new one" in board
    assert game.number == 2


@pytest.mark.slow
def test_the_page_plays_a_game(bundle):
    """Calls the functions of the page as Gradio does."""
    page = make_page({"games.board.ttt": bundle})
    functions = {function.name: function.fn for function in page.fns.values()}
    (game, board, chart, search, moves), _ = functions["start_game"]("games.board.ttt", "50", "first", None)
    assert buttons(board) == ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]
    assert "starts with the first search" in chart
    assert "appears here" in search
    assert moves == ""
    waiting, answered = play(game, event(game, place="1,1"))
    assert "Plexus is searching" in waiting[0]
    assert buttons(waiting[0]) == []
    assert "Your turn." in answered[0]
    assert len(buttons(answered[0])) == 7
    assert "x(1,1) o(" in moves_html(game)
    assert "Your turn" in functions["_undo"](game)[0]
    assert game.number == 0
    assert "Hint: " in functions["_hint"](game)[0]
    functions["_set_strength"](game, "800")
    functions["_hint"](game)
    assert game.search.limit == 800
    first, second, _ = functions["start_game"]("games.board.ttt", "50", "second", game)
    assert game.is_closed
    assert "Plexus is searching" in first[1]
    assert "Plexus played" in second[1]


def test_an_answer_for_a_game_that_was_replaced_is_not_shown(game):
    events = play(game, event(game, place="0,0"))
    next(events)
    game.is_closed = True
    assert list(events) == []


def test_columns_are_buttons(bundle):
    game = Game(UntrainedBundle(bundle, "connect_four"), side=0, simulations=20)
    assert buttons(board_html(game)) == [f"column {number}" for number in range(1, 8)]
    game = Game(UntrainedBundle(bundle, "connect_four"), side=0, simulations=20, moves=["x3", "o3"] * 3)
    assert buttons(board_html(game)) == [f"column {number}" for number in (1, 2, 3, 5, 6, 7)]
    with pytest.raises(InputError, match="column 4 is full: choose another one"):
        game.play_place((0, 3))
    game.hint()
    assert game.search.labels[0].startswith("column ")


@pytest.mark.parametrize(("name", "cells", "others"), [("go(board_size=5)", 25, 1), ("othello", 4, 0), ("hex", 121, 0)])
def test_boards_have_a_button_per_legal_move(bundle, name, cells, others):
    game = Game(UntrainedBundle(bundle, name), side=0, simulations=0)
    html = board_html(game)
    assert len(buttons(html)) == cells
    assert html.count("data-move=") == others


def test_a_game_without_cells_has_its_text_and_a_button_per_move(bundle):
    game = Game(UntrainedBundle(bundle, "breakthrough"), side=0, simulations=0)
    html = board_html(game)
    assert "8bbbbbbbb" in html
    assert "<svg" not in html
    assert html.count("data-move=") == len(game.other_moves) == 22
    board = list(play(game, event(game, move=game.other_moves[0])))[-1][0]
    assert game.number == 2
    assert "Plexus played" in board


def test_the_first_player_of_chess_is_white(bundle):
    game = Game(UntrainedBundle(bundle, "chess"), side=0, simulations=0)
    assert game.is_person_to_move
    assert "You: <b" in board_html(game)
    assert game.players[game.side] == "first player"
    end = Game(game_bundle := UntrainedBundle(bundle, "chess"), 0, 0, ["f3", "e5", "g4", "Qh4#"])
    assert (end.result, end.is_over) == (0, True)
    assert Game(game_bundle, 1, 0, ["f3", "e5", "g4", "Qh4#"]).result == 1


def test_the_edges_of_hex_meet_at_the_corners():
    top_and_bottom, left_and_right = Geometry("hexagons", 3, 4).edges()
    (top, bottom), (left, right) = top_and_bottom, left_and_right
    for first, second in ((top[0], left[0]), (top[-1], right[0]), (bottom[0], left[-1]), (bottom[-1], right[-1])):
        assert first == pytest.approx(second)
    width, height = Geometry("hexagons", 3, 4).size
    assert all(0 < x < width and 0 < y < height for edge in (top, bottom, left, right) for x, y in edge)


@pytest.mark.slow
def test_the_game_of_the_demo_is_analyzed(bundle, tmp_path):
    analyze_game(bundle, tmp_path)
    analysis = (tmp_path / "game.json").read_text()
    assert '"points": 1.0' in analysis
    for name, width in {"game.svg": 864, "position.svg": 960}.items():
        assert svg_width((tmp_path / name).read_text()) == width


def test_a_bundle_of_another_task_is_refused():
    with pytest.raises(InputError, match=r"vision.classify has no board games to play"):
        Game(plexus.load("vision.classify/digits"), side=0, simulations=0)


@pytest.fixture(scope="module")
def address(tmp_path_factory, serve_pages, bundle):
    """The address of the page of the app."""
    folder = tmp_path_factory.mktemp("page")
    with serve_pages(folder, "board-room", bundle.folder) as address:
        yield f"{address}/apps/board-room/"
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def opened(open_page, address):
    """The function that opens the page."""

    def open_app(width=1280):
        page = open_page(address, width)
        page.get_by_role("button", name="b2", exact=True).wait_for()
        return page

    return open_app


def wait_for_turn(page, number):
    """Wait until so many moves are played and the person is to move, or the game is over."""
    page.wait_for_function(
        """number => { const room = document.querySelector('.board-room');
        return Number(room.dataset.number) >= number && /Your turn|is over/.test(room.innerText) }""",
        arg=number,
    )
    return int(page.locator(".board-room").get_attribute("data-number"))


def first_cell(page):
    cells = page.locator(".board-playable")
    return cells.first.get_attribute("aria-label") if cells.count() else None


@pytest.mark.slow
def test_a_whole_game_with_the_mouse(opened):
    page = opened()
    number = 0
    while label := first_cell(page):
        page.get_by_role("button", name=label, exact=True).click()
        number = wait_for_turn(page, number + 1)
    assert re.search(
        r"(You win|Plexus wins|A draw)\. The game is over after \d moves", page.locator(".board-status").inner_text()
    )
    assert page.locator(".board-table, .board-room-search table").count() == 1
    assert "Probability that you win" in page.locator(".board-chart").locator("..").get_attribute("aria-label")
    page.locator("[data-place='0,0']").click()
    page.locator(".board-alert", has_text="The game is over: start a new one, or take back a move.").wait_for()
    page.get_by_role("button", name="Take back").click()
    wait_for_turn(page, number - 2)
    page.get_by_role("button", name="Hint").click()
    page.locator(".board-status", has_text="Hint: ").wait_for()
    page.locator(".board-words", has_text="From your position, Plexus searched").wait_for()
    page.get_by_role("radio", name="second").check()
    page.locator(".board-status", has_text="Plexus played").wait_for()
    assert page.locator(".board-room").get_attribute("data-number") == "1"
    page.get_by_role("button", name="New game").click()
    page.locator(".board-status", has_text="You: o, Plexus: x").wait_for()


@pytest.mark.slow
def test_a_whole_game_with_the_keyboard_on_a_phone(opened):
    page = opened(390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    while page.evaluate("document.activeElement.getAttribute('aria-label')") != "a1":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "b2"
    number, keys = 0, ["Enter", " "]
    while first_cell(page):
        page.wait_for_function("document.activeElement.classList.contains('board-playable')")
        page.keyboard.press(keys[number // 2 % 2])
        number = wait_for_turn(page, number + 1)
    assert page.locator("[data-place='1,1'][aria-label='b2: x']").count() == 1
    assert "The game is over" in page.locator(".board-status").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_moves_at_once_are_not_lost(opened):
    """A script clicks a cell in the moment in which it becomes playable, and a double click plays once."""
    page = opened()
    page.evaluate(
        """() => { const room = () => document.querySelector('.board-room'); let last = -1;
        const play = () => { const cell = document.querySelector('.board-playable'), number = +room().dataset.number;
          if (!cell || number === last) return;
          last = number;
          for (const detail of [1, 2]) cell.dispatchEvent(new MouseEvent('click', {bubbles: true, detail})); };
        new MutationObserver(play).observe(room().parentElement.parentElement, {childList: true, subtree: true});
        play(); }"""
    )
    page.locator(".board-status", has_text="The game is over").wait_for()
    assert page.locator(".board-alert").inner_text() == ""
