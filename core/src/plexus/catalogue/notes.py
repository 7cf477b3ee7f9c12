"""Notes and tags of a run, saved in its folder."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from plexus.errors import InputError
from plexus.run import read_run
from plexus.utils.checked_json import dump_checked_json, read_checked_json
from plexus.utils.files import write_whole, writing_to

NOTES_FILE = "notes.json"
MAX_NOTES_BYTES = 1 << 20
MAX_TEXT, MAX_TAGS, MAX_TAG = 20_000, 50, 50
"""Characters of the text, number of tags, and characters of a tag."""


@dataclass(frozen=True)
class RunNotes:
    """Note and tags of a run.

    Args:
        text: Any text.
        tags: Words to find runs by.

    Example:
        ```python
        RunNotes("more augmentation", ("paper",)).save(Path("runs/vision.classify/20261127-101500"))
        ```
    """

    text: str = ""
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, tags: Iterable[str]) -> Self:
        """Create the notes from what a person typed.

        Args:
            text: The text; spaces around it are removed.
            tags: The tags, which may be empty or repeated.

        Returns:
            The notes.

        Raises:
            InputError: If the text or a tag is too long, or there are too many tags.
        """
        words = tuple(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
        text = text.strip().replace("\r\n", "\n")
        if len(text) > MAX_TEXT:
            raise InputError(f"note: expected at most {MAX_TEXT:,} characters, got {len(text):,}")
        if len(words) > MAX_TAGS or any(len(word) > MAX_TAG for word in words):
            raise InputError(f"tags: expected at most {MAX_TAGS} of at most {MAX_TAG} characters each")
        return cls(text, words)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the notes of a run.

        Args:
            folder: Folder of the run.

        Returns:
            The notes; empty if there are none.

        Raises:
            InputError: If the file was changed or cut off.
        """
        file = folder / NOTES_FILE
        if not file.exists():
            return cls()
        content = read_checked_json(file, MAX_NOTES_BYTES, f"remove {file.name}")
        text, tags = content.get("text"), content.get("tags")
        if not isinstance(text, str) or not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            raise InputError(f"{file}: expected text as a str and tags as a list of str: remove the file")
        return cls(text, tuple(tags))

    def save(self, folder: Path) -> None:
        """Write the notes to the folder of a run.

        Args:
            folder: The folder.

        Raises:
            InputError: If it is not a run's, or cannot be written to.
        """
        read_run(folder)
        file = folder / NOTES_FILE
        with writing_to(file):
            write_whole(file, dump_checked_json(asdict(self)))
