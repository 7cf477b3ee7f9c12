"""Requests that are meant to harm a real server, on real sockets."""

import http.client
import io
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image

from plexus.serve.limits import HEAD_SECONDS

MODELS = Path(__file__).parents[2] / "models"
REVIEWS, DIGITS = MODELS / "sentiment.classify/reviews", MODELS / "vision.classify/digits"
CARTPOLE = MODELS / "games.play/cartpole"
TEXTS = "/v1/models/sentiment.classify.reviews/predict"
KEY = "a-key-of-sixteen-letters-or-more"
INFER = "/v2/models/games.play.cartpole/infer"
SHORT_HEAD_LIMIT = """
from plexus.serve import connections

connections.HEAD_SECONDS = 5
"""
"""Statements after which a server drops a head of a request after 5 s."""


def connect(server):
    host, port = server.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def read_all(client):
    """Return what is sent until the connection is closed."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def resident(server, field="VmRSS"):
    """Return the megabytes of the server."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) // 1024


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "10.0.0.7", "localhost.evil.example", "a b", "["])
@pytest.mark.parametrize("path", ["/v1/models", "/v2/models/vision.classify.digits", "/metrics", "/docs"])
def test_other_hosts_are_refused(server, host, path):
    response = server.get(path, headers={"host": host})
    assert response.status_code in {400, 421}
    assert host not in response.text or host == "["


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1", "127.9.9.9:80", "[::1]:8000", "a.localhost"])
def test_names_of_this_machine_are_answered(server, host):
    assert server.get("/v1/models", headers={"host": host}).status_code == 200


@pytest.mark.slow
def test_a_server_of_other_machines_answers_to_addresses_and_plain_names(started):
    server = started(REVIEWS, "--host", "0.0.0.0", "--insecure")
    server.address = server.address.replace("0.0.0.0", "127.0.0.1")
    for host in ("10.0.0.7", "plexus", "plexus:8000", "[fe80::1]"):
        assert server.get("/v1/models", headers={"host": host}).status_code == 200
    assert server.get("/v1/models", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1.evil.example", "http://127.0.0.1:1"]
)
def test_pages_of_other_sites_change_nothing_and_read_nothing(server, origin):
    response = requests.post(server.address + TEXTS, json={"inputs": ["good"]}, headers={"origin": origin}, timeout=20)
    assert response.status_code == 403
    response = server.get("/v1/models", headers={"origin": origin})
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
    same_origin = requests.post(
        server.address + TEXTS, json={"inputs": ["good"]}, headers={"origin": server.address}, timeout=20
    )
    assert same_origin.status_code == 200


@pytest.mark.slow
def test_two_headers_of_a_kind_are_refused(started, tmp_path):
    (tmp_path / "keys").write_text(f"{KEY}\n")
    server = started(REVIEWS, "--api-key-file", tmp_path / "keys")
    for first, second in ((KEY, "x" * 16), ("x" * 16, KEY), (KEY, KEY)):
        with connect(server) as client:
            client.sendall(
                f"GET /v1/models HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {first}\r\n"
                f"authorization: Bearer {second}\r\nconnection: close\r\n\r\n".encode()
            )
            assert read_all(client).startswith(b"HTTP/1.1 400")


@pytest.mark.slow
def test_the_work_of_a_request_is_bounded(started, is_problem):
    server = started(REVIEWS, DIGITS, CARTPOLE)
    before = resident(server)
    text = {"inputs": ["a dull film " * 100_000]}
    for parameters in ({}, {"explain": "true"}):
        line = is_problem(requests.post(server.address + TEXTS, json=text, params=parameters, timeout=60), 422)
        assert "1,200,000 characters, expected at most 1,000,000" in line
    words = {"inputs": ["a dull film " * 5000]}
    line = is_problem(requests.post(server.address + TEXTS, json=words, params={"explain": "true"}, timeout=60), 422)
    assert "at most 2,000 are explained" in line
    many = {"inputs": ["good"] * 17}
    is_problem(requests.post(server.address + TEXTS, json=many, params={"explain": "true"}, timeout=60), 413)
    nested = b'{"inputs": [' + b"[]," * 3_000_000 + b"[]]}"
    kind = {"content-type": "application/json"}
    is_problem(requests.post(server.address + TEXTS, data=nested, headers=kind, timeout=60), 413)
    nested = b'{"inputs": [' + b"[]," * 2_000_000 + b"[]]}"
    assert "1,100,000 values" in is_problem(
        requests.post(server.address + TEXTS, data=nested, headers=kind, timeout=60), 413
    )
    assert "values" in is_problem(requests.post(server.address + INFER, data=nested, timeout=60), 413)
    stream = io.BytesIO()
    Image.new("1", (6000, 8000)).save(stream, "png")
    pictures = [("files", ("x.png", stream.getvalue()))] * 60
    address = f"{server.address}/v1/models/vision.classify.digits/predict"
    assert "decoded" in is_problem(requests.post(address, files=pictures, timeout=60), 413)
    rows = 1 << 20
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": "observation",
                    "shape": [rows, 4],
                    "datatype": "FP32",
                    "parameters": {"binary_data_size": 16 * rows},
                }
            ]
        }
    ).encode()
    headers = {"inference-header-content-length": str(len(head))}
    response = requests.post(server.address + INFER, data=head + bytes(16 * rows), headers=headers, timeout=60)
    assert "rows" in is_problem(response, 422)
    assert resident(server, "VmHWM") < before + 700
    assert server.predict("sentiment.classify.reviews", "good").status_code == 200
    assert resident(server) < before + 250


@pytest.mark.slow
def test_explanations_of_long_texts_take_little_memory(started):
    server = started(REVIEWS, "--max-seconds", 240)
    response = server.predict("sentiment.classify.reviews", "a dull film " * 200, params={"explain": "true"})
    assert response.json()[0]["explanation"].startswith("data:text/html")
    assert resident(server, "VmHWM") < 500


@pytest.mark.slow
def test_a_picture_that_claims_to_be_large_is_refused_before_it_is_decoded(started, is_problem):
    server = started(DIGITS)
    header = b"IHDR" + (1).to_bytes(4, "big") + (500_000_000).to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    picture = b"\x89PNG\r\n\x1a\n" + len(header[4:]).to_bytes(4, "big") + header + zlib.crc32(header).to_bytes(4, "big")
    address = f"{server.address}/v1/models/vision.classify.digits/predict"
    assert requests.post(address, files={"files": picture}, timeout=20).status_code in {413, 422}
    assert resident(server, "VmHWM") < 300


@pytest.mark.slow
def test_pictures_with_long_headers_are_refused_at_once(started, is_problem):
    server = started(DIGITS)
    comment = b"x" * 255
    pictures = (
        b"GIF89a\x08\0\x08\0\0\0\0!\xfe" + (b"\xff" + comment) * 100_000 + b"\0",
        b"P5 #" + comment * 100_000 + b"\n8 8 255\n" + bytes(64),
        b"\xff\xd8" + b"\xff\xfe\0\2" * 5_000_000,
    )
    for picture in pictures:
        started_at = time.monotonic()
        address = f"{server.address}/v1/models/vision.classify.digits/predict"
        assert "without metadata" in is_problem(requests.post(address, data=picture, timeout=60), 422)
        assert server.get("/v2/health/live").status_code == 200
        assert time.monotonic() - started_at < 5


@pytest.mark.parametrize(
    ("datatype", "kind"),
    [
        ("FP64", np.float64),
        ("FP16", np.float16),
        ("INT64", np.int64),
        ("INT8", np.int8),
        ("UINT16", np.uint16),
        ("UINT64", np.uint64),
        ("BOOL", np.bool_),
    ],
)
@pytest.mark.parametrize("binary", [True, False])
def test_types_are_converted_without_loss(server, datatype, kind, binary):
    import tritonclient.http as triton

    if kind == np.float16 and not binary:
        pytest.skip("tritonclient sends FP16 in binary only")
    client = triton.InferenceServerClient(server.address.removeprefix("http://"))

    def infer(name, array):
        tensor = triton.InferInput("observation", [1, 4], name)
        tensor.set_data_from_numpy(array, binary_data=binary)
        return client.infer("games.play.cartpole", [tensor]).as_numpy("value")

    array = np.array([[0, 1, 0, 1]], kind)
    np.testing.assert_array_equal(infer(datatype, array), infer("FP32", array.astype(np.float32)))
    client.close()


def test_types_that_would_lose_digits_are_named(server):
    import tritonclient.http as triton

    client = triton.InferenceServerClient(server.address.removeprefix("http://"))
    for name, array in (("FP64", np.full((1, 4), 0.1)), ("INT64", np.full((1, 4), 2**24 + 1))):
        tensor = triton.InferInput("observation", [1, 4], name)
        tensor.set_data_from_numpy(array)
        with pytest.raises(triton.InferenceServerException, match=f"{name} cannot be converted to FP32 without loss"):
            client.infer("games.play.cartpole", [tensor])
    tensor = triton.InferInput("observation", [1, 4], "BYTES")
    tensor.set_data_from_numpy(np.full((1, 4), b"x", object))
    with pytest.raises(triton.InferenceServerException, match="datatype: expected one of"):
        client.infer("games.play.cartpole", [tensor])
    client.close()


@pytest.mark.parametrize(
    ("datatype", "numbers"),
    [
        ("INT64", [9007199254740993, 0.0, 0, 0]),
        ("INT64", [2**63, 0, 0, 0]),
        ("UINT64", [-1, 0, 0, 0]),
        ("INT32", [0.5, 0, 0, 0]),
        ("UINT8", [256, 0.0, 0, 0]),
        ("FP32", [16777217, 0, 0, 0]),
        ("FP32", [16777217, 0.5, 0, 0]),
        ("FP16", [2049, 0, 0, 0]),
        ("FP64", [2**53 + 1, 0, 0, 0]),
        ("FP64", [10**400, 0, 0, 0]),
        ("FP32", [1e39, 0, 0, 0]),
    ],
)
def test_whole_numbers_of_json_are_never_rounded(server, is_problem, datatype, numbers):
    tensor = {"name": "observation", "shape": [1, 4], "datatype": datatype, "data": numbers}
    line = is_problem(requests.post(server.address + INFER, json={"inputs": [tensor]}, timeout=20), 422)
    assert "does not fit in" in line or "without loss" in line


@pytest.mark.parametrize(
    ("datatype", "numbers"),
    [("INT64", [16777216.0, 0, 1e3, -0.0]), ("FP32", [16777216, 0.1, 1e30, 0]), ("FP16", [2048, 0.1, 0, 0])],
)
def test_decimals_are_rounded_and_whole_decimals_are_whole_numbers(server, datatype, numbers):
    tensor = {"name": "observation", "shape": [1, 4], "datatype": datatype, "data": numbers}
    assert requests.post(server.address + INFER, json={"inputs": [tensor]}, timeout=20).status_code == 200


@pytest.mark.slow
def test_a_client_that_goes_away_is_one_line_of_the_log(started):
    server = started(REVIEWS)
    for request in (
        b"POST /v1/models/sentiment.classify.reviews/predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999\r\n"
        b"content-type: application/json\r\n\r\n{",
        b"POST /v2/models/sentiment.classify.reviews/infer HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999\r\n\r\n{",
        b"POST /v1/models/sentiment.classify.reviews/predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999\r\n"
        b"content-type: multipart/form-data; boundary=x\r\n\r\n--x\r\n",
    ):
        with connect(server) as client:
            client.sendall(request)
            time.sleep(0.2)
    time.sleep(0.5)
    lines = [line for line in server.read_log().splitlines() if '"POST"' in line]
    assert [json.loads(line)["status"] for line in lines] == [499] * 3
    assert "Traceback" not in server.read_log()


@pytest.mark.slow
def test_slow_and_idle_connections_keep_nobody_out(started):
    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    server = started(REVIEWS, preexec_fn=few_files)
    idle = []
    for number in range(120):
        client = connect(server)
        client.sendall(b"GET /v1/models HTTP/1.1\r\nx-slow: " if number % 2 else b"")
        idle.append(client)
    for _ in range(5):
        assert server.get("/v2/health/live").status_code == 200
        assert server.predict("sentiment.classify.reviews", "good").status_code == 200
    for client in idle:
        client.close()


@pytest.mark.slow
def test_slow_bodies_keep_nobody_out(started):
    server = started(REVIEWS, "--max-requests", 8)
    slow = []
    for _ in range(256):
        client = connect(server)
        client.sendall(f"POST {TEXTS} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999\r\n\r\n{{".encode())
        slow.append(client)
    assert server.get("/v2/health/live").status_code == 200
    assert server.predict("sentiment.classify.reviews", "good").status_code == 200
    started_at = time.monotonic()
    server.stop()
    assert time.monotonic() - started_at < 5, "the server waited for bodies"
    assert "Traceback" not in server.read_log()
    assert b"503" in read_all(slow[-1])


@pytest.mark.slow
def test_slow_heads_and_bodies_come_to_an_end(started, plexus_program):
    assert HEAD_SECONDS == 10
    server = started(REVIEWS, "--max-seconds", 2, program=("-c", plexus_program(SHORT_HEAD_LIMIT)))
    with connect(server) as head, connect(server) as nothing, connect(server) as body:
        body.sendall(f"POST {TEXTS} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999\r\n\r\n{{".encode())
        assert b" 408 " in read_all(body)
        started_at = time.monotonic()
        while time.monotonic() - started_at < 25:
            try:
                head.sendall(b"x")
            except OSError:
                break
            time.sleep(0.5)
        assert time.monotonic() - started_at < 15, "a slow head has no end"
        assert read_all(nothing) == b""


def test_long_heads_are_refused(server):
    with connect(server) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        sent = 0
        try:
            while sent < 40_000_000:
                client.sendall(b"x-header: " + b"x" * 10_000 + b"\r\n")
                sent += 10_000
        except OSError:
            pass
        assert sent < 20_000_000  # what the buffers of two sockets hold


def test_a_body_without_end_closes_the_connection(server):
    with connect(server) as client:
        client.sendall(f"POST {TEXTS} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        client.settimeout(10)
        sent = 0
        try:
            while sent < 200 << 20:
                client.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                sent += 65_536
        except OSError:
            pass
        assert sent < 20 << 20
    assert server.get("/v2/health/ready").status_code == 200


def test_the_response_to_a_large_body_arrives(server, is_problem):
    response = requests.post(server.address + TEXTS, data=b"x" * (3 << 20), timeout=20)
    assert "at most 2,097,152 bytes" in is_problem(response, 413)
    host = server.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("POST", INFER, body=(b"x" * 65_536 for _ in range(40)), encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 413
    assert "at most" in json.loads(response.read())["error"]


@pytest.mark.slow
def test_one_bad_bundle_among_several_is_named(started, refused, tmp_path):
    for name in ("damaged", "hostile", "empty"):
        shutil.copytree(DIGITS, tmp_path / name)
    (tmp_path / "damaged/network.onnx").write_bytes(b"damaged")
    (tmp_path / "hostile/bundle.json").write_text('{"format": 1, "task": "vision.classify", "files": 7}')
    (tmp_path / "empty/bundle.json").unlink()
    bad = [tmp_path / name for name in ("damaged", "hostile", "empty")]
    server = started(*bad, REVIEWS)
    assert [model["name"] for model in server.get("/v1/models").json()] == ["sentiment.classify.reviews"]
    log = server.read_log()
    for folder in bad:
        assert f"not served: {folder}" in log
    assert "Traceback" not in log
    for folder in bad:
        assert str(folder) in refused("serve", folder)


def _serve(stderr, *arguments):
    command = [sys.executable, "-m", "plexus", "serve", str(REVIEWS), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)


def _wait(process, port):
    for _ in range(300):
        assert process.poll() is None
        try:
            return requests.get(f"http://127.0.0.1:{port}/v1/models", timeout=20)
        except requests.ConnectionError:
            time.sleep(0.1)
    raise TimeoutError


def _lost(port):
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=20).text
    return float(re.search(r"^plexus_log_lines_lost (\S+)", text, re.MULTILINE)[1])


@pytest.mark.slow
def test_a_log_on_a_full_disk_stops_nothing(port):
    with Path("/dev/full").open("w") as full:
        process = _serve(full, "--port", port)
        assert _wait(process, port).status_code == 200
        time.sleep(0.5)
        assert _lost(port) > 0
        process.send_signal(signal.SIGTERM)
        assert "stopped" in process.communicate(timeout=30)[0]
        assert process.returncode == 0


@pytest.mark.slow
def test_a_log_that_nobody_reads_stops_nothing(port):
    reader, writer = os.pipe()
    process = _serve(writer, "--port", port)
    os.close(writer)
    assert _wait(process, port).status_code == 200
    with requests.Session() as session:
        for _ in range(1500):  # more than a pipe holds
            response = session.get(f"http://127.0.0.1:{port}/v2/health/live", timeout=20)
            assert response.status_code == 200
    process.send_signal(signal.SIGTERM)
    assert "stopped" in process.communicate(timeout=30)[0]
    assert process.returncode == 0
    os.close(reader)
