"""A bundle of tic-tac-toe: training, predictions, games in the terminal, an engine, and mistakes of users."""

import io
import json
import re
import sys
import time

import cv2
import numpy as np
import pytest

import plexus
from plexus import InputError
from plexus.cli import main
from plexus_games.board.analysis_request import AnalysisRequest
from plexus_games.board.codec import BoardCodec
from plexus_games.board.game_analysis import GameAnalysis
from plexus_games.board.game_session import GameSession
from plexus_games.board.gtp_clock import GtpClock
from plexus_games.board.gtp_engine import GtpEngine
from plexus_games.board.position_prediction import PositionPrediction

pytestmark = pytest.mark.slow

TRIAL = {"epochs": 2, "games": 32, "plies": 6, "simulations": 8, "channels": 8, "blocks": 1, "uct_rollouts": 4}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    plexus.train(
        "games.board", run=folder / "run", out=folder / "player", data="tic_tac_toe", val_games=4, test_games=4, **TRIAL
    )
    return plexus.load(folder / "player")


@pytest.fixture
def player(bundle):
    """The path of the bundle, for the command line."""
    return str(bundle.folder)


def play(monkeypatch, capsys, arguments, lines):
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    status = main(["play", *arguments])
    return status, *capsys.readouterr()


def test_metrics_compare_with_random_moves_and_perfect_play(bundle):
    metrics = bundle.metrics
    assert metrics["search_points"] > metrics["random_points"]
    assert metrics["search_points_low"] <= metrics["search_points"] <= metrics["search_points_high"]
    assert metrics["contested_positions"] > 300
    assert 0.9 < metrics["good_moves"] <= 1
    assert metrics["perfect_moves"] <= metrics["good_moves"]


def test_a_position_is_predicted(bundle):
    prediction = bundle.predict([["x(0,0)", "o(1,1)", "x(0,1)", "o(2,2)"]])[0]
    assert isinstance(prediction, PositionPrediction)
    assert (prediction.move, prediction.is_proven, prediction.win) == ("x(0,2)", True, 1)
    assert str(prediction) == "x(0,2)  win 100.0%, draw 0.0%, proven  (principal variation: x(0,2))"


def test_without_simulations_the_network_answers_alone(bundle):
    prediction = bundle.predict([AnalysisRequest([], simulations=0)])[0]
    assert prediction.simulations == 0
    assert prediction.moves[0].prior == max(move.prior for move in prediction.moves)


def test_a_game_is_analyzed(bundle):
    """The answer at the edge loses a draw, then x leaves out the third of the diagonal, and o does not close it."""
    moves = "x(0,0) o(0,1) x(1,1) o(1,0) x(0,2) o(2,0) x(2,2)"
    analysis = bundle.predict([AnalysisRequest(moves, simulations=3000, whole_game=True)])[0]
    assert isinstance(analysis, GameAnalysis)
    assert analysis.points == 1
    assert [move.number for move in analysis.mistakes] == [2]
    mistake = analysis.mistakes[0]
    assert mistake.points_before == pytest.approx(0.5, abs=0.1)
    assert (mistake.points_after, mistake.player, mistake.best) == (0, 1, "o(1,1)")
    assert analysis.moves[4].best == "x(2,2)"
    assert str(analysis) == "7 moves, result 1-0, 1 mistake"
    assert [line.split(":")[0] for line in analysis.detail_lines()] == ["  move 2"]


@pytest.mark.parametrize(
    ("moves", "reason"),
    [
        (["x(0,0)", "o(0,0)"], "move 2: 'o\\(0,0\\)' is not legal"),
        ([0, 3, 1, 4, 2], "the game is over after 5 moves: there is no move to search"),
        (7, "expected a list of moves of tic_tac_toe, got int"),
    ],
)
def test_mistakes_in_positions_are_refused(bundle, moves, reason):
    with pytest.raises(InputError, match=reason):
        bundle.predict([moves])


def test_a_game_is_analyzed_with_a_line_for_each_mistake(player, tmp_path, capsys):
    file = tmp_path / "game.txt"
    file.write_text("x(0,0) o(0,1) x(1,1) o(1,0) x(0,2) o(2,0) x(2,2)")
    assert main(["predict", player, str(file), "--simulations", "3000"]) == 0
    first, *mistakes = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{file}  7 moves, result 1-0, 1 mistake")
    assert len(mistakes) == 1
    assert mistakes[0].startswith("  move 2: o(0,1) (")


def test_moves_are_named_once(player, tmp_path, capsys):
    assert main(["predict", player, "0 4", "--moves", "0 4"]) == 2
    assert "INPUT, --moves and --game all name the moves: pass one of them" in capsys.readouterr().err
    assert main(["predict", player, str(tmp_path)]) == 2
    assert f"{tmp_path}: expected a file .sgf or .txt, or moves" in capsys.readouterr().err


def test_a_file_with_a_mistake_is_refused(player, tmp_path, capsys):
    file = tmp_path / "moves.txt"
    file.write_text("0 4\n1 4\n")
    assert main(["predict", player, str(file)]) == 2
    assert "move 4: '4' is not legal; the legal moves are" in capsys.readouterr().err


def test_positions_and_games_are_explained_in_figures(bundle, tmp_path):
    for name, request in {"position": ["x(0,0)"], "game": AnalysisRequest("0 1 4 3 8", 50, whole_game=True)}.items():
        file = bundle.explain(request, tmp_path / f"{name}.png")
        assert cv2.imread(str(file)).shape[1] == {"position": 1200, "game": 1080}[name]
        assert cv2.imread(str(file)).std() > 10


def test_a_bundle_is_not_evaluated_on_another_game(player, capsys):
    assert main(["evaluate", player, "--data", "connect_four"]) == 2
    assert "--data connect_four: the bundle plays tic_tac_toe" in capsys.readouterr().err


def test_the_server_takes_moves_as_a_list_or_a_text(bundle):
    for value in (["x(0,0)", "o(1,1)"], "0 4", [0, 4]):
        request = bundle.task.parse_request(bundle.codec, value)
        assert bundle.codec.position(request).history() == [0, 4]
    with pytest.raises(InputError, match="expected a list of moves from the start of the game, got float"):
        bundle.task.parse_request(bundle.codec, 0.5)


def test_options_of_predict(player, capsys):
    assert main(["predict", player, "--moves", "0 3 1 4", "--simulations", "20", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document[0]["answer"]["move"] == "x(0,2)"


def test_a_person_plays_in_the_terminal(monkeypatch, capsys, player):
    lines = ["nonsense", "moves", "0", "hint", "undo", "4", "quit"]
    status, out, err = play(monkeypatch, capsys, [player, "--json"], lines)
    assert status == 0
    document = json.loads(out)
    assert (document["moves"][0], document["points"], document["side"]) == ("x(1,1)", None, "first")
    assert len(document["moves"]) == 2  # the person's and the answer
    assert "'nonsense' is not legal; the legal moves are x(0,0)" in err
    assert "Plexus plays o(" in err


def test_a_game_in_the_terminal_ends(monkeypatch, capsys, player):
    status, out, err = play(monkeypatch, capsys, [player, "--side", "second", "--moves", "0 3 1 4"], [])
    assert status == 0
    assert out == "x(0,0) o(1,0) x(0,1) o(1,1) x(0,2)\n"
    assert err.endswith("The game is over: Plexus wins.\n")


def test_a_finished_game_is_not_searched(bundle):
    session = GameSession(bundle.predictor, bundle.codec, 20, moves=["0", "3", "1", "4"])
    session.play(session.search().move)
    assert (session.is_over, session.points, session.player) == (True, 1, -1)
    with pytest.raises(InputError, match="the game is over after 5 moves"):
        session.search()


def test_an_engine_responds_to_commands(bundle):
    engine = GtpEngine(GameSession(bundle.predictor, bundle.codec, 50), bundle.codec)
    assert engine.respond("1 protocol_version") == "=1 2\n\n"
    assert engine.respond("known_command genmove # a comment") == "= true\n\n"
    assert engine.respond("boardsize 19") == "? unacceptable size: the bundle plays tic_tac_toe\n\n"
    assert engine.respond("boardsize 3") == "=\n\n"
    assert engine.respond("play black (0,0)") == "=\n\n"
    assert engine.respond("play black (0,1)") == "? illegal move: it is the turn of white\n\n"
    assert engine.respond("play w (0,0)").startswith("? '(0,0)' is not legal")
    assert engine.respond("2 genmove w").startswith("=2 (")
    assert engine.respond("undo") == "=\n\n"
    assert engine.respond("undo") == "=\n\n"
    assert engine.respond("undo") == "? cannot undo\n\n"
    assert engine.respond("nonsense") == "? unknown command\n\n"
    assert engine.respond("") == ""


def test_an_engine_observes_time_limits(bundle):
    session = GameSession(bundle.predictor, bundle.codec, 50)
    engine = GtpEngine(session, bundle.codec)
    assert engine.respond("time_settings 60 30 5") == "=\n\n"
    assert engine._clocks[0].seconds == pytest.approx(60 / 30 + 30 / 5 - 0.1)
    assert engine.respond("time_left b 1 5") == "=\n\n"
    started = time.monotonic()
    assert engine.respond("genmove b").startswith("= ")
    assert time.monotonic() - started < 5
    assert engine._clocks[0].moves_left == 4
    assert engine._clocks[1].main == 60
    assert session.seconds is None
    assert engine.respond("time_left w 90 0") == "=\n\n"
    assert engine._clocks[1].main == 90
    assert engine.respond("time_settings 0 30 0") == "=\n\n"  # without a limit
    assert engine._clocks == {}
    assert engine.respond("time_left w x 0") == "? syntax error: expected seconds and moves as numbers, got 'x 0'\n\n"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([8], (2, 30, 2)),  # within the main time
        ([14], (0, 26, 1)),  # four seconds of the period
        ([14, 10], (0, 30, 2)),  # the next period
        ([100, 1], (0, 30, 2)),
    ],
)
def test_a_clock(seconds, expected):
    clock = GtpClock(main=10, period=30, moves=2, period_left=30, moves_left=2)
    for each in seconds:
        clock.spend(each)
    assert (clock.main, clock.period_left, clock.moves_left) == expected


def test_an_engine_on_standard_input(monkeypatch, capsys, player):
    status, out, _ = play(monkeypatch, capsys, [player, "--gtp"], ["play b (1,1)", "showboard", "3 quit", "name"])
    assert status == 0
    assert out == "=\n\n= \n...\n.x.\n...\n\n=3\n\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--simulations", "-1"], "--simulations must be greater than or equal to 0, not -1"),
        (["--seconds", "0"], "--seconds must be greater than 0, not 0.0"),
        (["--gtp", "--json"], "omit one of them"),
        (["--moves", "0 0"], "move 2: '0' is not legal"),
    ],
)
def test_wrong_arguments_of_play_are_refused(monkeypatch, capsys, player, arguments, reason):
    status, out, err = play(monkeypatch, capsys, [player, *arguments], [])
    assert (status, out) == (2, "")
    assert reason in err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"simulations": -1}, "simulations: expected an integer from 0 to 1,000,000, got -1"),
        ({"simulations": "9"}, "simulations: expected an integer from 0 to 1,000,000, got '9'"),
        ({"seconds": -1}, "seconds: expected more than 0 and at most 3,600, got -1"),
    ],
)
def test_requests_with_wrong_numbers_are_refused(options, reason):
    with pytest.raises(InputError) as error:
        AnalysisRequest([0], **options)
    assert str(error.value) == reason


def test_a_file_of_another_game_is_refused(player, tmp_path, capsys):
    file = tmp_path / "game.sgf"
    file.write_text("(;GM[1]SZ[9];B[ee])")
    for arguments in ([str(file)], ["--game", str(file)]):
        assert main(["predict", player, *arguments]) == 2
        assert "has a game of go(board_size=9), but the bundle plays tic_tac_toe" in capsys.readouterr().err


def test_a_file_and_moves_are_not_both_taken(player, capsys):
    assert main(["predict", player, "--moves", "0", "--game", "moves.txt"]) == 2
    assert "--game and --moves both name the moves: omit one of them" in capsys.readouterr().err


def go_engine():
    """An engine of Go with a uniform network."""
    codec = BoardCodec("go(board_size=5)", 0.99)

    def network(inputs):
        rows = len(inputs["observation"])
        return {"logits": np.zeros((rows, 26)), "value": np.zeros(rows), "outcome": np.zeros((rows, 3))}

    return GtpEngine(GameSession(network, codec, 10), codec)


def test_a_board_with_empty_lines_does_not_end_the_response():
    response = go_engine().respond("showboard")
    assert response.count("\n\n") == 1
    assert response.endswith(" 1 +++++\n   ABCDE\n\n")


def test_moves_of_go_are_upper_case_without_the_color():
    assert re.fullmatch(r"= ([A-E][1-5]|PASS)\n\n", go_engine().respond("\x01genmove b"))
    assert go_engine().respond("komi 7.5") == "=\n\n"
    assert go_engine().respond("komi 0").startswith("? unacceptable komi")
