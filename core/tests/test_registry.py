"""Plugin registry: discovery, isolation of broken plugins, settings."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace

import pytest

from plexus import Entry, InputError, hookimpl
from plexus.plugins.registry import Registry
from plexus.utils.user_settings import data_folder, disable_plugins, disabled_plugins, settings_file


def plugin(monkeypatch, name, **hooks):
    """Register a plugin with these hooks."""
    module = ModuleType(name)
    vars(module).update({hook: hookimpl(function) for hook, function in hooks.items()})
    monkeypatch.setitem(sys.modules, name, module)
    distribution = SimpleNamespace(metadata={"Name": f"{name}-dist"}, version="1")
    return EntryPoint(name, name, "plexus"), distribution


def fails():
    raise ZeroDivisionError("oops")


GOOD = [Entry("a.b", "One line", "json:loads")]


def test_a_broken_hook_is_named_and_the_others_work(monkeypatch):
    registry = Registry(
        [plugin(monkeypatch, "bad", register_tasks=fails), plugin(monkeypatch, "good", register_tasks=lambda: GOOD)]
    )
    assert list(registry.entries("tasks")) == ["a.b"]
    bad, good = registry.plugins
    assert (bad.name, bad.distribution, bad.error) == ("bad", "bad-dist", "ZeroDivisionError: oops")
    assert good.error is None


def test_a_plugin_that_cannot_be_imported_is_named(monkeypatch):
    missing = EntryPoint("missing", "no_such_module_at_all", "plexus"), plugin(monkeypatch, "x")[1]
    registry = Registry([missing, plugin(monkeypatch, "good", register_tasks=lambda: GOOD)])
    assert "no_such_module_at_all" in registry.plugins[0].error
    assert list(registry.entries("tasks")) == ["a.b"]
    with pytest.raises(
        InputError, match=r"plugin 'missing' of x-dist 1 is broken: ModuleNotFoundError.*plexus plugins disable missing"
    ):
        registry.task("a.c")


def test_strict_raises_the_plugins_error(monkeypatch):
    monkeypatch.setenv("PLEXUS_STRICT", "1")
    with pytest.raises(ZeroDivisionError):
        Registry([plugin(monkeypatch, "bad", register_tasks=fails)])


def test_callbacks_of_every_plugin(monkeypatch):
    plugins = [plugin(monkeypatch, name, run_callbacks=lambda run: [run]) for name in ("first", "second")]
    assert Registry(plugins).callbacks("run", "state") == ["run", "run"]


def test_the_nearest_name(monkeypatch):
    registry = Registry([plugin(monkeypatch, "good", register_tasks=lambda: GOOD)])
    with pytest.raises(InputError, match=r"did you mean 'a\.b'"):
        registry.task("a.bb")


def test_an_entry_that_needs_an_extra_names_distribution_and_extra(monkeypatch):
    entry = Entry("a.b", "One line", "no_such_module:Name", extra="radar")
    registry = Registry([plugin(monkeypatch, "weather", register_tasks=lambda: [entry])])
    line = r"^a\.b needs no_such_module, which is not installed: pip install 'weather-dist\[radar\]'$"
    with pytest.raises(InputError, match=line):
        registry.load("tasks", "a.b")


def test_a_hook_with_an_unknown_argument_is_an_error_of_its_plugin(monkeypatch):
    bad = plugin(monkeypatch, "bad", register_tasks=lambda other: GOOD)
    good = plugin(monkeypatch, "good", register_tasks=lambda: GOOD)
    registry = Registry([bad, good])
    assert "Argument(s) {'other'} are declared in the hookimpl" in registry.plugins[0].error
    assert list(registry.entries("tasks")) == ["a.b"]


@pytest.fixture
def weather(monkeypatch):
    """A registry of data sets of two plugins, some of them without kinds of data."""

    def entry(id, *kinds):
        return Entry(id, "One line", "plexus:Task" if "." in id else "plexus:InputError", data_kinds=kinds)

    tasks = [entry("weather.rain", "images", "rows"), entry("weather.wind", "sounds"), entry("weather.any")]
    sets = [entry("radar", "images"), entry("gauges", "rows", "logs"), entry("storms", "waves"), entry("old")]
    first = plugin(monkeypatch, "weather", register_tasks=lambda: tasks, register_datasets=lambda: sets)
    others = [entry("photos", "images"), entry("notes")]
    second = plugin(monkeypatch, "other", register_tasks=lambda: [entry("other.any")], register_datasets=lambda: others)
    return Registry([first, second])


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("weather.rain", ["gauges", "old", "photos", "radar"]),
        ("weather.wind", ["old"]),
        ("weather.any", ["gauges", "old", "radar", "storms"]),
        ("other.any", ["notes", "photos"]),
    ],
)
def test_a_task_reads_the_data_sets_of_its_kinds(weather, task, names):
    assert weather.task_datasets(task) == names


def test_a_data_set_of_another_kind_is_refused(weather, monkeypatch):
    monkeypatch.setattr(Entry, "load", lambda self: lambda id, context: context)
    dataset_errors = {id: weather.task(id).dataset_errors for id in weather.entries("tasks")}
    assert dataset_errors["weather.rain"] == {
        "storms": "weather.rain cannot read the data set 'storms', which is for weather.any; data sets of "
        "weather.rain: gauges, old, photos, radar"
    }
    assert set(dataset_errors["weather.wind"]) == {"gauges", "photos", "radar", "storms"}
    assert not dataset_errors["weather.any"]
    assert not dataset_errors["other.any"]


def test_kinds_of_data_are_a_tuple():
    with pytest.raises(TypeError, match="'oslo': expected data_kinds as a tuple of strings, got 'images'"):
        Entry("oslo", "One line", "plexus_weather:OSLO", data_kinds="images")


@pytest.mark.parametrize(("result", "error"), [(None, "returns None"), ((), "returns a tuple"), ([1], "returns 1 in")])
def test_a_hook_that_does_not_return_a_list_of_entries(monkeypatch, result, error):
    registry = Registry([plugin(monkeypatch, "bad", register_tasks=lambda: result)])
    assert error in registry.plugins[0].error


@pytest.mark.parametrize("content", ["{", '{"disabled": 7}', '{"disabled": [7]}', "[" * 100_000, "[]"])
def test_damaged_settings_disable_nothing_and_are_named(monkeypatch, tmp_path, capsys, content):
    file = tmp_path / "settings.json"
    monkeypatch.setenv("PLEXUS_SETTINGS", str(file))
    file.write_text(content)
    assert Registry([plugin(monkeypatch, "good", register_tasks=lambda: GOOD)]).entries("tasks")
    (line,) = capsys.readouterr().err.splitlines()
    assert "settings.json is damaged" in line
    disable_plugins({"good"})
    assert disabled_plugins() == {"good"}
    assert (tmp_path / "settings.json.damaged").read_text() == content


def test_the_folders_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("PLEXUS_DATA", raising=False)
    monkeypatch.delenv("PLEXUS_SETTINGS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    if sys.platform == "linux":
        assert data_folder() == tmp_path / "cache/plexus/data"
        assert settings_file() == tmp_path / "config/plexus/settings.json"
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    assert data_folder() == tmp_path


@pytest.mark.slow
def test_disabling_and_enabling(plexus):
    assert "vision.classify" in plexus("list", "tasks").stdout
    assert plexus("plugins", "disable", "vision").returncode == 0
    assert "vision.classify" not in plexus("list", "tasks").stdout
    assert "disabled" in plexus("plugins", "list").stdout
    plexus("plugins", "enable", "vision")
    assert "vision.classify" in plexus("list", "tasks").stdout


@pytest.mark.slow
def test_a_third_party_plugin_is_listed_like_a_plugin_of_plexus(plexus, parity):
    done = plexus("plugins", "check", "parity")
    assert done.returncode == 0
    assert "plexus-parity 1.2.3  ok" in done.stdout
    assert "logic.parity" in plexus("list", "tasks").stdout
