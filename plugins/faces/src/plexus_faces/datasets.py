"""Registry of the named data sets of faces: their folders and licences."""

from functools import cache

import numpy as np

from plexus import NamedDataset
from plexus.data.arrays import Pair
from plexus_faces.drawn_faces import draw_faces


@cache
def _drawn_faces() -> dict[str, Pair]:
    images, persons = draw_faces(persons=12, pictures=8)
    return {"train": (images, np.array(persons))}


DRAWN_FACES = NamedDataset("drawn_faces", licence="Apache-2.0 (drawn by Plexus)", embedded=_drawn_faces)

ORL_FACES = NamedDataset(
    "orl_faces",
    licence="none stated; the authors ask for credit to the Olivetti Research Laboratory (Samaria & Harter 1994)",
    unpacked="s*/*.pgm",
    page="https://cam-orl.co.uk/facedatabase.html",
)
