"""Fixtures of the tests of pages in a browser."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SERIOUS = {"serious", "critical"}
SETTLED = """document.getAnimations().every(
    each => each.playState !== 'running' || each.effect.getComputedTiming().endTime === Infinity)"""
"""Condition in JavaScript: all transitions of colors and opacity have ended."""
START_SECONDS = 120
TIMEOUT = 60_000
"""Milliseconds for an action on a page."""


@contextmanager
def _serve(folder, *arguments, program=(sys.executable, "-m", "plexus"), **environment):
    """Run `plexus open` in a folder until it is left; its output is in the file `log` of the folder."""
    log = folder / "log"
    command = [*program, "open", *map(str, arguments), "--no-browser", "--port", "0"]
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stderr=stream, stdout=stream)
    deadline = time.monotonic() + START_SECONDS
    while not (match := re.search(r"http://\S+", log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    yield match[0]
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.fixture(scope="session")
def serve_pages():
    """The function that runs `plexus open`: the folder to run in, arguments, `program` and environment variables."""
    return _serve


@pytest.fixture(scope="module")
def chromium():
    """The browser; of a module, as an event loop runs as long as it does."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """The function that opens an address. No request may go to another host, and no script may fail."""
    contexts, hosts, requested, errors = [], set(), set(), []

    def open_in_browser(address, width=1280, scheme="light", script=True):
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=script)
        contexts.append(context)
        hosts.add(_host(address))
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("request", lambda request: requested.add(_host(request.url)))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield open_in_browser
    for context in contexts:
        context.close()
    assert requested - {None} <= hosts
    assert errors == []


def _host(address):
    """Return the scheme, host and port of an address; None for one of another scheme, such as data."""
    match = re.match(r"https?://[^/]+", address)
    return match and match[0]


@pytest.fixture
def page_faults():
    """The function that returns the serious violations of axe-core on a page, and pixels that it is too wide."""
    from axe_playwright_python.sync_playwright import Axe

    def faults_of(page):
        page.wait_for_function(SETTLED)
        violations = Axe().run(page).response["violations"]
        serious = [each for each in violations if each["impact"] in SERIOUS]
        excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in serious]
        return faults + ([f"{excess} pixels too wide"] if excess > 0 else [])

    return faults_of
