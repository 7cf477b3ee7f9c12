"""Write the table of the licences of everything that is installed by default, and refuse the GPL among them.

The licences are those of the metadata of the installed distributions.

Run as: python docs/licences.py [--check]
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "plexus-suite"
"""The distribution whose dependencies are what is installed by default."""
PAGE = Path(__file__).parent / "reference" / "licences.md"
STATED = {"namex": "Apache-2.0"}
"""Licences of distributions whose metadata has none, from their sources."""
GPL_CONTENT = {
    "ale-py": "GPL-2.0-only",
    "av": "its wheels contain a GPL build of FFmpeg (x264, x265)",
    "espeakng-loader": "its wheels contain eSpeak NG, which is under the GPL",
    "gudhi": "its wheels contain modules under the GPL, which use CGAL",
    "imageio-ffmpeg": "its wheels contain a GPL build of FFmpeg",
    "pillow-heif": "its wheels contain x265, which is under the GPL",
}
"""Distributions with content under the GPL, some of which their metadata does not tell."""
OWN = "plexus-"
GPL = re.compile(r"\bA?GPL|(?<!Lesser )General Public License", re.IGNORECASE)
LGPL = re.compile(r"LGPL|Lesser General Public|WITH GCC-exception", re.IGNORECASE)
MAX_LENGTH = 80
TEXT = """# Licences

Plexus is under the Apache License 2.0. This table has the licence of everything that `pip install {root}`
installs, from the metadata of the distributions; `python docs/licences.py` writes it. `make check` fails if one of them
is under the GPL, or states no licence.

What is under the GPL is not installed by default. It belongs to these extras:

| extra | distribution | licence |
|---|---|---|
| `atari` | `ale-py` | GPL-2.0-only |
| `bench` of the repository | `minatar` | GPL-3.0 |
| `video` | `imageio-ffmpeg` | BSD-2-Clause; its wheels contain a build of FFmpeg under the GPL |
| `voices` | `espeakng-loader` | none stated; its wheels contain eSpeak NG, which is under the GPL-3.0-or-later |

The wheel of `plexus-speech` contains weights by Google, under the Apache License 2.0: those of the speech embedding
`google/speech_embedding/1` of TensorFlow Hub (Lin et al. 2020, arXiv:2002.01322).

`make test` and `make demo` install `atari`, `video` and `voices` for the tests. Without `video`, episodes are recorded
as `.gif`.

| distribution | licence |
|---|---|
"""


def installed_by_default() -> dict[str, Distribution]:
    """Return the dependencies of the suite, with those of its extras that it asks for.

    Returns:
        Distributions by name.
    """
    distributions: dict[str, Distribution] = {}
    pending, visited = [(ROOT, "")], set()
    while pending:
        name, extra = pending.pop()
        if (name, extra) in visited:
            continue
        visited.add((name, extra))
        try:
            distributions[name] = distribution(name)
        except PackageNotFoundError:
            sys.exit(f"{name} is not installed: run make .venv/.ready")
        for line in distributions[name].requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                dependency = canonicalize_name(requirement.name)
                pending += [(dependency, ""), *((dependency, each) for each in requirement.extras)]
    return {name: distributions[name] for name in sorted(distributions) if not name.startswith(OWN)}


def licence(name: str, installed: Distribution) -> str:
    """Return the licence of a distribution.

    Args:
        name: Its name.
        installed: The distribution.

    Returns:
        The expression, the name or the classifiers of its metadata; empty if there is none.
    """
    metadata = installed.metadata
    classifiers = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or () if line[:7] == "License"]
    text = (metadata["License"] or "").strip()
    is_name = text and "\n" not in text and len(text) <= MAX_LENGTH
    return str(
        metadata["License-Expression"] or (text if is_name else "") or ", ".join(classifiers) or STATED.get(name, "")
    )


def faults(licences: dict[str, str]) -> list[str]:
    """Return what must not be installed by default.

    Args:
        licences: Licences by distribution.

    Returns:
        One line per distribution under the GPL, or without a licence.
    """
    lines = [f"{name}: {GPL_CONTENT[name]}" for name in licences if name in GPL_CONTENT]
    for name, text in licences.items():
        alternatives = re.split(r"\bOR\b", text)
        if all(GPL.search(part) and not LGPL.search(part) for part in alternatives):
            lines.append(f"{name}: {text}")
        if not text:
            lines.append(f"{name}: its metadata has no licence; add it to STATED in {Path(__file__).name}")
    return lines


def main() -> None:
    """Write the page, or check the licences and that the page names all distributions."""
    licences = {name: licence(name, installed) for name, installed in installed_by_default().items()}
    rows = [f"| `{name}` | {text} |\n" for name, text in licences.items()]
    if wrong := faults(licences):
        sys.exit("not allowed in what is installed by default:\n" + "\n".join(wrong))
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(TEXT.format(root=ROOT) + "".join(rows))
    missing = [name for name in licences if f"| `{name}` |" not in PAGE.read_text()]
    if missing:
        sys.exit(f"{PAGE.name} lacks {', '.join(missing)}: run python docs/licences.py")
    print(f"{len(licences)} distributions are installed by default, none under the GPL")


if __name__ == "__main__":
    main()
