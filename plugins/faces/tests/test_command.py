"""`plexus faces`: arguments and printed lines, which need no model."""

import pytest

from plexus import InputError
from plexus.cli.parser import Parser
from plexus_faces import command
from plexus_faces.video_summary import summarize_videos


def parse(*argv):
    parser = Parser()
    command.add_arguments(parser)
    return parser.parse(argv)


def lines(action, **result):
    return list(command.show({"action": action, **result}))


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("enrol", "bundle", "--as", "Anna"), "PATH is missing: expected plexus faces enrol BUNDLE PATH... --as NAME"),
        (("enrol", "bundle", "a.jpg"), "--as NAME: expected with enrol, and only there"),
        (("identify", "bundle", "a.jpg", "--as", "Anna"), "--as NAME: expected with enrol, and only there"),
        (("verify", "bundle", "a.jpg"), "IMAGE is missing: expected plexus faces verify BUNDLE IMAGE IMAGE"),
        (("verify", "bundle", "a", "b", "c"), "got 4 arguments"),
        (("forget",), "NAME is missing: expected plexus faces forget NAME"),
        (("forget", "bundle", "Anna"), "expected plexus faces forget NAME (without BUNDLE), got 2 arguments"),
        (("audit", "bundle", "x"), "expected plexus faces audit BUNDLE, got 2 arguments"),
        (("group", "bundle"), "PATH is missing: expected plexus faces group BUNDLE PATH..."),
        (("identify", "bundle", "a.jpg", "--top", "0"), "--top must be at least 1, not 0"),
        (("identify", "bundle", "a.mp4", "--frame-rate", "0"), "--frame-rate must be above 0, not 0.0"),
        (("identify", "bundle", "a.mp4", "--seconds", "nan"), "--seconds must be above 0, not nan"),
        (("identify", "bundle", "a.jpg", "--gallery", ""), "--gallery: expected a file, got the folder '.'"),
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
    assert lines("identify", results=results, videos=[]) == [
        "a.jpg  50 x 50 at (10, 20)  unknown (most similar: Anna)  0.500",
        "a.jpg  50 x 50 at (10, 20)  Anna  0.970",
        "b.jpg  no face",
    ]
    assert command.status({"action": "identify", "results": results}) == 2
    assert command.status({"action": "identify", "results": results[:2]}) == 0


def test_frames_are_printed_with_their_time_and_summarized_by_person():
    face = {"box": [10, 20, 60, 70], "similarity": 0.97, "candidates": [{"name": "Anna", "similarity": 0.97}]}
    results = [
        {"input": "clip.mp4", "time": 0.0, "faces": [face | {"name": "Anna"}]},
        {"input": "clip.mp4", "time": 0.5, "faces": []},
        {"input": "clip.mp4", "time": 1.0, "faces": [face | {"name": None}] * 2},
        {"input": "clip.mp4", "time": 1.5, "faces": [face | {"name": "Anna"}]},
        {"input": "empty.mp4", "time": 0.0, "faces": []},
        {"input": "a.jpg", "faces": [face | {"name": "Ben"}]},
    ]
    videos = summarize_videos(results)
    assert videos[0] == {
        "input": "clip.mp4",
        "frames": 4,
        "persons": [
            {"name": "Anna", "frames": 2, "first": 0.0, "last": 1.5},
            {"name": None, "frames": 1, "first": 1.0, "last": 1.0},
        ],
    }
    printed = lines("identify", results=results, videos=videos)
    assert printed[0] == "clip.mp4 at 0.0 s  50 x 50 at (10, 20)  Anna  0.970"
    assert printed[-5:] == [
        "a.jpg  50 x 50 at (10, 20)  Ben  0.970",
        "clip.mp4: 4 frames searched",
        "  Anna: 2 frames, 0.0 to 1.5 s",
        "  unknown: 1 frame, 1.0 to 1.0 s",
        "empty.mp4: 1 frame searched, no face",
    ]


def test_skipped_frames_are_counted():
    skipped = [{"input": "a.jpg", "reason": "no face"}, {"input": "clip.mp4", "reason": "near copies", "frames": 12}]
    errors = [{"input": "b.jpg", "error": "b.jpg is cut off"}]
    result = {"gallery": "g", "person": "Anna", "enrolled": 2, "skipped": skipped, "pictures": 2, "persons": 1}
    assert lines("enrol", **result) == [
        "Anna: 2 enrolled, 13 skipped, now 2 images; g: 1 person",
        "  skipped a.jpg: no face",
        "  skipped clip.mp4: 12 frames: near copies",
    ]
    assert command.status({"action": "enrol", **result, "errors": errors}) == 2
    assert command.status({"action": "enrol", **result, "errors": []}) == 0


def test_skipped_images_are_counted_with_their_reasons():
    skipped = [{"input": f"{place}.jpg", "reason": "no face"} for place in range(25)]
    printed = lines("enrol", gallery="g", person="Anna", enrolled=2, skipped=skipped, pictures=2, persons=1)
    assert printed[0] == "Anna: 2 enrolled, 25 skipped, now 2 images; g: 1 person"
    assert printed[1] == "  skipped 0.jpg: no face"
    assert printed[-1] == "  and 5 more (--json has all)"
    assert len(printed) == 22


def test_other_results_are_one_line_each():
    verified = lines("verify", same_person=True, similarity=0.95, threshold=0.93, probability=0.998)
    assert verified == ["same person: similarity 0.950, threshold 0.930, match probability 99.8%"]
    forgotten = lines("forget", gallery="g", person="Anna", pictures=1, persons=0)
    assert forgotten == ["Anna: 1 image removed; g: 0 persons"]
    finding = {"kind": "outlier", "persons": ["Anna"], "pictures": ["3.jpg"], "similarity": 0.4}
    audited = lines("audit", gallery="g", persons=1, pictures=3, findings=[finding])
    assert audited == [
        "g: 1 person, 3 images, 1 finding",
        "  Anna: 3.jpg does not look like the other images (0.400)",
    ]
    faces = [{"box": [0, 0, 50, 50], "group": 0}]
    assert lines("group", groups=1, results=[{"input": "a.jpg", "faces": faces}]) == [
        "group 1: 1 face",
        "  a.jpg  50 x 50 at (0, 0)",
    ]


@pytest.mark.parametrize(
    ("probability", "text"), [(1.0, "> 99.9%"), (0.999, "99.9%"), (0.001, "0.1%"), (0.0009, "< 0.1%"), (0.0, "< 0.1%")]
)
def test_no_match_is_printed_as_certain(probability, text):
    (line,) = lines("verify", same_person=True, similarity=0.95, threshold=0.93, probability=probability)
    assert line.endswith(f"match probability {text}")


def test_copies_of_an_image_are_one_line():
    finding = {"kind": "duplicate", "persons": ["Anna"], "pictures": ["a.jpg", "b.jpg", "c.jpg"], "similarity": 1.0}
    assert lines("audit", gallery="g", persons=1, pictures=3, findings=[finding])[1:] == [
        "  Anna: a.jpg, b.jpg and c.jpg are nearly the same image (1.000)"
    ]
    many = finding | {"pictures": [f"{place}.jpg" for place in range(25)]}
    assert "19.jpg and 5 more are nearly" in lines("audit", gallery="g", persons=1, pictures=25, findings=[many])[1]


def test_the_box_of_a_face_is_printed_as_a_square():
    faces = [{"box": [0.1, 0.1, 341.6, 341.5], "group": 0}]
    assert lines("group", groups=1, results=[{"input": "a.jpg", "faces": faces}])[1] == "  a.jpg  341 x 341 at (0, 0)"


def test_the_help_has_a_line_for_each_action(capsys):
    with pytest.raises(SystemExit):
        parse("--help")
    printed = capsys.readouterr().out.splitlines()
    assert "  forget    NAME                       delete a person from a gallery" in printed
