"""A real server, asked by real clients."""

import base64
import concurrent.futures
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import requests
import soundfile
from PIL import Image

from plexus import Bundle
from plexus_apps.image_recognition.app import draw_photo

MODELS = Path(__file__).parents[2] / "models"
REVIEWS, DIGITS = MODELS / "sentiment.classify/reviews", MODELS / "vision.classify/digits"
KEY = "a-key-of-sixteen-letters-or-more"


class Server:
    """A `plexus serve` in a process of its own."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "plexus", "serve", *map(str, arguments), "--port", "0"]
        # Not a pipe: nobody would read the log, and once it is full, who writes to it waits.
        self.log = tempfile.NamedTemporaryFile("w+")  # noqa: SIM115 - as long as the server
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        while "http" not in self.said():
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)
        self.address = re.search(r"http://\S+", self.said())[0]

    def said(self):
        """All of the log."""
        return Path(self.log.name).read_text()

    def get(self, path, **more):
        return requests.get(self.address + path, timeout=20, **more)

    def predict(self, model, *inputs, **more):
        return requests.post(f"{self.address}/v1/models/{model}/predict", json={"inputs": inputs}, timeout=60, **more)

    def stop(self):
        """As its supervisor does; gives what it printed."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)[0]


@pytest.fixture(scope="module")
def server():
    running = Server(*(folder.parent for folder in sorted(MODELS.glob("*/*/bundle.json"))), "--max-megabytes", 2)
    yield running
    running.stop()


@pytest.fixture
def started():
    """Start a server, and see that it is stopped."""
    running = []

    def start(*arguments):
        running.append(Server(*arguments))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.stop()


def is_problem(response, status):
    """It is a problem document of that status, of one line, without a path or a traceback; gives the line."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == status
    assert "Traceback" not in response.text
    assert str(MODELS) not in response.text
    assert "\n" not in found["detail"]
    return found["detail"]


def test_what_is_served(server):
    found = {model["name"]: model for model in server.get("/v1/models").json()}
    assert len(found) == len(list(MODELS.glob("*/*")))
    assert found["sentiment.classify.reviews"]["inputs"] == "a text"
    assert server.get("/v1/models/sentiment.classify.reviews").json() == found["sentiment.classify.reviews"]
    assert "did you mean 'sentiment.classify.reviews'" in is_problem(server.get("/v1/models/sentiment.reviews"), 404)
    assert server.get("/openapi.json").json()["info"]["title"] == "Plexus"


def test_texts_are_answered_as_by_the_bundle(server):
    texts = ["a wonderful film", "the plot is dull", "", "好"]
    found = server.predict("sentiment.classify.reviews", *texts).json()
    expected = Bundle.load(REVIEWS).predict(texts)
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
    expected = Bundle.load(DIGITS).predict([photo])[0]
    assert found[0] == found[1]
    assert found[0]["answer"]["label"] == expected.label == "3"
    assert list(found[2]) == ["error"]
    assert "picture" in found[2]["error"]
    head, content = found[0]["explanation"].split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(content)[:4] == b"\x89PNG"


def test_a_files_name_is_never_read(server):
    """What is asked is not a path of the server's."""
    for model in ("vision.classify.digits", "speech.commands.digits", "clustering.deep.mnist"):
        assert "/etc" not in is_problem(server.predict(model, "/etc/hostname"), 422)
    answer = server.predict("sentiment.classify.reviews", "/etc/hostname.txt").json()[0]["answer"]
    assert answer["label"] in {"positive", "negative"}


@pytest.mark.parametrize(
    ("model", "inputs", "said"),
    [
        ("sentiment.classify.reviews", [7], "a text is wanted, not 7"),
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
def test_wrong_inputs_are_told_and_the_next_is_answered(server, model, inputs, said):
    assert said in is_problem(server.predict(model, *inputs), 422)
    assert server.predict("sentiment.classify.reviews", "good").status_code == 200


def test_what_is_no_request(server):
    address = f"{server.address}/v1/models/sentiment.classify.reviews/predict"
    assert "inputs" in is_problem(requests.post(address, json={}, timeout=20), 422)
    assert "inputs" in is_problem(requests.post(address, json={"inputs": []}, timeout=20), 422)
    assert "more" in is_problem(requests.post(address, json={"inputs": ["a"], "more": 1}, timeout=20), 422)
    is_problem(requests.post(address, data="{", headers={"content-type": "application/json"}, timeout=20), 422)
    is_problem(requests.put(address, timeout=20), 405)
    is_problem(server.get("/etc/passwd"), 404)
    assert "2,097,152 bytes" in is_problem(requests.post(address, data=b"x" * (3 << 20), timeout=20), 413)


def test_a_body_of_unknown_length_is_counted(server):
    host = server.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    pieces = (b"x" * 65_536 for _ in range(64))
    try:
        connection.request("POST", "/v2/models/vision.classify.digits/infer", body=pieces, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before all of it was sent
    assert server.get("/v2/health/ready").status_code == 200


def test_tritons_client_gets_the_bundles_numbers(server):
    import tritonclient.http as triton

    client = triton.InferenceServerClient(server.address.removeprefix("http://"))
    assert client.is_server_live()
    assert client.is_model_ready("vision.classify.digits")
    described = client.get_model_metadata("vision.classify.digits")
    (wanted,) = described["inputs"]
    shape = [3, *wanted["shape"][1:]]
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    expected = Bundle.load(DIGITS).run({wanted["name"]: picture})["logits"]
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
def test_wrong_arrays_are_told(server, inputs):
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


def test_requests_have_numbers(server):
    assert server.get("/v1/models", headers={"x-request-id": "mine-7"}).headers["x-request-id"] == "mine-7"
    assert len(server.get("/v1/models", headers={"x-request-id": "not\tone"}).headers["x-request-id"]) == 32


def test_who_has_no_key_is_refused(started, tmp_path):
    (tmp_path / "keys").write_text(f"{KEY}\nanother-key-of-many-letters\n")
    one = started(REVIEWS, "--api-key-file", tmp_path / "keys", "--host", "0.0.0.0")
    one.address = one.address.replace("0.0.0.0", "127.0.0.1")
    assert "Bearer" in is_problem(one.predict("sentiment.classify.reviews", "good"), 401)
    for key in ("wrong", KEY[:-1], ""):
        is_problem(one.get("/v1/models", headers={"authorization": f"Bearer {key}"}), 401)
    answered = one.predict("sentiment.classify.reviews", "good", headers={"authorization": f"Bearer {KEY}"})
    assert answered.status_code == 200
    assert one.get("/v2/health/live").status_code == 200


def test_what_is_not_safe_is_refused(refused, tmp_path):
    assert "give --api-key-file, or say --insecure" in refused("serve", REVIEWS, "--host", "0.0.0.0")
    (tmp_path / "keys").write_text("short\n")
    assert "16 letters" in refused("serve", REVIEWS, "--api-key-file", "keys")
    assert "cannot be read" in refused("serve", REVIEWS, "--api-key-file", "nowhere")
    assert "is not a bundle" in refused("serve", tmp_path)
    assert "which BUNDLE?" in refused("serve")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "cannot listen on 127.0.0.1" in refused("serve", REVIEWS, "--port", taken.getsockname()[1])


def test_too_many_at_once_are_told_to_come_again(started):
    one = started(REVIEWS, "--max-requests", 2)
    long = "a dull film " * 100_000
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda _: one.predict("sentiment.classify.reviews", long), range(12)))
    statuses = {response.status_code for response in found}
    assert statuses == {200, 503}
    busy = next(response for response in found if response.status_code == 503)
    assert busy.headers["retry-after"] == "1"
    is_problem(busy, 503)


def test_what_is_being_answered_when_it_is_stopped_is_answered(started):
    one = started(REVIEWS)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(one.predict, "sentiment.classify.reviews", "a dull film " * 300_000)
        time.sleep(0.5)  # it is being read and answered, for some seconds
        assert not asked.done()
        os.kill(one.process.pid, signal.SIGTERM)
        assert asked.result().json()[0]["answer"]["label"] == "negative"
    out, _ = one.process.communicate(timeout=30)
    assert one.process.returncode == 0
    assert "requests were answered" in out


def test_a_file_is_taken_as_it_is(server, tmp_path):
    photo = draw_photo(tmp_path / "three.png").read_bytes()
    address = f"{server.address}/v1/models/vision.classify.digits/predict"
    found = requests.post(address, data=photo, headers={"content-type": "image/png"}, timeout=20).json()
    assert found[0]["answer"]["label"] == "3"
    assert "body is empty" in is_problem(requests.post(address, timeout=20), 422)
    assert "files" in is_problem(requests.post(address, files={"other": b"x"}, timeout=20), 422)


def test_what_is_asked_at_once_is_answered_together_with_the_same_answers(server):
    texts = [f"a {word} film number {number}" for number in range(100) for word in ("good", "dull")]
    expected = [json.loads(one.model_dump_json()) for one in Bundle.load(REVIEWS).predict(texts)]
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


def test_what_takes_too_long_is_told(started):
    one = started(REVIEWS, "--max-seconds", 1)
    long = "a dull film " * 300_000
    assert "not answered within 1 s" in is_problem(one.predict("sentiment.classify.reviews", long), 504)
    assert one.get("/v2/health/ready").status_code == 200


def test_pictures_and_recordings_have_limits(started, tmp_path):
    one = started(DIGITS, MODELS / "speech.commands/digits", "--max-megapixels", 1, "--max-audio-seconds", 2)
    large, long = io.BytesIO(), io.BytesIO()
    Image.new("L", (2000, 2000)).save(large, "png")
    soundfile.write(long, np.random.default_rng(0).normal(0, 0.1, 8000 * 3), 8000, format="wav")
    for model, file, said in (
        ("vision.classify.digits", large, "more than 1,000,000 pixels"),
        ("speech.commands.digits", long, "longer than 2 s"),
    ):
        address = f"{one.address}/v1/models/{model}/predict"
        assert said in is_problem(requests.post(address, files={"files": file.getvalue()}, timeout=20), 422)


def test_models_are_read_again_without_a_lost_request(started, tmp_path):
    import shutil

    folder = tmp_path / "mine"
    shutil.copytree(DIGITS, folder)
    one = started(folder, REVIEWS)
    photo = draw_photo(tmp_path / "three.png").read_bytes()
    address = f"{one.address}/v1/models/vision.classify.mine/predict"
    ends, statuses = time.monotonic() + 4, []

    def ask(_):
        while time.monotonic() < ends:
            statuses.append(requests.post(address, data=photo, timeout=20).status_code)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        asking = pool.map(ask, range(4))
        time.sleep(0.5)
        beside = tmp_path / "beside"
        shutil.copytree(MODELS / "vision.classify/mnist", beside)
        folder.rename(tmp_path / "old")
        beside.rename(folder)
        one.process.send_signal(signal.SIGHUP)
        list(asking)
    assert set(statuses) == {200}
    assert one.get("/v1/models/vision.classify.mine").json()["data"] == "mnist"
    (folder / "network.onnx").write_bytes(b"damaged")
    one.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    assert one.get("/v1/models/vision.classify.mine").json()["data"] == "mnist"
    assert requests.post(address, data=photo, timeout=20).status_code == 200
    assert "the models stay as they are" in one.said()


def test_a_browser_asks_for_a_key_as_a_password(started, tmp_path):
    (tmp_path / "keys").write_text(f"{KEY}\n")
    one = started(REVIEWS, "--api-key-file", tmp_path / "keys")
    refused = one.get("/docs", headers={"accept": "text/html"})
    assert refused.headers["www-authenticate"] == "Basic"
    assert one.get("/docs", auth=("anyone", KEY)).status_code == 200
    assert one.get("/docs", auth=("anyone", "wrong")).status_code == 401
    assert one.get("/docs", headers={"authorization": "Basic ???"}).status_code == 401


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
def test_wrong_files_are_told_and_the_next_is_answered(server, model, content, said):
    address = f"{server.address}/v1/models/{model}/predict"
    assert said in is_problem(requests.post(address, files={"files": ("../../x", content)}, timeout=20), 422)
    assert server.predict("sentiment.classify.reviews", "good").status_code == 200
