"""Plugins: found, isolated, named when they are broken."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace

import pytest

from plexus import Entry, InputError, hookimpl
from plexus.plugins.registry import Registry


def plugin(monkeypatch, name, **hooks):
    """An installed plugin made of functions."""
    module = ModuleType(name)
    vars(module).update({hook: hookimpl(function) for hook, function in hooks.items()})
    monkeypatch.setitem(sys.modules, name, module)
    distribution = SimpleNamespace(metadata={"Name": f"{name}-dist"}, version="1")
    return EntryPoint(name, name, "plexus"), distribution


def fails():
    raise ZeroDivisionError("oops")


GOOD = [Entry("a.b", "One line", "json:loads")]


def test_a_broken_hook_is_named_and_the_others_work(monkeypatch):
    found = Registry(
        [plugin(monkeypatch, "bad", register_tasks=fails), plugin(monkeypatch, "good", register_tasks=lambda: GOOD)]
    )
    assert list(found.entries("tasks")) == ["a.b"]
    bad, good = found.plugins
    assert (bad.name, bad.distribution, bad.error) == ("bad", "bad-dist", "ZeroDivisionError: oops")
    assert good.error is None


def test_a_plugin_that_cannot_be_imported_is_named(monkeypatch):
    missing = EntryPoint("missing", "no_such_module_at_all", "plexus"), plugin(monkeypatch, "x")[1]
    found = Registry([missing, plugin(monkeypatch, "good", register_tasks=lambda: GOOD)])
    assert "no_such_module_at_all" in found.plugins[0].error
    assert list(found.entries("tasks")) == ["a.b"]
    with pytest.raises(
        InputError, match=r"plugin 'missing' of x-dist 1 is broken: ModuleNotFoundError.*plexus plugins disable missing"
    ):
        found.task("a.c")


def test_strict_raises_the_plugins_error(monkeypatch):
    monkeypatch.setenv("PLEXUS_STRICT", "1")
    with pytest.raises(ZeroDivisionError):
        Registry([plugin(monkeypatch, "bad", register_tasks=fails)])


def test_callbacks_of_every_plugin(monkeypatch):
    found = Registry([plugin(monkeypatch, name, run_callbacks=lambda run: [run]) for name in ("one", "two")])
    assert found.callbacks(7) == [7, 7]


def test_the_nearest_name(monkeypatch):
    found = Registry([plugin(monkeypatch, "good", register_tasks=lambda: GOOD)])
    with pytest.raises(InputError, match=r"did you mean 'a\.b'"):
        found.task("a.bb")


def test_an_entry_that_needs_an_extra_says_so():
    with pytest.raises(InputError, match=r"pip install 'plexus-suite\[jax\]'"):
        Entry("a.b", "One line", "no_such_module:Name", extra="jax").load()


def test_disabling_and_enabling(plexus):
    assert "vision.classify" in plexus("list", "tasks").stdout
    assert plexus("plugins", "disable", "vision").returncode == 0
    assert "vision.classify" not in plexus("list", "tasks").stdout
    assert "disabled" in plexus("plugins", "list").stdout
    plexus("plugins", "enable", "vision")
    assert "vision.classify" in plexus("list", "tasks").stdout


def test_a_third_partys_plugin_is_like_ours(plexus, parity):
    done = plexus("plugins", "check", "parity")
    assert done.returncode == 0
    assert "plexus-parity 1.2.3  ok" in done.stdout
    assert "logic.parity" in plexus("list", "tasks").stdout
