"""Board games: speed of self-play, moves compared with perfect play, games against UCT, and ratings.

    python benchmarks/board_games.py speed [--data connect_four] [--channels 32] [--blocks 2]
    python benchmarks/board_games.py tree BUNDLE [--simulations 100]
    python benchmarks/board_games.py moves BUNDLE [--positions 1000] [--simulations 0 100 800]
    python benchmarks/board_games.py games BUNDLE [--simulations 200] [--rollouts 10000] [--engine COMMAND]
    python benchmarks/board_games.py ratings BUNDLE... [--simulations 100] [--rollouts 100 1000 10000] [--games 40]

`speed` counts the simulations of a second on one core, with 256 games at once. `tree` plays against every sequence of
moves of the opponent, with both colors. `moves` is for Connect Four: it compares moves in contested random positions,
where some moves keep the result of perfect play and some lose it, with the scores of the solver bitbully, which is
under the AGPL and is installed by hand (`pip install bitbully`). `games` plays against UCT from random openings, with
both colors; with `--engine` also against a program that speaks GTP, such as `gnugo --mode gtp --chinese-rules`.
`ratings` computes Elo ratings of a round robin by the Bradley-Terry model, with bootstrap intervals.
"""

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
from gtp_player import GtpPlayer

import plexus
from plexus.metrics.intervals import wilson_interval
from plexus_games.board.evaluation import network_player
from plexus_games.board.evaluator import network_evaluator
from plexus_games.board.game import BoardGame
from plexus_games.board.players import Player, play_games, random_position, uct_player

ELO_PER_LOGIT = 400 / np.log(10)
RESAMPLES = 200
PLIES = ((0, 7), (8, 15), (16, 23), (24, 41))


def speed(options: argparse.Namespace) -> Iterator[str]:
    """Yield the simulations of a second."""
    from plexus.training.keras_predictor import KerasPredictor
    from plexus_games.board.gumbel_search import GumbelSearch
    from plexus_games.board.network import build_network
    from plexus_games.board.options import BoardOptions

    game = BoardGame.parse(options.data)
    network = build_network(game, BoardOptions.parse({"channels": options.channels, "blocks": options.blocks}))
    evaluate = network_evaluator(KerasPredictor(network))
    generator = np.random.default_rng(0)
    states = [random_position(game, int(generator.integers(13)), generator) for _ in range(options.games)]
    search, rates, bare = GumbelSearch(game, evaluate), [], []
    for _ in range(options.repeats + 1):
        started = time.perf_counter()
        search.run(states, options.simulations, generator)
        rates.append(options.games * options.simulations / (time.perf_counter() - started))
        observations, started = game.observe(states), time.perf_counter()
        for _ in range(options.simulations):
            evaluate(observations)
        bare.append(options.games * options.simulations / (time.perf_counter() - started))
    low, high = np.percentile(rates[1:], [5, 95])
    yield f"{np.median(rates[1:]):,.0f} simulations per second ({low:,.0f} to {high:,.0f}, {options.repeats} repeats)"
    yield f"{np.median(bare[1:]):,.0f} positions per second by the network alone"


def tree(options: argparse.Namespace) -> Iterator[str]:
    """Yield wins, draws and losses against every sequence of moves."""
    game, player = _player(options.bundles[0], options.simulations[0])
    moves: dict[str, int] = {}
    for side, color in enumerate(("first", "second")):
        results = defaultdict(int)
        positions = {str(game.new_state()): game.new_state()}
        while positions:
            after: dict[str, object] = {}
            for key, state in positions.items():
                actions = state.legal_actions()
                if state.current_player() == side:
                    moves[key] = moves[key] if key in moves else player(state)
                    actions = [moves[key]]
                for action in actions:
                    child = state.child(action)
                    if child.is_terminal():
                        results[game.result(child, side), str(child)] += 1
                    else:
                        after[str(child)] = child
            positions = after
        counts = [sum(result == value for result, _ in results) for value in (1, 0, -1)]
        yield f"{color}: {counts[0]:,} won, {counts[1]:,} drawn and {counts[2]:,} lost positions at the end"


def moves(options: argparse.Namespace) -> Iterator[str]:
    """Yield the share of good and of perfect moves by ply."""
    game, _ = _player(options.bundles[0], 0)
    positions = list(_contested_positions(game, options.positions, options.seed))
    yield f"{len(positions)} contested positions of {options.positions} random ones"
    yield "| player | plies | positions | good | perfect | seconds per move |\n|---|---|---|---|---|---|"
    players = {f"{count} simulations": _player(options.bundles[0], count)[1] for count in options.simulations}
    players |= {f"UCT-{count}": uct_player(game, count, options.seed) for count in options.rollouts}
    for name, player in players.items():
        started = time.perf_counter()
        quality = np.array([_quality(player(state), scores) for state, scores in positions], float)
        seconds = (time.perf_counter() - started) / len(positions)
        plies = np.array([state.move_number() for state, _ in positions])
        for low, high in (*PLIES, (0, 41)):
            rows = quality[(plies >= low) & (plies <= high)]
            shares = [_share(rows[:, column]) for column in range(2)]
            yield f"| {name} | {low}-{high} | {len(rows)} | {shares[0]} | {shares[1]} | {seconds:.3f} |"


def games(options: argparse.Namespace) -> Iterator[str]:
    """Yield the points against UCT."""
    game, player = _player(options.bundles[0], options.simulations[0])
    opponents: dict[str, Player] = {
        f"UCT-{count:,}": uct_player(game, count, options.seed) for count in options.rollouts
    }
    if options.engine:
        opponents[options.engine] = GtpPlayer(options.engine, game)
    for name, opponent in opponents.items():
        points = play_games(game, player, opponent, options.games, options.opening, options.seed)
        half_width = 1.96 * points.std(ddof=1) / np.sqrt(len(points))
        wins, draws = (points == 1).mean(), (points == 0.5).mean()
        yield (
            f"{options.simulations[0]} simulations against {name}: wins {wins:.3f}, draws {draws:.3f}, "
            f"{points.mean():.3f} +- {half_width:.3f} points in {len(points)} games"
        )


def ratings(options: argparse.Namespace) -> Iterator[str]:
    """Yield Elo ratings, the weakest player at 0."""
    players: dict[str, Player] = {}
    for bundle in options.bundles:
        game, players[bundle] = _player(bundle, options.simulations[0])
    players |= {f"UCT-{count}": uct_player(game, count, options.seed) for count in options.rollouts}
    names, results = list(players), []
    for first, second in combinations(range(len(names)), 2):
        points = play_games(
            game, players[names[first]], players[names[second]], options.games, options.opening, options.seed
        )
        results += [(first, second, value) for value in points]
    table = np.array(results)
    generator = np.random.default_rng(options.seed)
    samples = [
        _bradley_terry(table[generator.integers(len(table), size=len(table))], len(names)) for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(samples, [2.5, 97.5], axis=0)
    yield "| player | Elo | 95 % interval |\n|---|---|---|"
    for index, value in enumerate(_bradley_terry(table, len(names))):
        yield f"| {names[index]} | {value:.0f} | {low[index]:.0f} to {high[index]:.0f} |"


def _player(bundle: str, simulations: int) -> tuple[BoardGame, Player]:
    loaded = plexus.load(bundle)
    evaluator = network_evaluator(loaded.predictor)
    return loaded.codec.game, network_player(loaded.codec.game, evaluator, simulations, loaded.codec.discount)


def _contested_positions(game: BoardGame, count: int, seed: int) -> Iterator[tuple[object, dict[int, int]]]:
    from bitbully import BitBully, Board

    solver, generator, seen = BitBully(), np.random.default_rng(seed), set()
    for _ in range(count):
        state = random_position(game, int(generator.integers(36)), generator)
        board = Board()
        for action in state.history():
            board.play(int(action))
        scores = {int(action): int(score) for action, score in solver.score_all_moves(board).items()}
        if len(set(np.sign(list(scores.values())))) > 1 and str(state) not in seen:
            seen.add(str(state))
            yield state, scores


def _quality(action: int, scores: dict[int, int]) -> tuple[bool, bool]:
    best = max(scores.values())
    return np.sign(scores[action]) == np.sign(best), scores[action] == best


def _share(values: np.ndarray) -> str:
    low, high = wilson_interval(float(values.mean()) if len(values) else 0.0, len(values))
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})" if len(values) else "none"


def _bradley_terry(results: np.ndarray, count: int) -> np.ndarray:
    """Return Elo ratings by maximum likelihood, with half a drawn game of each pair as a prior."""
    from scipy.optimize import minimize

    first, second, points = results[:, 0].astype(int), results[:, 1].astype(int), results[:, 2]
    pairs = np.array(list(combinations(range(count), 2)))

    def loss(strengths: np.ndarray) -> float:
        difference = strengths[first] - strengths[second]
        prior = strengths[pairs[:, 0]] - strengths[pairs[:, 1]]
        likelihood = points * np.logaddexp(0, -difference) + (1 - points) * np.logaddexp(0, difference)
        return float(likelihood.sum() + 0.25 * (np.logaddexp(0, prior) + np.logaddexp(0, -prior)).sum())

    elo = minimize(loss, np.zeros(count), method="BFGS").x * ELO_PER_LOGIT
    return np.asarray(elo - elo.min())


COMMANDS: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "speed": speed,
    "tree": tree,
    "moves": moves,
    "games": games,
    "ratings": ratings,
}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=tuple(COMMANDS))
    parser.add_argument("bundles", nargs="*", metavar="BUNDLE")
    parser.add_argument("--data", default="connect_four")
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--positions", type=int, default=1000)
    parser.add_argument("--simulations", type=int, nargs="+")
    parser.add_argument("--rollouts", type=int, nargs="+")
    parser.add_argument("--games", type=int)
    parser.add_argument("--engine", metavar="COMMAND")
    parser.add_argument("--opening", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    defaults = {
        "speed": {"simulations": 32, "games": 256},
        "tree": {"simulations": [100]},
        "moves": {"simulations": [0, 100, 800], "rollouts": [1000]},
        "games": {"simulations": [200], "rollouts": [10_000], "games": 200},
        "ratings": {"simulations": [100], "rollouts": [100, 1000, 10_000], "games": 40},
    }
    options = parser.parse_args()
    for name, value in defaults[options.command].items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if options.command == "speed":
        os.sched_setaffinity(0, {0})  # before TensorFlow makes its threads
    for line in COMMANDS[options.command](options):
        print(line, flush=True)


if __name__ == "__main__":
    main()
