"""A translation model as the page uses it."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import Bundle, InputError
from plexus_apps.results import page_html

if TYPE_CHECKING:
    from plexus.codec import Input

ARROW = " \N{RIGHTWARDS ARROW} "
MAX_FILE_BYTES = 2_000_000


class TranslationModel:
    """A bundle of `language.translate`, by its public methods.

    Args:
        bundle: The bundle.

    Example:
        ```python
        model = TranslationModel(plexus.load("language.translate/en_fr"))
        "".join(model.stream(model.request("Good evening.", model.directions[0])))
        ```
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @property
    def directions(self) -> list[str]:
        """The directions as they are shown: `en → fr`."""
        # The method of the task; apps know tasks by id only.
        pairs: Sequence[tuple[str, str]] = self.bundle.task.directions(self.bundle.codec)  # type: ignore[attr-defined]
        return [ARROW.join(pair) for pair in pairs]

    def request(
        self,
        text: str,
        direction: str,
        alternatives: int = 0,
        beam: int = 4,
        prefix: str = "",
        glossary: Mapping[str, str] | None = None,
    ) -> "Input":
        """Return a raw input of the task.

        Args:
            text: The text.
            direction: One of `directions`.
            alternatives: Further translations of each sentence.
            beam: Hypotheses of beam search.
            prefix: Words that the translation begins with.
            glossary: Translation of each term.

        Returns:
            The raw input.

        Raises:
            InputError: If there is no text, or an option is not valid.
        """
        if not text.strip():
            raise InputError("no text: write or paste a text first")
        fields = {"alternatives": int(alternatives), "beam": int(beam), "prefix": prefix, "glossary": glossary or {}}
        to = direction.split(ARROW)[-1]
        return self.bundle.task.parse_request(self.bundle.codec, {"text": text, "to": to, **fields})  # type: ignore[attr-defined]

    def stream(self, request: "Input") -> Iterator[str]:
        """Translate sentence by sentence.

        Args:
            request: The result of `request`.

        Yields:
            The next part of the translation.
        """
        task, bundle = self.bundle.task, self.bundle
        for text, _ in task.stream(bundle.predictor, bundle.codec, request):  # type: ignore[attr-defined]
            yield text

    def explain(self, request: "Input") -> str:
        """Return the sentences with their alignment, confidence, alternatives and notes.

        Args:
            request: The result of `request`.

        Returns:
            HTML.
        """
        with tempfile.TemporaryDirectory() as folder:
            page = self.bundle.explain(request, Path(folder) / "words.html").read_text(encoding="utf-8")
        return page_html(page, "Alignment of the words")


def read_file(path: str | None) -> str:
    """Read a text file that a user dropped.

    Args:
        path: The file; None if there is none.

    Returns:
        Its text.

    Raises:
        InputError: If there is none, or it is too large or not in UTF-8.
    """
    if path is None:
        raise InputError("no file: choose a text file first")
    file = Path(path)
    if file.stat().st_size > MAX_FILE_BYTES:
        raise InputError(
            f"{file.name} has {file.stat().st_size:,} bytes, expected at most {MAX_FILE_BYTES:,}: split it"
        )
    try:
        return file.read_bytes().decode("utf-8-sig")  # line ends stay as they are
    except UnicodeDecodeError as error:
        raise InputError(f"{file.name} is not a text in UTF-8: save it as UTF-8 ({error.reason})") from error
