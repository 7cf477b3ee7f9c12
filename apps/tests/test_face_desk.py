"""The app face-desk without a browser: decisions, enrolment, groups, texts and events of the page."""

import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

import plexus
from plexus import InputError
from plexus.report.colors import BLUE, ORANGE
from plexus_apps.face_desk.drawing import draw_boxes, draw_error_rates
from plexus_apps.face_desk.enrolment import enrol_drawn, enrol_picture, enrol_unknown, open_photo
from plexus_apps.face_desk.examples import drawn_persons, group_photo, write_group_photo, write_pair
from plexus_apps.face_desk.face_model import ErrorRates, FaceModel, Identity
from plexus_apps.face_desk.page import make_page
from plexus_apps.face_desk.results import (
    comparison_html,
    gallery_html,
    identities_html,
    percent,
    rates_html,
    share,
)

NAMES = ["person_01", "person_03", "person_07"]


@pytest.fixture(scope="module")
def model():
    return FaceModel(plexus.load("faces.recognize/orl"))


@pytest.fixture(scope="module")
def enrolled(model):
    """A session with three persons and the group photo."""
    session = enrol_drawn(model, None)
    return session.with_photo(group_photo(), model.find_faces(group_photo()))


@pytest.fixture(scope="module")
def page(model):
    return make_page({"orl": model.bundle})


@pytest.fixture(scope="module")
def events(page):
    return {function.name: function.fn for function in page.fns.values()}


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False])
def test_two_pictures_are_compared(model, same):
    faces = [model.find_faces(Path(file))[0] for file in write_pair(same)]
    comparison = model.compare(*faces)
    assert comparison.similarity == pytest.approx(float(faces[0].unit_embedding @ faces[1].unit_embedding))
    assert comparison.is_match == same == (comparison.similarity >= model.codec.threshold)
    assert comparison.probability == model.codec.match_probability(comparison.similarity)
    html = comparison_html(model, faces, comparison, "<note>")
    assert html.count("data:image/jpeg") == 2
    assert (">Taken for one person<" in html) == same
    assert (">Not taken for one person<" in html) != same
    assert f"{comparison.similarity:.3f}" in html
    assert "about 1 in 1,000 pairs" in html
    assert "&lt;note&gt;" in html


def test_a_picture_without_a_face_is_an_error(model):
    with pytest.raises(InputError, match=r"^no face was detected: expected 1 to 50 faces"):
        model.find_faces(np.full((200, 200, 3), 128, np.uint8))


def test_enrolled_persons_are_identified_and_another_one_is_unknown(model, enrolled):
    assert sorted(enrolled.gallery.persons) == NAMES
    assert [len(pictures) for pictures in enrolled.gallery.persons.values()] == [3, 3, 3]
    identities = enrolled.identify(model)
    assert [identity.nearest for identity in identities if identity.is_known] == ["person_07", "person_01", "person_03"]
    assert [identity.is_known for identity in identities] == [True, False, True, True]
    assert enrolled.unknown_groups(model) == {"unknown A": [1]}
    html = identities_html(model, enrolled, identities, enrolled.unknown_groups(model))
    assert re.findall(r"<td>(\d)</td>", html) == ["1", "2", "3", "4"]
    assert "<b>person_07</b>" in html
    assert "unknown A<br><small>most similar: person_" in html
    assert "about 1 in 100 unknown faces" in html


def test_an_unknown_person_is_named_and_forgotten(model, enrolled):
    named = enrol_unknown(model, enrolled, "unknown A", " Ada  L. ")
    assert [identity.nearest for identity in named.identify(model)][1] == "Ada L."
    assert named.unknown_groups(model) == {}
    assert "Ada L." in gallery_html(named)
    forgotten = named.forget("Ada L.")
    assert "Ada L." not in {*forgotten.gallery.persons, *forgotten.portraits}
    assert list(forgotten.faces) == [], "the photo may show the person"
    assert "Ada L." in named.gallery.persons, "a session is never changed"


def test_unknown_faces_of_one_person_are_one_group(model, enrolled):
    first, second = list(drawn_persons().values())[:2]
    photo = np.concatenate([second[5], first[6], second[7]], axis=1)
    session = enrolled.with_photo(photo, model.find_faces(photo))
    assert session.unknown_groups(model) == {"unknown A": [0, 2]}
    assert len(enrol_unknown(model, session, "unknown A", "Bo").gallery.persons["Bo"]) == 2


@pytest.mark.slow
def test_nobody_is_known_before_enrolment(model):
    session = open_photo(model, None, write_group_photo())
    assert session.identify(model) == [Identity("", 0.0, 0.0, is_known=False)] * 4
    html = identities_html(model, session, session.identify(model), session.unknown_groups(model))
    assert "Nobody is enrolled" in html
    assert gallery_html(None) == gallery_html(session)


@pytest.mark.slow
def test_errors_of_enrolment(model, enrolled, tmp_path):
    first, _ = write_pair(same=True)
    with pytest.raises(InputError, match="no picture: choose or take one first"):
        enrol_picture(model, None, "Ada", None)
    with pytest.raises(InputError, match="no name: type the name"):
        enrol_picture(model, None, "  ", first)
    with pytest.raises(InputError, match="4 faces were detected: expected one"):
        enrol_picture(model, None, "Ada", write_group_photo())
    with pytest.raises(InputError, match="person_01 has this picture already"):
        enrol_picture(model, enrolled, "person_01", first)
    with pytest.raises(InputError, match="is enrolled as 'person_01' already"):
        enrol_picture(model, enrolled, "Ada", first)
    with pytest.raises(InputError, match="no unknown person"):
        enrol_unknown(model, enrolled, "unknown Z", "Ada")
    (tmp_path / "bad.png").write_text("no image")
    with pytest.raises(InputError, match=r"bad\.png"):
        open_photo(model, None, str(tmp_path / "bad.png"))


def test_boxes_are_blue_for_known_faces_and_orange_for_others(enrolled):
    image = draw_boxes(enrolled.photo, enrolled.faces, [True, False, True, True])
    assert image.shape == (312, 1000, 3)
    colors = [tuple(bytes.fromhex(color[1:])) for color in (BLUE, ORANGE, BLUE, BLUE)]
    for face, color in zip(enrolled.faces, colors, strict=True):
        left, _, _, bottom = np.round(np.array(face.box) * 1000 / 640).astype(int)
        assert tuple(image[bottom - 1, left + 20]) == color


def test_operating_points():
    rates = ErrorRates(np.array([0.2, 0.5, 0.8]), np.array([0.3, 0.02, 0.0]), np.array([0.0, 0.1, 0.4]))
    assert rates.at(0.5) == (0.2, 0.3, 0.0)
    assert rates.at(0.02) == (0.5, 0.02, 0.1)
    assert rates.at(1e-6) == (0.8, 0.0, 0.4)


def test_a_threshold_is_explained(model):
    rates = model.error_rates()
    assert (np.diff(rates.thresholds) > 0).all()
    assert (np.diff(rates.false_match) <= 0).all()
    assert (np.diff(rates.false_non_match) >= 0).all()
    threshold, _, _ = rates.at(0.01)
    html = rates_html(model, rates, 0.01)
    assert f">{threshold:.3f}<" in html
    assert "of two different persons is taken for one person" in html
    assert "at most 1 in 100<" in html
    assert "--false-match-rate 0.01<" in html
    assert "--false-match-rate 0.000032<" in rates_html(model, rates, 10**-4.5)
    figure = draw_error_rates(rates, 0.01)
    assert "<svg" in figure
    assert "currentColor" in figure
    assert "#010203" not in figure


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "&lt; 0.1%"), (0.001, "0.1%"), (0.5, "50.0%"), (0.999, "99.9%"), (1.0, "&gt; 99.9%")]
)
def test_no_probability_is_shown_as_certain(value, text):
    assert percent(value) == text


@pytest.mark.parametrize(("rate", "text"), [(1e-3, "1 in 1,000"), (0.1, "1 in 10"), (0.4, "1 in 2.5"), (1.0, "1 in 1")])
def test_shares(rate, text):
    assert share(rate) == text


@pytest.mark.slow
def test_events_of_the_page(events, enrolled, tmp_path):
    first, second = write_pair(same=True)
    assert events["verify"]("orl", first, None) == ""
    assert "Taken for one person" in events["verify"]("orl", first, second)
    assert "Picture 2 shows 4 faces: the largest is compared." in events["verify"]("orl", first, write_group_photo())
    wall = str(tmp_path / "wall.png")
    Image.new("RGB", (300, 200), "white").save(wall)
    assert "picture 2: no face was detected" in events["verify"]("orl", first, wall)
    message, session, table, dropdown, photo, *_ = events["_forget"](enrolled, "person_03")
    assert "person_03 is forgotten" in message
    assert photo is None
    assert list(session.faces) == []
    assert "person_03" not in table
    assert sorted(session.gallery.persons) == ["person_01", "person_07"]
    assert dropdown.choices == [("person_01", "person_01"), ("person_07", "person_07")]
    assert "nobody to forget" in events["_forget"](None, None)[0]
    assert "there is no person" in events["_forget"](enrolled, "Nobody")[0]
    text, figure = events["show"]("orl", 2.0)
    assert "False match rate" in text
    assert "<svg" in figure


def test_events_that_change_the_session_run_one_after_the_other(page):
    changing = [
        function for function in page.fns.values() if any(isinstance(output, gr.State) for output in function.outputs)
    ]
    assert len(changing) == 6
    assert {(function.concurrency_id, function.concurrency_limit) for function in changing} == {("session", 1)}


def test_a_photo_without_a_face_keeps_the_enrolled_persons(events, enrolled, tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "wall.png")
    status, session, photo, table, naming, _ = events["identify"]("orl", enrolled, str(tmp_path / "wall.png"))
    assert "no face was detected" in status
    assert session == gr.skip()
    assert photo == table == ""
    assert naming.visible is False
