"""Commands of plugins."""

import json
import re
import sys
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace

import pytest

from plexus import Entry, InputError, hookimpl
from plexus.cli import find_command, main
from plexus.plugins.core_commands import CORE_COMMANDS
from plexus.plugins.registry import Registry, registry
from plexus.testing import check_plugin

COMMAND = """
def add_arguments(parser):
    parser.add_argument("town", metavar="TOWN", help="name of a town")
    parser.add_argument("--days", type=int, default=3, metavar="N", help="days of the forecast")


def run(arguments):
    return {"town": arguments.town, "days": arguments.days}


def show(result):
    yield f"{result['town']}: {result['days']} dry days"


def status(result):
    return 0 if result["town"] == "Oslo" else 1
"""
DISTRIBUTION = SimpleNamespace(metadata={"Name": "a-dist"}, version="1")
FORECAST = Entry("forecast", "predict 100% dry days", "weather_command")


@pytest.fixture
def install(tmp_path, on_path, monkeypatch):
    """A function that installs a plugin with the passed commands, by name of the plugin."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "weather_command.py").write_text(COMMAND)

    def put(name, *entries):
        (site / f"plexus_{name}.py").write_text(
            "from plexus import Entry, hookimpl\n\n@hookimpl\ndef register_commands():\n"
            f"    return [{', '.join(map(repr, entries))}]\n"
        )
        info = site / f"the_{name}-0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: the-{name}\nVersion: 0.1\n")
        (info / "entry_points.txt").write_text(f"[plexus]\n{name} = plexus_{name}\n")
        monkeypatch.delitem(sys.modules, f"plexus_{name}", raising=False)  # of an earlier test
        on_path(site)

    return put


def error_of(name):
    (plugin,) = [plugin for plugin in registry().plugins if plugin.name == name]
    return plugin.error


def help_of(capsys, *argv):
    with pytest.raises(SystemExit):
        main([*argv, "--help"])
    return capsys.readouterr().out


def test_the_help_lists_it_after_those_of_plexus(install, capsys):
    install("weather", FORECAST)
    text = help_of(capsys)
    names = re.findall(r"^    (\w+) ", text, re.MULTILINE)
    assert names[: len(CORE_COMMANDS)] == list(CORE_COMMANDS)
    assert "forecast" in names[len(CORE_COMMANDS) :]
    assert re.search(r"^    forecast +predict 100% dry days$", text, re.MULTILINE)


def test_its_help_lists_its_arguments(install, capsys):
    install("weather", FORECAST)
    text = help_of(capsys, "forecast")
    assert text.startswith("usage: plexus forecast [-h] [--days N] [--json] [--debug] TOWN\n\nPredict 100% dry days.\n")


def test_it_runs_with_flags_json_and_status(install, capsys):
    install("weather", FORECAST)
    assert main(["forecast", "--days", "7", "Oslo"]) == 0
    assert capsys.readouterr().out == "Oslo: 7 dry days\n"
    assert main(["forecast", "Rome", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"town": "Rome", "days": 3}
    assert main(["forecast", "Oslo", "--dais", "7"]) == 2
    assert "there is no option '--dais': did you mean '--days'?" in capsys.readouterr().err


def test_the_nearest_name_is_that_of_any_command(install, capsys):
    install("weather", FORECAST)
    assert main(["forcast"]) == 2
    assert "there is no command 'forcast': did you mean 'forecast'? there are data, demo" in capsys.readouterr().err
    assert main(["trian"]) == 2
    assert "there is no command 'trian': did you mean 'train'?" in capsys.readouterr().err


def test_a_command_of_plexus_is_not_replaced(install, capsys):
    install("weather", Entry("doctor", "forecast", "weather_command"), FORECAST)
    assert error_of("weather") == "'doctor' is a command of Plexus itself, and only that one is used"
    assert "forecast" in registry().entries("commands")
    assert "doctor" not in registry().entries("commands")
    assert find_command("doctor")[1].__name__ == "plexus.cli.doctor"
    text = " ".join(help_of(capsys).split())
    assert text.count(" doctor ") == 1
    assert text.endswith(f"{error_of('weather')}; update it, or disable it: plexus plugins disable weather.")


def test_a_command_of_two_plugins_is_not_used_and_both_are_named(install, capsys):
    install("rain", FORECAST)
    install("snow", FORECAST, Entry("avalanche", "avalanche risk", "weather_command"))
    assert "avalanche" in registry().entries("commands")
    assert "forecast" not in registry().entries("commands")
    assert main(["forecast", "Oslo"]) == 2
    line = "'forecast' is registered twice, by plugin 'rain' of the-rain 0.1 and plugin 'snow' of the-snow 0.1"
    assert line in capsys.readouterr().err
    assert error_of("rain") == "'forecast' is registered by plugin 'snow' of the-snow 0.1 too, so neither is used"


def test_a_task_and_a_command_may_have_the_same_name(monkeypatch):
    def plugin(name, **hooks):
        module = ModuleType(name)
        vars(module).update({hook: hookimpl(lambda entries=entries: entries) for hook, entries in hooks.items()})
        monkeypatch.setitem(sys.modules, name, module)
        return EntryPoint(name, name, "plexus"), DISTRIBUTION

    twice = [Entry("oslo", "One line", "json:loads")]
    first = plugin("first", register_datasets=twice, register_commands=[Entry("oslo", "One line", "json")])
    plugins = Registry([first, plugin("second", register_datasets=twice)])
    assert plugins.command("oslo") is json
    with pytest.raises(InputError, match="'oslo' is registered twice"):
        plugins.dataset("oslo")


def test_a_broken_command_is_named_and_the_others_work(install, capsys):
    install("snow", Entry("avalanche", "avalanche risk", "no_such_module_at_all"))
    install("weather", FORECAST)
    assert main(["avalanche"]) == 2
    line = capsys.readouterr().err
    assert "plugin 'snow' of the-snow 0.1 is broken: no_such_module_at_all, the target of avalanche," in line
    assert line.endswith("plexus plugins disable snow\n")
    assert main(["forecast", "Oslo"]) == 0
    assert check_plugin("weather") == []
    assert check_plugin("snow") == [
        "avalanche: no_such_module_at_all cannot be loaded: No module named 'no_such_module_at_all'"
    ]


@pytest.mark.parametrize(
    ("hook", "target", "form"),
    [("register_commands", "json:loads", "package.module"), ("register_tasks", "json", "module:Name")],
)
def test_a_target_of_another_form(monkeypatch, hook, target, form):
    module = ModuleType("bad")
    setattr(module, hook, hookimpl(lambda: [Entry("a.b", "One line", target)]))
    monkeypatch.setitem(sys.modules, "bad", module)
    point = EntryPoint("bad", "bad", "plexus")
    (plugin,) = Registry([(point, DISTRIBUTION)]).plugins
    assert plugin.error == f"entry 'a.b': expected a target of the form '{form}', got '{target}'"


def test_a_module_without_the_functions_of_a_command_fails_the_checks(install):
    install("weather", Entry("forecast", "", "json"))
    assert check_plugin("weather") == [
        "forecast: expected a summary of one line, found ''",
        "forecast: expected the functions of a command in json, found no add_arguments, run, show",
    ]


def test_commands_of_plexus_load_no_plugin():
    registry.cache_clear()
    assert find_command("evaluate")[0] == CORE_COMMANDS["evaluate"]
    assert registry.cache_info().currsize == 0


@pytest.mark.slow
def test_a_third_party_command(plexus, refused, parity):
    assert "\n    parity  " in plexus("--help").stdout
    assert plexus("parity", "0111").stdout == "odd\n"
    assert json.loads(plexus("parity", "011", "--json").stdout) == {"bits": "011", "parity": "even"}
    assert refused("parity", "012") == "plexus: expected a row of bits, like 0110, got '012'\n"
