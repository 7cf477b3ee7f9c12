"""Untrusted bundles: no module is imported, no address fetched and no argument passed unless the user names it."""

import http.server
import json
import shutil
import subprocess
import threading
import zipfile
from pathlib import Path

import cv2
import pytest

import plexus
from plexus import InputError
from plexus.plugins.user_modules import import_user_module
from plexus.training.export import load_network
from plexus_apps.game_room.game import Game
from plexus_games.environment import EnvironmentSpec
from plexus_games.episode_request import EpisodeRequest

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[3] / "models"
LINE_WALK = Path(__file__).with_name("line_walk.py")
STEPS = ("--steps", "4000", "--envs", "4", "--batch-size", "64", "--val-episodes", "4", "--test-episodes", "4")


@pytest.fixture
def mark(tmp_path):
    """The file that `extra.py` writes when it is imported; it is next to the bundle, and in the parent."""
    file = tmp_path / "imported"
    (tmp_path / "agent").mkdir()
    for folder in (tmp_path, tmp_path.parent):
        (folder / "extra.py").write_text(f"open({str(file)!r}, 'w').close()\n")
    yield file
    (tmp_path.parent / "extra.py").unlink()


@pytest.fixture
def bundle(tmp_path, edit_manifest):
    """A modified shipped bundle: `bundle(environment={…}, data=…)`, by default that of CartPole."""

    def make(environment=None, dataset="games.play/cartpole", **options):
        shutil.copytree(MODELS / dataset, tmp_path / "agent", dirs_exist_ok=True)

        def change(manifest):
            manifest["options"] |= options
            manifest["codec"].get("environment", {}).update(environment or {})

        edit_manifest(tmp_path / "agent", change)
        return tmp_path / "agent"

    return make


@pytest.fixture
def requests():
    """The address of a server, and the requests that it received."""
    paths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x.csv", paths
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("id", ["agent.extra:CartPole-v1", "extra:CartPole-v1"])
@pytest.mark.parametrize(
    "command",
    [
        ("predict", "agent", "--episodes", "1"),
        ("predict", "agent", "[0, 0, 0, 0]"),
        ("evaluate", "agent"),
        ("evaluate", "agent", "--data", "CartPole-v1"),
        ("serve", "agent", "--port", "0"),
        ("open", "game-room", "agent", "--port", "0", "--no-browser"),
    ],
    ids=" ".join,
)
def test_a_module_in_the_codec_is_not_imported(mark, bundle, refused, id, command):
    bundle({"id": id})
    assert f"expected the id of a registered environment, like CartPole-v1, found {id!r}" in refused(*command)
    assert not mark.exists()


@pytest.mark.parametrize("id", ["agent.extra:CartPole-v1", "extra:CartPole-v1"])
def test_a_module_in_the_codec_is_not_imported_to_play(mark, bundle, monkeypatch, tmp_path, id):
    monkeypatch.chdir(tmp_path)
    loaded = plexus.load(bundle({"id": id}))
    for play in (lambda: Game(loaded, 0), lambda: loaded.predict([EpisodeRequest(1, 0)]), loaded.evaluate):
        with pytest.raises(InputError, match="expected the id of a registered environment"):
            play()
    assert not mark.exists()


def test_a_module_in_the_data_is_not_imported(mark, bundle, refused, plexus):
    bundle(data="extra:CartPole-v1")
    assert "belongs to the module 'extra', and a bundle cannot import it" in refused("evaluate", "agent")
    done = plexus("predict", "agent", "--episodes", "1")
    assert done.returncode == 0, done.stderr
    assert not mark.exists()
    assert plexus("evaluate", "agent", "--import", "extra").returncode == 0
    assert mark.exists(), "the user named it"


def test_a_module_that_is_recorded_is_not_imported(mark, bundle, refused):
    bundle({"id": "Elsewhere-v0", "module": "agent.extra"}, data="Elsewhere-v0")
    for command in (("predict", "agent", "--episodes", "1"), ("evaluate", "agent")):
        line = refused(*command)
        assert "Elsewhere-v0 belongs to the module 'agent.extra'" in line
        assert "pass --import agent.extra" in line
    assert not mark.exists()


@pytest.mark.parametrize("dataset", ["games.play/cartpole", "vision.classify/digits", "sentiment.classify/reviews"])
@pytest.mark.parametrize("form", ["{}", "rt_polarity,{}", " {}"])
def test_an_address_in_the_data_is_not_fetched(bundle, requests, dataset, form):
    address, paths = requests
    with pytest.raises(InputError, match=r"an address that a bundle names is not contacted: pass the data with --data"):
        plexus.load(bundle(dataset=dataset, data=form.format(address))).evaluate()
    assert paths == []


def test_an_address_in_the_data_is_refused_in_one_line(bundle, refused, requests):
    bundle(dataset="vision.classify/digits", data=requests[0])
    assert requests[0] in refused("evaluate", "agent")
    assert requests[1] == []


def test_the_users_own_address_is_fetched(bundle, requests, monkeypatch, tmp_path):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path / "data"))
    with pytest.raises(InputError, match="cannot be fetched"):
        plexus.load(bundle(dataset="vision.classify/digits")).evaluate(requests[0])
    assert requests[1]


@pytest.mark.parametrize("address", ["sqlite:///shop.db", "postgresql://me@127.0.0.1:1/shop", "//host/share"])
def test_a_database_in_the_data_is_not_contacted(bundle, address):
    loaded = plexus.load(bundle(dataset="fraud.detect/simulated", data=address, query="select 1"))
    with pytest.raises(InputError, match="is not contacted"):
        loaded.evaluate()


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"arguments": {"render_mode": "human"}}, "'render_mode' is not an argument that a bundle can set"),
        ({"arguments": {"vector_kwargs": {}}}, "'vector_kwargs' is not an argument"),
        ({"arguments": {"sutton_barto_reward": [1]}}, "expected a number, a string or a Boolean"),
        ({"arguments": {"sutton_barto_reward": "/etc/passwd"}}, "argument sutton_barto_reward: expected a word"),
        ({"arguments": {"sutton_barto_reward": "model.xml"}}, "expected a word that cannot be a path"),
        ({"arguments": {"sutton_barto_reward": "os:system"}}, "expected a word that cannot be a path"),
        ({"arguments": ["a"]}, "expected arguments by name"),
        ({"arguments": {"gravity": 9}}, "expected one of the arguments max_episode_steps, sutton_barto_reward"),
        ({"id": None}, "expected the id of a registered environment"),
        ({"id": "../CartPole-v1"}, "expected the id of a registered environment"),
        ({"module": "a b"}, "expected the name of a module"),
        ({"from_bundle": False}, "expected id, arguments and module"),
        ({"id": "Nowhere-v0"}, "your own environment needs --import MODULE"),
    ],
)
def test_arguments_that_a_bundle_cannot_set(bundle, environment, line):
    with pytest.raises(InputError) as error:
        plexus.load(bundle(environment)).predict([EpisodeRequest(1, 0)])
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_the_arguments_in_the_data_are_checked(bundle):
    for query in ("xml_file=/etc/passwd", "gravity=9", "render_mode=human"):
        with pytest.raises(InputError, match="the bundle's environment CartPole-v1"):
            plexus.load(bundle(data=f"CartPole-v1?{query}")).evaluate()


def test_arguments_that_a_bundle_can_set(bundle):
    loaded = plexus.load(bundle({"arguments": {"sutton_barto_reward": True, "max_episode_steps": 7}}))
    assert loaded.predict([EpisodeRequest(1, 0)])[0].lengths == [7]
    lake = {"is_slippery": False, "map_name": "8x8"}
    assert EnvironmentSpec.from_json({"id": "FrozenLake-v1", "arguments": lake}).make().observation_space.n == 64


def test_the_user_sets_any_argument(refused):
    assert EnvironmentSpec.parse('FrozenLake-v1?desc=["SF","FG"]').make().observation_space.n == 4
    line = refused("train", "games.play", "--data", "CartPole-v1?render_mode=human")
    assert "render_mode is set by Plexus: omit it" in line


@pytest.mark.parametrize(
    "module",
    ["agent.extra", "extra", "plexus.__main__", "plexus.cli", "plexus_games.presets", "plexus.__main__.x", "os"],
)
def test_a_saved_network_names_no_module(mark, bundle, monkeypatch, tmp_path, module):
    monkeypatch.syspath_prepend(tmp_path)
    saved, changed = bundle() / "network.keras", tmp_path / "changed.keras"
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "config.json":
                content = content.replace(b'"module": "keras.layers"', f'"module":"{module}"'.encode())
            after.writestr(name, content)
    with pytest.raises(InputError, match=f"found the module '{module}'"):
        load_network(changed, "plexus_games")
    assert not mark.exists()
    assert load_network(saved, "plexus_games").inputs


@pytest.fixture(scope="module", params=["--import", "module:"])
def user_environment(request, forked_plexus, tmp_path_factory):
    """A folder with a user's environment and a bundle that was trained in it, for both ways to name the environment."""
    folder = tmp_path_factory.mktemp("user")
    shutil.copy(LINE_WALK, folder)
    arguments = (
        ("--import", "line_walk", "--data", "LineWalk-v0")
        if request.param == "--import"
        else ("--data", "line_walk:LineWalk-v0")
    )
    done = subprocess.run(
        [*forked_plexus, "train", "games.play", *arguments, *STEPS, "--out", "walker", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)["scores"]


def test_a_user_environment_is_evaluated_recorded_and_explained(user_environment, plexus, tmp_path):
    """The module lies in the working folder; it is not installed."""
    folder, scores = user_environment
    shutil.copy(LINE_WALK, tmp_path)
    agent = folder / "walker"
    environment = json.loads((agent / "bundle.json").read_text())["codec"]["environment"]
    assert environment == {"id": "LineWalk-v0", "arguments": {}, "module": "line_walk"}
    evaluated = plexus("evaluate", agent, "--import", "line_walk", "--json")
    assert evaluated.returncode == 0, evaluated.stderr
    assert json.loads(evaluated.stdout)["scores"] == scores
    flags = ("--episodes", "2", "--video", "out.mp4", "--explain", "--out", "why", "--json")
    done = plexus("predict", agent, "--import", "line_walk", *flags)
    assert done.returncode == 0, done.stderr
    (prediction,) = json.loads(done.stdout)
    video = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == sum(prediction["answer"]["lengths"])
    assert (tmp_path / prediction["explanation"]).is_file()


def test_without_its_module_an_environment_cannot_be_played(user_environment, refused, plexus, tmp_path):
    shutil.copy(LINE_WALK, tmp_path)
    agent = user_environment[0] / "walker"
    for command in (("evaluate", agent), ("predict", agent, "--episodes", "1"), ("predict", agent, "--video", "x.gif")):
        assert "the environment LineWalk-v0 belongs to the module 'line_walk'" in (line := refused(*command))
        assert "--import line_walk" in line
    done = plexus("predict", agent, "[0.2]")
    assert done.returncode == 0, "predicting needs no environment"


def test_a_user_environment_is_played_in_the_game_room(user_environment, monkeypatch, tmp_path):
    shutil.copy(LINE_WALK, tmp_path)
    monkeypatch.chdir(tmp_path)
    import_user_module("line_walk")
    game = Game(plexus.load(user_environment[0] / "walker"), seed=0)
    game.step()
    assert game.steps == 1
    assert game.frame.shape == (32, 192, 3)
    game.close()


def test_a_user_environment_in_several_processes(plexus, tmp_path):
    shutil.copy(LINE_WALK, tmp_path)
    done = plexus(
        "train", "games.play", "--import", "line_walk", "--data", "LineWalk-v0?cost=0.2", "--vectorization", "async",
        "--envs", "2", "--steps", "256", "--batch-size", "64", "--val-episodes", "2", "--test-episodes", "2",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("no_such", "--import no_such: there is no module 'no_such' here or installed"),
        ("line_walk.py", "expected the name of a module as in an import statement"),
        ("broken", "--import broken: the module cannot be imported: ZeroDivisionError: division by zero"),
    ],
)
def test_a_module_that_cannot_be_imported(refused, tmp_path, module, line):
    (tmp_path / "broken.py").write_text("1 / 0\n")
    assert line in refused("predict", MODELS / "games.play/cartpole", "--import", module)


def test_a_file_of_the_folder_does_not_replace_an_installed_module(plexus, tmp_path, monkeypatch):
    (tmp_path / "shimmy.py").write_text("print('here')\n")
    site = tmp_path / "site"
    site.mkdir()
    (site / "shimmy.py").write_text("print('installed')\n")
    done = plexus(
        "predict", MODELS / "games.play/cartpole", "--import", "shimmy", PYTHONPATH=str(site), PYTHONSAFEPATH="1"
    )
    assert done.stdout.startswith("installed"), done.stderr
