"""API keys, limits, reloading and shutdown of `plexus serve`."""

import asyncio
import concurrent.futures
import http.client
import io
import os
import signal
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import requests
import soundfile
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from PIL import Image
from starlette.testclient import TestClient

from plexus.serve.hosts import HostPolicy
from plexus.serve.keys import Keys
from plexus.serve.limits import ServerLimits
from plexus.serve.middleware import RequestMiddleware
from plexus_apps.image_recognition.app import draw_photo

MODELS = Path(__file__).parents[2] / "models"
REVIEWS, DIGITS = MODELS / "sentiment.classify/reviews_small", MODELS / "vision.classify/digits"
KEY = "a-key-of-sixteen-letters-or-more"


def test_a_body_of_unknown_length_is_counted(server):
    host = server.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    pieces = (b"x" * 65_536 for _ in range(64))
    try:
        connection.request("POST", "/v2/models/vision.classify.digits/infer", body=pieces, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server closes the connection before the whole body is sent
    assert server.get("/v2/health/ready").status_code == 200


def test_responses_have_request_ids(server):
    assert server.get("/v1/models", headers={"x-request-id": "mine-7"}).headers["x-request-id"] == "mine-7"
    assert len(server.get("/v1/models", headers={"x-request-id": "not\tone"}).headers["x-request-id"]) == 32


@pytest.mark.slow
def test_requests_without_a_key_are_refused(started, tmp_path, is_problem):
    (tmp_path / "keys").write_text(f"{KEY}\nanother-key-of-many-letters\n")
    server = started(REVIEWS, "--api-key-file", tmp_path / "keys", "--host", "0.0.0.0")
    server.address = server.address.replace("0.0.0.0", "127.0.0.1")
    assert "Bearer" in is_problem(server.predict("sentiment.classify.reviews_small", "good"), 401)
    for key in ("wrong", KEY[:-1], ""):
        is_problem(server.get("/v1/models", headers={"authorization": f"Bearer {key}"}), 401)
    response = server.predict("sentiment.classify.reviews_small", "good", headers={"authorization": f"Bearer {KEY}"})
    assert response.status_code == 200
    assert server.get("/v2/health/live").status_code == 200


@pytest.mark.slow
def test_unsafe_arguments_are_refused(refused, tmp_path):
    assert "pass --api-key-file, or --insecure" in refused("serve", REVIEWS, "--host", "0.0.0.0")
    (tmp_path / "keys").write_text("short\n")
    assert "at least 16 ASCII characters" in refused("serve", REVIEWS, "--api-key-file", "keys")
    assert "cannot be read" in refused("serve", REVIEWS, "--api-key-file", "nowhere")
    assert "is not a bundle" in refused("serve", tmp_path)
    assert "did you mean 'sentiment.classify/reviews'" in refused("serve", "sentiment.classify/review")
    with socket.socket() as bound_socket:
        bound_socket.bind(("127.0.0.1", 0))
        bound_socket.listen()
        assert "cannot listen on 127.0.0.1" in refused("serve", REVIEWS, "--port", bound_socket.getsockname()[1])


@pytest.mark.slow
def test_too_many_concurrent_requests_get_503(started, is_problem):
    server = started(REVIEWS, "--max-requests", 2, "--max-seconds", 240, "--max-characters", 10**7)
    long = "a dull film " * 100_000
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        responses = list(pool.map(lambda _: server.predict("sentiment.classify.reviews_small", long), range(12)))
    statuses = {response.status_code for response in responses}
    assert statuses == {200, 503}
    busy = next(response for response in responses if response.status_code == 503)
    assert busy.headers["retry-after"] == "1"
    is_problem(busy, 503)


@pytest.mark.slow
def test_requests_in_progress_are_answered_at_shutdown(started):
    server = started(REVIEWS, "--max-seconds", 240, "--max-characters", 10**7)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pending = pool.submit(server.predict, "sentiment.classify.reviews_small", "a dull film " * 100_000)
        time.sleep(0.5)  # reading and predicting take some seconds
        assert not pending.done()
        os.kill(server.process.pid, signal.SIGTERM)
        assert pending.result().json()[0]["answer"]["label"] == "negative"
    out, _ = server.process.communicate(timeout=30)
    assert server.process.returncode == 0
    assert "requests were answered" in out


@pytest.mark.slow
def test_work_that_timed_out_is_ended(started, is_problem):
    server = started(REVIEWS, "--max-seconds", 1, "--max-characters", 10**7)
    long = "a dull film " * 400_000  # takes more than a second, also on a fast machine
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        responses = list(pool.map(lambda _: server.predict("sentiment.classify.reviews_small", long), range(3)))
    for response in responses:
        assert "not answered within 1 s" in is_problem(response, 504)
    deadline = time.monotonic() + 20  # on a busy machine it takes longer than 1 s, too
    while server.predict("sentiment.classify.reviews_small", "good").status_code != 200:
        assert time.monotonic() < deadline
    explained = server.predict("sentiment.classify.reviews_small", "a dull film " * 600, params={"explain": "true"})
    assert explained.status_code in {200, 504}
    started_at = time.monotonic()
    server.stop()
    assert time.monotonic() - started_at < 5
    assert server.process.returncode == 0


def test_a_download_gets_the_time_that_its_size_needs():
    """The time limit is for the beginning of a response: a large file takes longer to send over a slow connection."""
    app = FastAPI()
    limits = ServerLimits(max_bytes=1 << 20, max_requests=8, max_seconds=0.2, max_batch_size=64)
    app.add_middleware(RequestMiddleware, keys=Keys([]), hosts=HostPolicy("127.0.0.1", False), limits=limits)

    async def parts():
        for _ in range(4):
            await asyncio.sleep(0.1)
            yield b"x" * 25_000

    @app.get("/file")
    def file():
        return StreamingResponse(parts(), headers={"content-length": "100000"})

    @app.get("/slow")
    async def slow():
        await asyncio.sleep(1)

    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert len(client.get("/file").content) == 100_000
        assert client.get("/slow").status_code == 504


@pytest.mark.slow
def test_images_and_recordings_have_size_limits(started, tmp_path, is_problem):
    server = started(DIGITS, MODELS / "speech.commands/digits", "--max-megapixels", 1, "--max-audio-seconds", 2)
    large, long = io.BytesIO(), io.BytesIO()
    Image.new("L", (2000, 2000)).save(large, "png")
    soundfile.write(long, np.random.default_rng(0).normal(0, 0.1, 8000 * 3), 8000, format="wav")
    for model, file, error in (
        ("vision.classify.digits", large, "more than 1,000,000 pixels"),
        ("speech.commands.digits", long, "longer than 2 s"),
    ):
        address = f"{server.address}/v1/models/{model}/predict"
        assert error in is_problem(requests.post(address, files={"files": file.getvalue()}, timeout=20), 422)


@pytest.mark.slow
def test_reloading_loses_no_request(started, tmp_path):
    import shutil

    folder = tmp_path / "mine"
    shutil.copytree(DIGITS, folder)
    server = started(folder, REVIEWS)
    photo = draw_photo(tmp_path / "three.png").read_bytes()
    address = f"{server.address}/v1/models/vision.classify.mine/predict"
    ends, statuses = time.monotonic() + 4, []

    def send_requests(_):
        while time.monotonic() < ends:
            statuses.append(requests.post(address, data=photo, timeout=20).status_code)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        pending = pool.map(send_requests, range(4))
        time.sleep(0.5)
        copy = tmp_path / "copy"
        shutil.copytree(MODELS / "vision.classify/mnist", copy)
        folder.rename(tmp_path / "old")
        copy.rename(folder)
        server.process.send_signal(signal.SIGHUP)
        list(pending)
    assert set(statuses) == {200}
    assert server.get("/v1/models/vision.classify.mine").json()["data"] == "mnist"
    (folder / "network.onnx").write_bytes(b"damaged")
    server.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    assert server.get("/v1/models/vision.classify.mine").json()["data"] == "mnist"
    assert requests.post(address, data=photo, timeout=20).status_code == 200
    assert "the models stay as they are" in server.read_log()


@pytest.mark.slow
def test_a_browser_sends_the_key_as_a_password(started, tmp_path):
    (tmp_path / "keys").write_text(f"{KEY}\n")
    server = started(REVIEWS, "--api-key-file", tmp_path / "keys")
    refused = server.get("/docs", headers={"accept": "text/html"})
    assert refused.headers["www-authenticate"] == "Basic"
    assert server.get("/docs", auth=("anyone", KEY)).status_code == 200
    assert server.get("/docs", auth=("anyone", "wrong")).status_code == 401
    assert server.get("/docs", headers={"authorization": "Basic ???"}).status_code == 401


@pytest.mark.slow
def test_only_two_schemes_of_authorization_are_accepted(started, tmp_path):
    (tmp_path / "keys").write_text(f"{KEY}\n")
    server = started(REVIEWS, "--api-key-file", tmp_path / "keys")
    for scheme in ("Bearer", "bearer"):
        assert server.get("/v1/models", headers={"authorization": f"{scheme} {KEY}"}).status_code == 200
    for header in (KEY, f"Token {KEY}", f"Digest {KEY}"):
        assert server.get("/v1/models", headers={"authorization": header}).status_code == 401
