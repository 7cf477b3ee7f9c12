"""The choice of the images that are enrolled."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plexus_faces.audit import DUPLICATE_SHARE
from plexus_faces.enrolled_picture import EnrolledPicture
from plexus_faces.face_finder import SMALL_SHARE

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.data.pictures import Picture
    from plexus_faces.face import Face

MIN_ENROLLED_WIDTH = 40
"""Narrowest face in pixels that is enrolled."""
MAX_FRAMES = 10
"""Frames of a video that are enrolled at most."""


class Enrolment:
    """The pictures of one person that are to be enrolled, and those that are skipped.

    An image is enrolled if it shows one face, of `MIN_ENROLLED_WIDTH` pixels or more; of the frames of a video that do,
    `MAX_FRAMES` that are evenly spaced and no near copies of each other.

    Args:
        threshold: Cosine similarity from which two faces are taken for one person, in [-1, 1].

    Example:
        ```python
        enrolment = Enrolment(bundle.codec.threshold)
        enrolment.add(Picture("anna.jpg", Path("anna.jpg")), faces)
        pictures, skipped = enrolment.choose()
        ```
    """

    def __init__(self, threshold: float) -> None:
        self._near = 1 - DUPLICATE_SHARE * (1 - threshold)
        self._images: list[EnrolledPicture] = []
        self._frames: dict[str, list[EnrolledPicture]] = {}
        self._skipped_images: list[JsonObject] = []
        self._skipped_frames: Counter[tuple[str, str]] = Counter()

    def add(self, picture: "Picture", faces: "Sequence[Face]") -> None:
        """Add a picture.

        Args:
            picture: The picture.
            faces: All its faces: a second one, however small, may be the person who is to be enrolled.

        Raises:
            InputError: If the file cannot be read again.
        """
        reason = _refusal(faces)
        if reason and picture.time is None:
            self._skipped_images.append({"input": picture.input, "reason": reason})
        elif reason:
            self._skipped_frames[picture.input, reason] += 1
        else:
            enrolled = EnrolledPicture.of(faces[0].unit_embedding, picture.read_bytes(), str(picture))
            others = self._images if picture.time is None else self._frames.setdefault(picture.input, [])
            others.append(enrolled)

    def choose(self) -> "tuple[list[EnrolledPicture], list[JsonObject]]":
        """Choose the pictures.

        Returns:
            The pictures to enrol; and the skipped ones, with `input`, `reason`, and of a video the number of `frames`.
        """
        pictures, skipped = list(self._images), Counter(self._skipped_frames)
        for name, frames in self._frames.items():
            distinct = self._distinct(frames)
            places = np.unique(np.linspace(0, len(distinct) - 1, min(MAX_FRAMES, len(distinct))).round().astype(int))
            pictures += [distinct[place] for place in places]
            skipped[name, "near copies of other frames"] = len(frames) - len(distinct)
            skipped[name, f"{MAX_FRAMES} other frames are enrolled"] = len(distinct) - len(places)
        counts = [{"input": name, "reason": reason, "frames": count} for (name, reason), count in (+skipped).items()]
        return pictures, [*self._skipped_images, *counts]

    def _distinct(self, frames: Sequence[EnrolledPicture]) -> list[EnrolledPicture]:
        embeddings = np.stack([frame.embedding for frame in frames])
        places = [0]
        for place in range(1, len(frames)):
            if (embeddings[places] @ embeddings[place]).max() < self._near:
                places.append(place)
        return [frames[place] for place in places]


def _refusal(faces: "Sequence[Face]") -> str:
    """Return why a picture is not enrolled; empty if it is."""
    if not faces:
        return (
            f"no face was detected: expected one, upright, of {MIN_ENROLLED_WIDTH} pixels and {SMALL_SHARE:.0%} of the "
            "shorter side or more: crop the image to the person"
        )
    if len(faces) > 1:
        return f"{len(faces)} faces were detected: expected one: crop the image to the person"
    if faces[0].width < MIN_ENROLLED_WIDTH:
        return f"the face is narrower than {MIN_ENROLLED_WIDTH} pixels: use an image of higher resolution"
    return ""
