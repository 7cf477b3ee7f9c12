"""What a microphone hears."""

import numpy as np

from plexus import InputError
from plexus.utils.messages import note
from plexus_speech.audio import Sound

RATE = 16_000


def listened(seconds: float) -> Sound:
    """Record from the system's microphone.

    Raises:
        InputError: there is none, or `sounddevice` is not installed; the line says which.
    """
    try:
        import sounddevice
    except ModuleNotFoundError as error:
        raise InputError("--microphone needs sounddevice: pip install 'plexus-suite[microphone]'") from error
    except OSError as error:
        raise InputError(
            f"--microphone needs the system's PortAudio (Debian: apt install libportaudio2): {error}"
        ) from error
    note(f"listening for {seconds:g} s …")
    try:
        samples = sounddevice.rec(int(seconds * RATE), RATE, channels=1, dtype="int16", blocking=True)
    except sounddevice.PortAudioError as error:
        raise InputError(f"--microphone: no microphone can be opened ({error}); give a file instead") from error
    return Sound(np.asarray(samples)[:, 0], RATE, "what the microphone heard")
