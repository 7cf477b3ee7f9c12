"""Pages in a browser where Plexus is installed from its wheels: they have all templates, styles and models."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "apps", "plugins/sentiment")
UV = [sys.executable, "-m", "uv"]
RUN = """
import sys
sys.path[:0] = {site!r}, {libraries!r}
import plexus.cli
assert plexus.__file__.startswith({site!r})
raise SystemExit(plexus.cli.main())
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The command line of wheels, in a Python that has the other libraries of this one, but not its Plexus."""
    folder = tmp_path_factory.mktemp("wheels")
    wheels, site, libraries = (folder / name for name in ("wheels", "site", "libraries"))
    for package in PACKAGES:
        options = ["--wheel", "--no-build-isolation", "--offline", "--python", sys.executable, "--out-dir", wheels]
        subprocess.run([*UV, "build", "--quiet", *options, ROOT / package], check=True, timeout=120)
    options = ["--no-deps", "--offline", "--python", sys.executable, "--target", site]
    subprocess.run([*UV, "pip", "install", "--quiet", *options, *wheels.glob("*.whl")], check=True, timeout=120)
    libraries.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("plexus", "_editable")):
            (libraries / entry.name).symlink_to(entry)
    return [sys.executable, "-I", "-S", "-c", RUN.format(site=str(site), libraries=str(libraries))]


@pytest.mark.slow
def test_pages_after_an_installation_from_wheels(tmp_path, program, serve_pages, open_page):
    failed = []
    with serve_pages(tmp_path, program=program) as address:
        page = open_page(f"{address}/", 390, "dark")
        page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
        for path in ("/", "/data", "/train/sentiment.classify", "/runs", "/models/sentiment.classify.reviews", "/apps"):
            page.goto(f"{address}{path}")
            assert page.locator("h1").is_visible()
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 29)"
        page.get_by_role("link", name="Sentiment desk").click()
        page.get_by_role("button", name="Example review").click(timeout=60_000)
        page.wait_for_function("document.querySelector('textarea').value.length > 20")
        page.frame_locator("iframe").locator("mark").first.wait_for()
        page.goto(f"{address}/docs")
        page.get_by_text("/v1/models/{name}/predict").first.wait_for()
    assert failed == []
