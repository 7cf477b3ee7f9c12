"""Draw the architecture as an SVG file, from the packages, their entries, and the modules that predicting loads.

The picture has boxes with light text on dark colors and grey captions, without a background: it can be read on light
and on dark pages, and at the width of a phone.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from plexus.plugins.registry import registry

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core/src/plexus"
PREDICTING = """
import json, sys
import numpy as np
import plexus
bundle = plexus.load("vision.classify/digits")
bundle.predict([np.zeros((8, 8), np.uint8)])
bundle.explain(np.zeros((8, 8), np.uint8), sys.argv[1] + "/explained.png")
bundle.evaluate()
assert not {"keras", "tensorflow", "jax"} & set(sys.modules)
print(json.dumps(list(sys.modules)))
"""
"""Program that predicts, explains and evaluates, and prints the modules that are loaded then."""
WIDTH, MARGIN, LINE = 400, 12, 18
CHARACTER = 7.9
"""Upper bound of the mean width of a character, in pixels at font size 13."""
CAPTION = "#7b818a"


@dataclass
class Picture:
    """An SVG picture that grows downwards.

    Args:
        height: Height so far, in pixels.
        parts: Elements so far.

    Example:
        ```python
        picture = Picture()
        picture.arrow("tasks by id")
        ```
    """

    height: float = 0
    parts: list[str] = field(default_factory=list)

    def box(self, title: str, color: str, sections: Iterable[tuple[str, list[str]]]) -> None:
        """Add a box with a title and sections of names.

        Args:
            title: The title.
            color: Background color.
            sections: Heading (may be empty) and names of each section.
        """
        top, place = self.height, len(self.parts)
        self.height += 24
        self._text(MARGIN, title, 15, "white", weight="bold")
        for heading, names in sections:
            if heading:
                self.height += 20
                self._text(MARGIN, heading, 12, "#e3e8ef")
            self.height += 8
            self._names(names)
        self.height += 10
        frame = f'<rect x="0" y="{top}" width="{WIDTH}" height="{self.height - top}" rx="8" fill="{color}"/>'
        self.parts.insert(place, frame)

    def arrow(self, caption: str) -> None:
        """Add an arrow downwards.

        Args:
            caption: Text on its right.
        """
        x, top = 40, self.height + 4
        self.height += 42
        tip = self.height - 4
        self.parts.append(
            f'<path d="M{x} {top}V{tip - 6}M{x - 6} {tip - 9}L{x} {tip - 1}L{x + 6} {tip - 9}" '
            f'fill="none" stroke="{CAPTION}" stroke-width="2"/>'
        )
        self.parts.append(
            f'<text x="{x + 16}" y="{(top + tip) / 2 + 4}" font-size="13" fill="{CAPTION}">{caption}</text>'
        )

    def svg(self, description: str) -> str:
        """Return the picture.

        Args:
            description: Alternative text.

        Returns:
            The content of the file.
        """
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height:g}" role="img" '
            f'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif">'
        )
        return "\n".join([head, f"<title>{escape(description)}</title>", *self.parts, "</svg>", ""])

    def _names(self, names: list[str]) -> None:
        x = float(MARGIN)
        for name in names:
            width = len(name) * CHARACTER + 12
            if x + width > WIDTH - MARGIN and x > MARGIN:
                x, self.height = MARGIN, self.height + LINE + 8
            self.parts.append(
                f'<rect x="{x:g}" y="{self.height:g}" width="{width:g}" height="{LINE + 4}" rx="4" '
                'fill="black" fill-opacity="0.28"/>'
            )
            self.parts.append(
                f'<text x="{x + width / 2:g}" y="{self.height + 15:g}" font-size="13" fill="white" '
                f'text-anchor="middle">{escape(name)}</text>'
            )
            x += width + 6
        self.height += LINE + 4

    def _text(self, x: float, text: str, size: int, color: str, weight: str = "normal") -> None:
        self.parts.append(
            f'<text x="{x}" y="{self.height:g}" font-size="{size}" font-weight="{weight}" '
            f'fill="{color}">{escape(text)}</text>'
        )


def draw_architecture() -> str:
    """Draw the layers: apps, plugins, and the packages of the core by what they need.

    Returns:
        The content of the SVG file.
    """
    nouns = sorted(file.stem for file in CORE.glob("*.py") if file.stem[0] != "_" and file.stem != "api")
    packages = sorted(file.parent.name for file in CORE.glob("*/__init__.py"))
    light = _loaded_to_predict()
    programs = ["cli", "serve"]
    predicting = [name for name in packages if name in light and name not in programs]
    training = [name for name in packages if name not in light and name not in programs]
    picture = Picture()
    picture.box("apps/", "#1f5f8b", [("pages in the browser", _apps())])
    picture.arrow("use tasks by their id")
    picture.box("plugins/", "#2c6e49", [*_plugins()])
    picture.arrow("use the public interface")
    picture.box(
        "core/",
        "#5b3f8c",
        [
            ("programs", ["command line (cli)", "server (serve)", "Python (api)"]),
            ("contracts", nouns),
            ("loaded to predict, explain and evaluate: without Keras", predicting),
            ("loaded only to train and to test: with Keras", training),
        ],
    )
    return picture.svg(
        f"Apps use tasks by their id. Plugins ({', '.join(_domains())}) use the public interface of the core, which "
        "imports neither."
    )


def _apps() -> list[str]:
    plugins = registry()
    return [id for id in plugins.entries("apps") if plugins.owner("apps", id).name == "apps"]


def _domains() -> list[str]:
    return sorted(folder.parent.name for folder in ROOT.glob("plugins/*/pyproject.toml"))


def _plugins() -> Iterator[tuple[str, list[str]]]:
    plugins = registry()
    tasks = [id for id in plugins.entries("tasks") if plugins.owner("tasks", id).name in _domains()]
    owners = {plugins.owner("tasks", id).name for id in tasks}
    yield "tasks", tasks
    yield "callbacks of every training", [name for name in _domains() if name not in owners]
    yield "and those of other distributions, in the same way", ["your plugin"]


def _loaded_to_predict() -> set[str]:
    """Return the packages of the core that a process loads which predicts, explains and evaluates."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", PREDICTING, folder], capture_output=True, text=True, check=True)
    modules = [name.split(".") for name in json.loads(done.stdout)]
    return {parts[1] for parts in modules if parts[0] == "plexus" and len(parts) > 1}


if __name__ == "__main__":
    print(draw_architecture())
