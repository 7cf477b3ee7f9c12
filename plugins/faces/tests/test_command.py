"""`plexus faces`: arguments and printed lines, which need no model."""

import pytest

from plexus import InputError
from plexus.cli.parser import Parser
from plexus_faces import command


def parse(*argv):
    parser = Parser()
    command.add_arguments(parser)
    return parser.parse(argv)


def lines(action, **result):
    return list(command.show({"action": action, **result}))


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("enrol", "bundle", "--as", "Anna"), "expected plexus faces enrol BUNDLE PATH... --as NAME, got 1 arguments"),
        (("enrol", "bundle", "a.jpg"), "--as NAME: expected with enrol, and only there"),
        (("identify", "bundle", "a.jpg", "--as", "Anna"), "--as NAME: expected with enrol, and only there"),
        (("verify", "bundle", "a.jpg"), "expected plexus faces verify BUNDLE IMAGE IMAGE, got 2 arguments"),
        (("verify", "bundle", "a", "b", "c"), "got 4 arguments"),
        (("forget",), "expected plexus faces forget NAME, got 0 arguments"),
        (("audit", "bundle", "x"), "expected plexus faces audit BUNDLE, got 2 arguments"),
        (("group", "bundle"), "expected plexus faces group BUNDLE PATH..., got 1 arguments"),
        (("identify", "bundle", "a.jpg", "--top", "0"), "--top must be at least 1, not 0"),
    ],
)
def test_wrong_arguments_are_named(argv, message):
    with pytest.raises(InputError) as error:
        command.run(parse(*argv))
    assert message in str(error.value)


def test_an_unknown_face_is_printed_as_unknown_with_the_most_similar_person():
    face = {"box": [10, 20, 60, 70], "similarity": 0.5, "candidates": [{"name": "Anna", "similarity": 0.5}]}
    results = [
        {"input": "a.jpg", "faces": [face | {"name": None}, face | {"name": "Anna", "similarity": 0.97}]},
        {"input": "b.jpg", "faces": []},
        {"input": "c.jpg", "error": "c.jpg is not an image"},
    ]
    assert lines("identify", results=results) == [
        "a.jpg  50 x 50 at (10, 20)  unknown (most similar: Anna)  0.500",
        "a.jpg  50 x 50 at (10, 20)  Anna  0.970",
        "b.jpg  no face",
    ]
    assert command.status({"action": "identify", "results": results}) == 2
    assert command.status({"action": "identify", "results": results[:2]}) == 0


def test_skipped_images_are_counted_with_their_reasons():
    skipped = [{"input": f"{place}.jpg", "reason": "no face"} for place in range(25)]
    printed = lines("enrol", gallery="g", person="Anna", enrolled=2, skipped=skipped, pictures=2, persons=1)
    assert printed[0] == "Anna: 2 enrolled, 25 skipped, now 2 pictures; g: 1 person"
    assert printed[1] == "  skipped 0.jpg: no face"
    assert printed[-1] == "  and 5 more (--json has all)"
    assert len(printed) == 22


def test_other_results_are_one_line_each():
    verified = lines("verify", same_person=True, similarity=0.95, threshold=0.93, probability=0.998)
    assert verified == ["same person: similarity 0.950, threshold 0.930, match probability 99.80%"]
    forgotten = lines("forget", gallery="g", person="Anna", pictures=1, persons=0)
    assert forgotten == ["Anna: 1 picture removed; g: 0 persons"]
    finding = {"kind": "outlier", "persons": ["Anna"], "pictures": ["3.jpg"], "similarity": 0.4}
    audited = lines("audit", gallery="g", persons=1, pictures=3, findings=[finding])
    assert audited == [
        "g: 1 person, 3 pictures, 1 finding",
        "  Anna: 3.jpg does not look like the other pictures (0.400)",
    ]
    faces = [{"box": [0, 0, 50, 50], "group": 0}]
    assert lines("group", groups=1, results=[{"input": "a.jpg", "faces": faces}]) == [
        "group 0: 1 face",
        "  a.jpg  50 x 50 at (0, 0)",
    ]
