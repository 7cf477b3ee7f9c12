"""Recording from the microphone."""

import numpy as np

from plexus import InputError
from plexus.utils.messages import note
from plexus_speech.audio import Waveform

RATE = 16_000


def record(seconds: float) -> Waveform:
    """Record from the system's microphone.

    Args:
        seconds: Length of the recording.

    Returns:
        The recording.

    Raises:
        InputError: If there is no microphone, or `sounddevice` or PortAudio is not installed.
    """
    try:
        import sounddevice
    except ModuleNotFoundError as error:
        raise InputError("--microphone needs sounddevice: pip install 'plexus-speech[microphone]'") from error
    except OSError as error:
        raise InputError(
            f"--microphone needs the system's PortAudio (Debian: apt install libportaudio2): {error}"
        ) from error
    note(f"recording for {seconds:g} s …")
    try:
        samples = sounddevice.rec(int(seconds * RATE), RATE, channels=1, dtype="int16", blocking=True)
    except sounddevice.PortAudioError as error:
        raise InputError(f"--microphone: no microphone can be opened ({error}); pass a file instead") from error
    return Waveform(np.asarray(samples)[:, 0], RATE, "the recording of the microphone")
