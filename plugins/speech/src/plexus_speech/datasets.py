"""Registry of the named data sets of recordings: download addresses, checksums and licences."""

from plexus import NamedDataset
from plexus.data.named import RemoteFile
from plexus_speech.synthesizer import synthesize_dataset

SPOKEN = NamedDataset("spoken", "Apache 2.0 (synthesized by Plexus)", embedded=synthesize_dataset)

FSDD = NamedDataset(
    "fsdd",
    "CC BY-SA 4.0 (Free Spoken Digit Dataset, Jackson et al.)",
    unpacked="recordings/*.wav",
    files=(
        RemoteFile(
            "v1.0.9.tar.gz",
            "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",
            "8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
        ),
    ),
)

SPEECH_COMMANDS = NamedDataset(
    "speech_commands",
    "CC BY 4.0 (Warden 2018, arXiv:1804.03209)",
    files=(
        RemoteFile(
            "speech_commands_v0.02.tar.gz",
            "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
            "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
        ),
    ),
)

WORD_SETS = (SPOKEN, FSDD, SPEECH_COMMANDS)
"""Data sets of single words."""

LANGUAGES = {FSDD.id: "en", f"{FSDD.id}-strings": "en"}
"""Languages of synthetic voices by the option `data`, of data sets with few speakers."""
