"""Speech synthesis by the library of eSpeak NG.

It calls the library of the distribution `espeakng-loader` by its C interface: the packages of PyPI that wrap eSpeak NG
start its program, which has to be installed by hand, or play the speech instead of returning it. The library runs in
a process of its own, in which the same utterances always give the same samples: its noise depends on all calls before.
"""

import ctypes
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plexus import InputError
from plexus.errors import unknown
from plexus_speech.audio import Waveform

SYNCHRONOUS, DO_NOT_EXIT, UTF_8 = 2, 0x8000, 1
"""Constants of `speak_lib.h`: the samples go to a callback, errors end no process, texts are UTF-8."""
STRESS_MARKS = str.maketrans("", "", "',%=_|;")
"""Marks of stress, pauses and boundaries between the names of phonemes."""
TEMPO, PITCH = 1, 3
"""Numbers of parameters in `speak_lib.h`."""
SCRIPT_LETTERS = 4
"""Subtags of language tags with so many letters are scripts (BCP 47): such a voice reads other letters."""
UNNATURAL_VARIANTS = (
    "*Robot",
    "robosoft*",
    "whisper*",
    "AnxiousAndy",
    "Demonic",
    "RicishayMax*",
    "Storm",
    "Tweaky",
    "announcer",
    "croak",
    "fast",
    "klatt[56]",
    "zac",
)
"""Patterns of voice variants that do not sound human."""


class Utterance(NamedTuple):
    """A text and the voice that speaks it.

    Attributes:
        text: The text.
        accent: A language of eSpeak NG, from `accents`.
        variant: Voice variant of eSpeak NG.
        words_per_minute: Tempo, 80 to 450.
        pitch: Pitch, 0 to 100.

    Example:
        ```python
        Utterance("seven", "en-gb-scotland", "f3", words_per_minute=150, pitch=50)
        ```
    """

    text: str
    accent: str
    variant: str
    words_per_minute: int
    pitch: int


def accents(language: str) -> list[str]:
    """Return the accents of a language.

    Args:
        language: Language tag, as `en` or `fr-be`.

    Returns:
        Language tags of eSpeak NG, as `en`, `en-gb-scotland` and `en-us` for `en`.

    Raises:
        InputError: If eSpeak NG is not installed or has no such language.
    """
    languages = sorted(path.name.lower() for path in _data_folder().glob("lang/**/*") if path.is_file())
    names = [name for name in languages if _is_accent(name, language.lower())]
    if not names:
        raise unknown("language of --voices", language, languages)
    return names


def variants() -> list[str]:
    """Return the voice variants that can speak every language, without those that whisper or imitate robots.

    Returns:
        Names of voice variants of eSpeak NG.

    Raises:
        InputError: If eSpeak NG is not installed.
    """
    names = sorted(path.name for path in (_data_folder() / "voices" / "!v").iterdir())
    return [name for name in names if not any(fnmatchcase(name, pattern) for pattern in UNNATURAL_VARIANTS)]


def speak(utterances: Sequence[Utterance]) -> list[Waveform]:
    """Synthesize utterances.

    Args:
        utterances: The utterances, one or more.

    Returns:
        The speech of each.

    Raises:
        InputError: If eSpeak NG fails.
    """
    with np.load(io.BytesIO(_run("speak", utterances))) as arrays:
        rate, waveforms = int(arrays["rate"]), np.split(arrays["samples"], np.cumsum(arrays["lengths"])[:-1])
    names = [f"{each.text!r} by the voice {each.accent}+{each.variant}" for each in utterances]
    return [Waveform(samples, rate, name) for samples, name in zip(waveforms, names, strict=True)]


def phonemes(texts: Sequence[str], accent: str) -> list[str]:
    """Return the phonemes of texts.

    Args:
        texts: The texts.
        accent: A language of eSpeak NG, from `accents`.

    Returns:
        Phonemes in the notation of eSpeak NG without stress, as `sEv@n`; with `(en)` before parts in another language.

    Raises:
        InputError: If eSpeak NG fails.
    """
    return [text.strip().translate(STRESS_MARKS) for text in json.loads(_run("phonemes", [accent, *texts]))]


def _run(command: str, argument: Sequence[object]) -> bytes:
    """Return the standard output of a process that runs the library."""
    process = subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-m", __name__, command],
        input=json.dumps(argument).encode(),
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    if process.returncode:
        lines = process.stderr.decode(errors="replace").splitlines() or [f"exit status {process.returncode}"]
        raise InputError(f"eSpeak NG failed: {lines[-1]}; --voices none trains without synthetic voices")
    return process.stdout


def _data_folder() -> Path:
    try:
        from espeakng_loader import get_data_path
    except ModuleNotFoundError as error:
        raise InputError("--voices needs eSpeak NG: pip install 'plexus-speech[voices]'") from error
    return Path(get_data_path())


def _is_accent(name: str, language: str) -> bool:
    """Return whether a language is another one or an accent of it that is written in the same letters."""
    rest, *subtags = name.removeprefix(language).split("-")
    return name.startswith(language) and not rest and all(len(subtag) != SCRIPT_LETTERS for subtag in subtags)


def _main() -> None:
    """Read the argument of a command from the standard input, and write its result to the standard output."""
    from espeakng_loader import get_data_path, get_library_path

    library = ctypes.CDLL(get_library_path())
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, get_data_path().encode(), DO_NOT_EXIT)
    if rate <= 0:
        sys.exit("the library cannot be initialized")
    if sys.argv[1] == "speak":
        _speak(library, rate, json.load(sys.stdin))
    else:
        _phonemes(library, json.load(sys.stdin))


def _phonemes(library: ctypes.CDLL, argument: Sequence[str]) -> None:
    """Write the phonemes of texts as JSON; the argument is the accent and the texts."""
    accent, *texts = argument
    if library.espeak_SetVoiceByName(accent.encode()):
        sys.exit(f"there is no voice {accent}")
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    sounds = []
    for text in texts:
        rest, clauses = ctypes.c_char_p(text.encode()), []
        while rest.value:  # one clause a call, which moves the pointer
            clauses.append(library.espeak_TextToPhonemes(ctypes.byref(rest), UTF_8, 0).decode())
        sounds.append(" ".join(clauses))
    sys.stdout.write(json.dumps(sounds))


def _speak(library: ctypes.CDLL, rate: int, utterances: Sequence[tuple[str, str, str, int, int]]) -> None:
    """Write rate, lengths and samples of utterances as arrays of NumPy."""
    library.espeak_ng_SetRandSeed(ctypes.c_long(1))
    blocks: list[np.ndarray] = []

    def append_samples(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: int | None) -> int:
        if samples and count:
            blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0  # continue

    callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    callback = callback_type(append_samples)  # a reference has to exist as long as the library calls it
    library.espeak_SetSynthCallback(callback)
    waveforms = []
    for text, accent, variant, words_per_minute, pitch in utterances:
        if library.espeak_SetVoiceByName(f"{accent}+{variant}".encode()):
            sys.exit(f"there is no voice {accent}+{variant}")
        encoded = text.encode()
        if (
            library.espeak_SetParameter(TEMPO, words_per_minute, 0)
            or library.espeak_SetParameter(PITCH, pitch, 0)
            or library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 0, 0, UTF_8, None, None)
        ):
            sys.exit(f"{text!r} cannot be synthesized")
        waveforms.append(np.concatenate([np.empty(0, np.int16), *blocks]))
        blocks.clear()
    content = io.BytesIO()
    lengths = [len(waveform) for waveform in waveforms]
    np.savez(content, rate=rate, lengths=lengths, samples=np.concatenate([np.empty(0, np.int16), *waveforms]))
    sys.stdout.buffer.write(content.getvalue())


if __name__ == "__main__":
    _main()
