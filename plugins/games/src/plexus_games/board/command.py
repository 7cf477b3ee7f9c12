"""`plexus play`: a game against a bundle in the terminal."""

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.utils.messages import note
from plexus_games.board.analysis_request import SIMULATIONS

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus_games.board.codec import BoardCodec
    from plexus_games.board.game_session import GameSession

SIDES = ("first", "second")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("bundle", metavar="BUNDLE", help="folder of a bundle, or TASK/NAME of a shipped model")
    parser.add_argument(
        "--side", choices=SIDES, default="first", help="your side: first moves first [default: %(default)s]"
    )
    parser.add_argument(
        "--simulations",
        type=int,
        default=SIMULATIONS,
        metavar="N",
        help="simulations per move; 0: the network alone [default: %(default)s]",
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="seconds per move, instead of simulations")
    parser.add_argument("--moves", default="", metavar="MOVES", help="moves before the game, separated by spaces")
    parser.add_argument(
        "--gtp", action="store_true", help="respond to commands of the Go Text Protocol on standard input"
    )


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Play a game.

    Args:
        arguments: The parsed arguments.

    Returns:
        `moves`, `points`, those of the first player or None, and `side`, that of the person; with `--gtp` `moves` and
        `points`.

    Raises:
        InputError: If an argument is not valid, or the bundle is of another task.
    """
    if arguments.gtp and arguments.json:
        raise InputError("--gtp and --json both write on standard output: omit one of them")
    from plexus import load
    from plexus_games.board.codec import BoardCodec
    from plexus_games.board.game_files import parse_moves
    from plexus_games.board.game_session import GameSession
    from plexus_games.board.options import SearchOptions

    options = SearchOptions.parse({name: getattr(arguments, name) for name in ("moves", "simulations", "seconds")})

    bundle = load(arguments.bundle)
    codec = bundle.codec
    if not isinstance(codec, BoardCodec):
        raise InputError(f"{arguments.bundle}: expected a bundle of games.board, found one of {bundle.task.id}")
    moves = parse_moves(options.moves)
    session = GameSession(bundle.predictor, codec, options.simulations, options.seconds, moves)
    if arguments.gtp:
        _run_engine(session, codec)
    else:
        _play_person(session, SIDES.index(arguments.side))
    side = {} if arguments.gtp else {"side": arguments.side}
    return {"moves": session.moves, "points": session.points, **side}


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The moves, unless the result is of an engine.
    """
    if "side" in result:
        yield " ".join(result["moves"])


def _run_engine(session: "GameSession", codec: "BoardCodec") -> None:
    from plexus_games.board.gtp_engine import GtpEngine

    GtpEngine(session, codec).run(iter(sys.stdin.readline, ""), _write_response)


def _write_response(response: str) -> None:
    sys.stdout.write(response)
    sys.stdout.flush()


def _play_person(session: "GameSession", side: int) -> None:
    """Play in the terminal; standard output is reserved for the result."""
    from plexus_games.board.terminal_game import TerminalGame

    TerminalGame(session, side, iter(sys.stdin.readline, ""), note).run()
