"""`plexus serve` in another process: predictions, errors, batching, Triton's client."""

import asyncio
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
from plexus.serve.models import Models
from plexus_apps.image_recognition.app import draw_photo

MODELS = Path(__file__).parents[2] / "models"
REVIEWS, DIGITS = MODELS / "sentiment.classify/reviews_small", MODELS / "vision.classify/digits"
KEY = "a-key-of-sixteen-letters-or-more"


def test_list_of_models(server, is_problem):
    results = {model["name"]: model for model in server.get("/v1/models").json()}
    assert len(results) == len(list(MODELS.glob("*/*")))
    assert results["sentiment.classify.reviews_small"]["inputs"] == "a text"
    assert (
        server.get("/v1/models/sentiment.classify.reviews_small").json() == results["sentiment.classify.reviews_small"]
    )
    assert "did you mean 'sentiment.classify.reviews'" in is_problem(server.get("/v1/models/sentiment.reviews"), 404)
    assert server.get("/openapi.json").json()["info"]["title"] == "Plexus"


def test_predictions_for_texts_are_those_of_the_bundle(server):
    texts = ["a wonderful film", "the plot is dull", "", "好"]
    results = server.predict("sentiment.classify.reviews_small", *texts).json()
    expected = plexus.load(REVIEWS).predict(texts)
    assert [result["answer"] for result in results] == [
        json.loads(prediction.model_dump_json()) for prediction in expected
    ]


@pytest.mark.slow
def test_predictions_and_explanations_for_files(server, tmp_path):
    photo = draw_photo(tmp_path / "three.png")
    address = f"{server.address}/v1/models/vision.classify.digits/predict"
    with photo.open("rb") as first, photo.open("rb") as second:
        files = [
            ("files", ("../../three.png", first)),
            ("files", ("x", second)),
            ("files", ("bad.png", b"not a picture")),
        ]
        results = requests.post(address, files=files, params={"explain": "true"}, timeout=60).json()
    expected = plexus.load(DIGITS).predict([photo])[0]
    assert results[0] == results[1]
    assert results[0]["answer"]["label"] == expected.label == "3"
    assert list(results[2]) == ["error"]
    assert "not an image" in results[2]["error"]
    head, content = results[0]["explanation"].split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(content)[:4] == b"\x89PNG"


def test_no_file_of_the_server_is_read(server, is_problem):
    for model in ("vision.classify.digits", "speech.commands.digits", "clustering.deep.mnist"):
        assert "/etc" not in is_problem(server.predict(model, "/etc/hostname"), 422)
    answer = server.predict("sentiment.classify.reviews_small", "/etc/hostname.txt").json()[0]["answer"]
    assert answer["label"] in {"positive", "negative"}


@pytest.mark.parametrize(
    ("model", "inputs", "error"),
    [
        ("sentiment.classify.reviews_small", [7], "expected a string, got int"),
        ("games.play.cartpole", [[1, 2]], "observation"),
        ("games.play.cartpole", ["x"], "observation"),
        ("games.play.cartpole", [[[[[]]]]], "observation"),
        ("games.play.cartpole", [None], "observation"),
        ("games.play.cartpole", [{"a": 1}], "observation"),
        ("fraud.detect.simulated", [[]], "expected a transaction"),
        ("fraud.detect.simulated", [{}], "column"),
        ("fraud.detect.simulated", [{"amount": "much"}], "column"),
        ("clustering.deep.mnist", [{"a": 1}], "images"),
    ],
)
def test_wrong_inputs_are_reported_and_the_server_continues(server, model, inputs, error, is_problem):
    assert error in is_problem(server.predict(model, *inputs), 422)
    assert server.predict("sentiment.classify.reviews_small", "good").status_code == 200


def test_malformed_requests(server, is_problem):
    address = f"{server.address}/v1/models/sentiment.classify.reviews_small/predict"
    assert "inputs" in is_problem(requests.post(address, json={}, timeout=20), 422)
    assert "inputs" in is_problem(requests.post(address, json={"inputs": []}, timeout=20), 422)
    assert "more" in is_problem(requests.post(address, json={"inputs": ["a"], "more": 1}, timeout=20), 422)
    is_problem(requests.post(address, data="{", headers={"content-type": "application/json"}, timeout=20), 422)
    is_problem(requests.put(address, timeout=20), 405)
    is_problem(server.get("/etc/passwd"), 404)
    assert "2,097,152 bytes" in is_problem(requests.post(address, data=b"x" * (3 << 20), timeout=20), 413)


def test_a_request_in_json_needs_its_content_type(server, is_problem):
    address = f"{server.address}/v1/models/sentiment.classify.reviews_small/predict"
    hint = "send it with the header content-type: application/json"
    for kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        response = requests.post(address, data=b' {\n"inputs": ["good"]}', headers={"content-type": kind}, timeout=20)
        assert hint in is_problem(response, 422)
    assert requests.post(address, data=b"[a review] good", timeout=20).status_code == 200
    rows = f"{server.address}/v1/models/tables.risk.german_credit/predict"
    line = is_problem(requests.post(rows, data=b'{"age": 3}', timeout=20), 422)
    assert line == (
        "expected a row, an object of its columns, got a file: send JSON with the header content-type: application/json"
    )


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ({"inputs": {"age": 3}}, "inputs: expected a list, found an object"),
        ({"inputs": "good"}, "inputs: expected a list, found a string"),
        ({"inputs": True}, "inputs: expected a list, found a boolean"),
        ({"inputs": 1.5}, "inputs: expected a list, found a number"),
        ({"inputs": None}, "inputs: expected a list, found null"),
        (["good"], "body: expected an object, found a list"),
    ],
)
def test_a_document_of_another_form_is_described_in_the_words_of_json(server, is_problem, document, line):
    address = f"{server.address}/v1/models/sentiment.classify.reviews_small/predict"
    assert is_problem(requests.post(address, json=document, timeout=20), 422) == line


def test_tritons_client_gets_the_outputs_of_the_bundle(server):
    import tritonclient.http as triton

    client = triton.InferenceServerClient(server.address.removeprefix("http://"))
    assert client.is_server_live()
    assert client.is_model_ready("vision.classify.digits")
    described = client.get_model_metadata("vision.classify.digits")
    (tensor,) = described["inputs"]
    shape = [3, *tensor["shape"][1:]]
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    expected = plexus.load(DIGITS).predictor({tensor["name"]: image})["logits"]
    for binary in (True, False):
        tensor_input = triton.InferInput(tensor["name"], shape, tensor["datatype"])
        tensor_input.set_data_from_numpy(image, binary_data=binary)
        output = triton.InferRequestedOutput("logits", binary_data=binary)
        results = client.infer("vision.classify.digits", [tensor_input], outputs=[output]).as_numpy("logits")
        np.testing.assert_array_equal(results, expected)
    tensor_input = triton.InferInput("wrong", shape, "UINT8")
    tensor_input.set_data_from_numpy(image)
    with pytest.raises(triton.InferenceServerException):
        client.infer("vision.classify.digits", [tensor_input])
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
def test_wrong_arrays_are_reported(server, inputs, is_problem):
    is_problem(
        requests.post(f"{server.address}/v2/models/vision.classify.digits/infer", json={"inputs": inputs}, timeout=20),
        422,
    )


def test_memory_and_metrics(server):
    server.predict("sentiment.classify.reviews_small", "good")
    metrics = server.get("/metrics").text
    assert re.search(r'plexus_inputs_total\{model="sentiment.classify.reviews_small",outcome="answer"\} \d', metrics)
    pid = server.process.pid
    assert not re.search("tensorflow|jaxlib", Path(f"/proc/{pid}/maps").read_text())
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])
    assert resident < 270_000


def test_the_body_may_be_a_file(server, tmp_path, is_problem):
    photo = draw_photo(tmp_path / "three.png").read_bytes()
    address = f"{server.address}/v1/models/vision.classify.digits/predict"
    results = requests.post(address, data=photo, headers={"content-type": "image/png"}, timeout=20).json()
    assert results[0]["answer"]["label"] == "3"
    assert "body is empty" in is_problem(requests.post(address, timeout=20), 422)
    assert "files" in is_problem(requests.post(address, files={"other": b"x"}, timeout=20), 422)


@pytest.mark.slow
def test_concurrent_requests_are_batched_and_get_the_same_predictions(server):
    texts = [f"a {word} film number {number}" for number in range(100) for word in ("good", "dull")]
    expected = [json.loads(prediction.model_dump_json()) for prediction in plexus.load(REVIEWS).predict(texts)]
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        results = list(pool.map(lambda text: server.predict("sentiment.classify.reviews_small", text).json()[0], texts))
    for result, prediction in zip(results, expected, strict=True):
        assert result["answer"]["label"] == prediction["label"]
        # Rounded to six digits: networks compute batches of other sizes with other last bits.
        assert result["answer"]["probability"] == pytest.approx(prediction["probability"], abs=2e-6)
    metrics = server.get("/metrics").text
    sizes = {
        kind: float(
            re.search(rf'plexus_batch_inputs_{kind}{{model="sentiment.classify.reviews_small"}} (\S+)', metrics)[1]
        )
        for kind in ("sum", "count")
    }
    assert sizes["sum"] > sizes["count"], "no requests were batched"


@pytest.mark.slow
def test_no_request_that_the_openapi_document_allows_fails_the_server(server):
    """Requests that the document allows, and invalid ones, generated by schemathesis."""
    models = [
        "sentiment.classify.reviews_small",
        "vision.classify.digits",
        "fraud.detect.simulated",
        "games.play.cartpole",
    ]
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import not_a_server_error

    schema = schemathesis.openapi.from_url(f"{server.address}/openapi.json")
    requests_sent = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=40,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(case):
            nonlocal requests_sent
            if "name" in (case.path_parameters or {}):
                case.path_parameters["name"] = models[requests_sent % len(models)]
            requests_sent += 1
            case.call_and_validate(checks=[not_a_server_error], timeout=60)

        send()
    assert requests_sent > 200
    assert server.predict("sentiment.classify.reviews_small", "good").status_code == 200


def _wav(samples):
    stream = io.BytesIO()
    soundfile.write(stream, samples, 8000, format="wav")
    return stream.getvalue()


def _png(side):
    stream = io.BytesIO()
    Image.effect_noise((side, side), 50).save(stream, "png")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("model", "content", "error"),
    [
        ("vision.classify.digits", b"", "is empty: expected an image"),
        ("vision.classify.digits", b"\x89PNG\r\n\x1a\n", "not an image"),
        ("vision.classify.digits", _png(64)[:300], "damaged or cut off"),
        ("clustering.deep.mnist", b"GIF89a", "not an image"),
        ("clustering.deep.mnist", _png(64)[:300], "damaged or cut off"),
        *(
            (model, content, error)
            for model in ("speech.commands.digits", "speech.transcribe.digits")
            for content, error in (
                (b"", "empty"),
                (b"no sound", "not a recording"),
                (_wav(np.zeros(8000)), "silent"),
                (_wav(np.ones(80)), "is 0.01000 s long: expected 0.05 s or more"),
                (_wav(np.random.default_rng(0).normal(0, 0.1, 8000))[:5000], "cut off"),
            )
        ),
    ],
)
def test_wrong_files_are_reported_and_the_server_continues(server, model, content, error, is_problem):
    address = f"{server.address}/v1/models/{model}/predict"
    assert error in is_problem(requests.post(address, files={"files": ("../../x", content)}, timeout=20), 422)
    assert server.predict("sentiment.classify.reviews_small", "good").status_code == 200


def test_a_streaming_model_keeps_its_state_between_requests():
    """The server does not share the state of a model with a bundle that is loaded elsewhere."""
    folder = MODELS / "fraud.detect/simulated"
    payments = [{"time": 1_709_300_000 + 60 * n, "customer": 5, "terminal": 7, "amount": 40.0 + n} for n in range(4)]

    async def predict_one_by_one():
        models = Models(lambda: [folder], max_batch_size=8)
        return [
            (await models.predict("fraud.detect.simulated", [payment], explain=False))[0]["answer"]
            for payment in payments
        ]

    bundle = plexus.load(folder)
    together = [prediction.model_dump() for prediction in bundle.predict(payments)]
    alone = [bundle.predict([payment])[0].model_dump() for payment in payments]
    assert together != alone
    for _ in range(2):
        probabilities = [answer["probability"] for answer in asyncio.run(predict_one_by_one())]
        assert probabilities == pytest.approx([answer["probability"] for answer in together], abs=1e-6)
