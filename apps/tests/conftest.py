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
SETTLED = """!document.querySelector('.pending') && document.getAnimations().every(
    each => each.playState !== 'running' || each.effect.getComputedTiming().endTime === Infinity)"""
"""Condition in JavaScript: all transitions have ended, and no result is dimmed because a new one is computed."""
LOOKS = [(390, "dark"), (390, "light"), (1280, "light"), (1280, "dark")]
"""Widths in pixels and color schemes in which a page is checked."""
SMALLEST_TEXT = 12
SMALL_TEXTS = """smallest => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), small = [];
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement, range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect(), isHidden = box.width < 2 || box.height < 2;
    if (isHidden || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const scale = element.ownerSVGElement ? Math.hypot(element.getScreenCTM().b, element.getScreenCTM().d) : 1;
    const size = scale * parseFloat(getComputedStyle(element).fontSize);
    if (size < smallest) small.push(`${size.toFixed(1)} pixels: ${text.data.trim()}`);
  }
  return small; }"""
"""Function in JavaScript that returns the visible texts that are smaller than a size in pixels."""
MAX_TABS = 200
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


def _wait_until_settled(page):
    # Playwright's `wait_for_function` would compile the condition in the page, which Studio's pages do not allow.
    deadline = time.monotonic() + TIMEOUT / 1000
    while not page.evaluate(SETTLED):
        assert time.monotonic() < deadline, "the page does not settle"
        page.wait_for_timeout(50)


@pytest.fixture
def page_faults():
    """The function that returns the serious faults of axe-core on a page, its excess width, and its small texts."""
    from axe_playwright_python.sync_playwright import Axe

    def violations_of(frame):
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(Axe().axe_script)  # once per document: the script is large
        return frame.evaluate("axe.run({resultTypes: ['violations']}).then(results => results.violations)")

    def faults_of(page):
        _wait_until_settled(page)
        violations = [each for frame in page.frames for each in violations_of(frame)]
        serious = [each for each in violations if each["impact"] in SERIOUS]
        excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in serious]
        faults += [fault for frame in page.frames for fault in frame.evaluate(SMALL_TEXTS, SMALLEST_TEXT - 0.1)]
        return faults + ([f"{excess} pixels too wide"] if excess > 0 else [])

    return faults_of


@pytest.fixture
def faults_by_look(page_faults):
    """The function that returns the faults of a page as it is, by width and color scheme."""

    def faults_of(page, looks=LOOKS):
        faults = {}
        for width, scheme in looks:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            faults[width, scheme] = page_faults(page)
        return {look: each for look, each in faults.items() if each}

    return faults_of


class Keyboard:
    """A person who uses a page by the keyboard alone."""

    def __init__(self, page):
        self.page = page
        # Without a listener, Playwright begins to catch dialogs for files only when one is expected, perhaps too late.
        page.on("filechooser", lambda chooser: None)

    def reach(self, element):
        """Press Tab until an element has the focus."""
        element.wait_for()
        for _ in range(MAX_TABS):
            if element.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not reach {element}")

    def press(self, name, role="button", exact=True):
        """Press Enter on a visible button, or on an element of another role."""
        self.enter(self.page.get_by_role(role, name=name, exact=exact).locator("visible=true").first)

    def enter(self, element):
        """Press Enter on an element."""
        self.reach(element)
        self.page.keyboard.press("Enter")

    def type(self, label, text):
        """Type a text into a field in place of the present one."""
        self.reach(self.page.get_by_label(label, exact=True).locator("visible=true").first)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def upload(self, file, field=None):
        """Choose a file in the dialog that a field opens; by default the last visible one of an app."""
        name = re.compile(r"\bdrop\b", re.IGNORECASE)
        self.reach(field or self.page.get_by_role("button", name=name).locator("visible=true").last)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)


@pytest.fixture(scope="session")
def keyboard():
    """The class that uses a page by the keyboard alone."""
    return Keyboard
