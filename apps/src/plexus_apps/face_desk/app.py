"""Face verification, enrolment and identification."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

    from plexus_apps.face_desk.face_model import FaceModel

DEMO_METRICS = ("equal_error_rate", "true_accept_rate", "pixel_equal_error_rate")


class FaceDesk(App[None]):
    """Compares faces, enrols persons, and finds them in photos; a person who is not enrolled is unknown.

    Example:
        ```python
        FaceDesk().demo(Path("demo"))["equal_error_rate"]
        ```
    """

    tasks = ("faces.recognize",)
    example_data = "orl_faces"
    icon = "M12 3a9 9 0 1 0 .01 0 M9 10v.2 M15 10v.2 M8 14.5c2 2.5 6 2.5 8 0"
    demo_captions = {
        "group.png": "A photo of four drawn persons: three are enrolled (blue), one is unknown (orange)",
        "run/report/det.svg": "Detection error trade-off on persons that training never saw",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Fit threshold and probability on drawn faces; then verify two, enrol three persons, and identify four.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        from plexus_apps.face_desk.examples import drawn_persons
        from plexus_apps.face_desk.face_model import FaceModel

        bundle = plexus.train("faces.recognize", run=folder / "run", data="drawn_faces", weights="dlib")
        model = FaceModel(bundle)
        persons = drawn_persons()
        first = next(iter(persons.values()))
        comparison = model.compare(model.find_faces(first[0])[0], model.find_faces(first[-1])[0])
        identified = _identify(model, folder / "group.png")
        document = {"same_person": comparison.is_match, "similarity": comparison.similarity, "photo": identified}
        (folder / "faces.json").write_text(json.dumps(document, indent=1) + "\n")
        return {name: bundle.metrics[name] for name in DEMO_METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.face_desk.page import make_page

        return make_page(bundles)


def _identify(model: "FaceModel", file: Path) -> list[dict[str, object]]:
    """Enrol drawn persons, draw the photo with the identities of its faces, and return them."""
    from PIL import Image

    from plexus_apps.face_desk.drawing import draw_boxes
    from plexus_apps.face_desk.enrolment import enrol_drawn
    from plexus_apps.face_desk.examples import group_photo

    photo = group_photo()
    session = enrol_drawn(model, None).with_photo(photo, model.find_faces(photo))
    identities = session.identify(model)
    boxes = draw_boxes(photo, session.faces, [identity.is_known for identity in identities])
    Image.fromarray(boxes).save(file)
    return [
        {"name": identity.nearest if identity.is_known else None, "similarity": identity.similarity}
        for identity in identities
    ]
