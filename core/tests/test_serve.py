"""A real server, asked by real clients."""

import base64
import concurrent.futures
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import requests
import soundfile
from PIL import Image

import plexus
from plexus_apps.image_recognition.app import draw_photo

MODELS = Path(__file__).parents[2] / "models"
REVIEWS, DIGITS = MODELS / "sentiment.classify/reviews", MODELS / "vision.classify/digits"
KEY = "a-key-of-sixteen-letters-or-more"


def test_what_is_served(server, is_problem):
    found = {model["name"]: model for model in server.get("/v1/models").json()}
    assert len(found) == len(list(MODELS.glob("*/*")))
    assert found["sentiment.classify.reviews"]["inputs"] == "a text"
    assert server.get("/v1/models/sentiment.classify.reviews").json() == found["sentiment.classify.reviews"]
    assert "did you mean 'sentiment.classify.reviews'" in is_problem(server.get("/v1/models/sentiment.reviews"), 404)
    assert server.get("/openapi.json").json()["info"]["title"] == "Plexus"


def test_texts_are_answered_as_by_the_bundle(server):
    texts = ["a wonderful film", "the plot is dull", "", "好"]
    found = server.predict("sentiment.classify.reviews", *texts).json()
    expected = plexus.load(REVIEWS).predict(texts)
    assert [one["answer"] for one in found] == [json.loads(answer.model_dump_json()) for answer in expected]


def test_files_are_answered_and_explained(server, tmp_path):
    photo = draw_photo(tmp_path / "three.png")
    address = f"{server.address}/v1/models/vision.classify.digits/predict"
    with photo.open("rb") as first, photo.open("rb") as second:
        files = [
            ("files", ("../../three.png", first)),
            ("files", ("x", second)),
            ("files", ("bad.png", b"not a picture")),
        ]
        found = requests.post(address, files=files, params={"explain": "true"}, timeout=60).json()
    expected = plexus.load(DIGITS).predict([photo])[0]
    assert found[0] == found[1]
    assert found[0]["answer"]["label"] == expected.label == "3"
    assert list(found[2]) == ["error"]
    assert "picture" in found[2]["error"]
    head, content = found[0]["explanation"].split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(content)[:4] == b"\x89PNG"


def test_a_files_name_is_never_read(server, is_problem):
    """What is asked is not a path of the server's."""
    for model in ("vision.classify.digits", "speech.commands.digits", "clustering.deep.mnist"):
        assert "/etc" not in is_problem(server.predict(model, "/etc/hostname"), 422)
    answer = server.predict("sentiment.classify.reviews", "/etc/hostname.txt").json()[0]["answer"]
    assert answer["label"] in {"positive", "negative"}


@pytest.mark.parametrize(
    ("model", "inputs", "said"),
    [
        ("sentiment.classify.reviews", [7], "expected a string, got int"),
        ("games.play.cartpole", [[1, 2]], "observation"),
        ("games.play.cartpole", ["x"], "observation"),
        ("games.play.cartpole", [[[[[]]]]], "observation"),
        ("games.play.cartpole", [None], "observation"),
        ("games.play.cartpole", [{"a": 1}], "observation"),
        ("fraud.detect.simulated", [[]], "a transaction is wanted"),
        ("fraud.detect.simulated", [{}], "column"),
        ("fraud.detect.simulated", [{"amount": "much"}], "column"),
        ("clustering.deep.mnist", [{"a": 1}], "pictures"),
    ],
)
def test_wrong_inputs_are_told_and_the_next_is_answered(server, model, inputs, said, is_problem):
    assert said in is_problem(server.predict(model, *inputs), 422)
    assert server.predict("sentiment.classify.reviews", "good").status_code == 200


def test_what_is_no_request(server, is_problem):
    address = f"{server.address}/v1/models/sentiment.classify.reviews/predict"
    assert "inputs" in is_problem(requests.post(address, json={}, timeout=20), 422)
    assert "inputs" in is_problem(requests.post(address, json={"inputs": []}, timeout=20), 422)
    assert "more" in is_problem(requests.post(address, json={"inputs": ["a"], "more": 1}, timeout=20), 422)
    is_problem(requests.post(address, data="{", headers={"content-type": "application/json"}, timeout=20), 422)
    is_problem(requests.put(address, timeout=20), 405)
    is_problem(server.get("/etc/passwd"), 404)
    assert "2,097,152 bytes" in is_problem(requests.post(address, data=b"x" * (3 << 20), timeout=20), 413)


def test_tritons_client_gets_the_bundles_numbers(server):
    import tritonclient.http as triton

    client = triton.InferenceServerClient(server.address.removeprefix("http://"))
    assert client.is_server_live()
    assert client.is_model_ready("vision.classify.digits")
    described = client.get_model_metadata("vision.classify.digits")
    (wanted,) = described["inputs"]
    shape = [3, *wanted["shape"][1:]]
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    expected = plexus.load(DIGITS).run({wanted["name"]: picture})["logits"]
    for binary in (True, False):
        given = triton.InferInput(wanted["name"], shape, wanted["datatype"])
        given.set_data_from_numpy(picture, binary_data=binary)
        asked = triton.InferRequestedOutput("logits", binary_data=binary)
        found = client.infer("vision.classify.digits", [given], outputs=[asked]).as_numpy("logits")
        np.testing.assert_array_equal(found, expected)
    given = triton.InferInput("wrong", shape, "UINT8")
    given.set_data_from_numpy(picture)
    with pytest.raises(triton.InferenceServerException):
        client.infer("vision.classify.digits", [given])
    client.close()


@pytest.mark.parametrize(
    "inputs",
    [
        "x",
        [],
        [7],
        [{"name": "image"}],
        [{"name": "image", "datatype": "FP99", "shape": [1], "data": [1]}],
        [{"name": "image", "datatype": "UINT8", "shape": [9, 9], "data": [1]}],
        [{"name": "image", "datatype": "UINT8", "shape": [1], "data": ["a"]}],
        [{"name": "image", "datatype": "UINT8", "shape": [], "data": [1]}],
        [{"name": "image", "datatype": "UINT8", "shape": [1], "parameters": {"binary_data_size": 99}}],
    ],
)
def test_wrong_arrays_are_told(server, inputs, is_problem):
    is_problem(
        requests.post(f"{server.address}/v2/models/vision.classify.digits/infer", json={"inputs": inputs}, timeout=20),
        422,
    )


def test_it_is_light_and_counts(server):
    server.predict("sentiment.classify.reviews", "good")
    metrics = server.get("/metrics").text
    assert re.search(r'plexus_inputs_total\{model="sentiment.classify.reviews",outcome="answer"\} \d', metrics)
    pid = server.process.pid
    assert not re.search("tensorflow|jaxlib", Path(f"/proc/{pid}/maps").read_text())
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])
    assert resident < 300_000


def test_a_file_is_taken_as_it_is(server, tmp_path, is_problem):
    photo = draw_photo(tmp_path / "three.png").read_bytes()
    address = f"{server.address}/v1/models/vision.classify.digits/predict"
    found = requests.post(address, data=photo, headers={"content-type": "image/png"}, timeout=20).json()
    assert found[0]["answer"]["label"] == "3"
    assert "body is empty" in is_problem(requests.post(address, timeout=20), 422)
    assert "files" in is_problem(requests.post(address, files={"other": b"x"}, timeout=20), 422)


def test_what_is_asked_at_once_is_answered_together_with_the_same_answers(server):
    texts = [f"a {word} film number {number}" for number in range(100) for word in ("good", "dull")]
    expected = [json.loads(one.model_dump_json()) for one in plexus.load(REVIEWS).predict(texts)]
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda text: server.predict("sentiment.classify.reviews", text).json()[0], texts))
    for one, wanted in zip(found, expected, strict=True):
        assert one["answer"]["label"] == wanted["label"]
        assert one["answer"]["probability"] == pytest.approx(wanted["probability"], abs=1e-6)
    metrics = server.get("/metrics").text
    sizes = {
        kind: float(re.search(rf'plexus_batch_inputs_{kind}{{model="sentiment.classify.reviews"}} (\S+)', metrics)[1])
        for kind in ("sum", "count")
    }
    assert sizes["sum"] > sizes["count"], "some were answered together"


def test_no_request_that_the_document_allows_makes_the_server_fail(server):
    """schemathesis: whatever the OpenAPI document allows, and what it does not."""
    models = ["sentiment.classify.reviews", "vision.classify.digits", "fraud.detect.simulated", "games.play.cartpole"]
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import not_a_server_error

    schema = schemathesis.openapi.from_url(f"{server.address}/openapi.json")
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=40,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case):
            nonlocal asked
            if "name" in (case.path_parameters or {}):
                case.path_parameters["name"] = models[asked % len(models)]
            asked += 1
            case.call_and_validate(checks=[not_a_server_error], timeout=60)

        ask()
    assert asked > 200
    assert server.predict("sentiment.classify.reviews", "good").status_code == 200


def _wav(samples):
    stream = io.BytesIO()
    soundfile.write(stream, samples, 8000, format="wav")
    return stream.getvalue()


def _png(side):
    stream = io.BytesIO()
    Image.effect_noise((side, side), 50).save(stream, "png")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("model", "content", "said"),
    [
        ("vision.classify.digits", b"", "not a picture"),
        ("vision.classify.digits", b"\x89PNG\r\n\x1a\n", "picture"),
        ("vision.classify.digits", _png(64)[:300], "damaged or cut off"),
        ("clustering.deep.mnist", b"GIF89a", "picture"),
        ("clustering.deep.mnist", _png(64)[:300], "damaged or cut off"),
        *(
            (model, content, said)
            for model in ("speech.commands.digits", "speech.transcribe.digits")
            for content, said in (
                (b"", "empty"),
                (b"no sound", "not a recording"),
                (_wav(np.zeros(8000)), "silent"),
                (_wav(np.ones(80)), "0.01 s long"),
                (_wav(np.random.default_rng(0).normal(0, 0.1, 8000))[:5000], "cut off"),
            )
        ),
    ],
)
def test_wrong_files_are_told_and_the_next_is_answered(server, model, content, said, is_problem):
    address = f"{server.address}/v1/models/{model}/predict"
    assert said in is_problem(requests.post(address, files={"files": ("../../x", content)}, timeout=20), 422)
    assert server.predict("sentiment.classify.reviews", "good").status_code == 200
