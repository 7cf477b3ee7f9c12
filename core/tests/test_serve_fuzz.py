"""Mutated requests to a real server: none fails it, hangs, or leaves a traceback in the log.

`PLEXUS_FUZZ_REQUESTS=5000 pytest core/tests/test_serve_fuzz.py` sends more than the default; `PLEXUS_FUZZ_SEED` others.
"""

import copy
import io
import json
import os
import random
import re
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

MODELS = Path(__file__).parents[2] / "models"
REQUESTS = int(os.environ.get("PLEXUS_FUZZ_REQUESTS", "400"))
SEED = int(os.environ.get("PLEXUS_FUZZ_SEED", "0"))
SECONDS = 10
NAMES = [
    "sentiment.classify.reviews_small",
    "vision.classify.digits",
    "fraud.detect.simulated",
    "games.play.cartpole",
    "speech.commands.digits",
]
ODD = [
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    2**70,
    1e308,
    -1e-308,
    0.1,
    "",
    "x",
    "FP32",
    "FP16",
    "BYTES",
    "\x00\ud800",
    "x" * 5000,
    "/etc/passwd",
    [],
    {},
    [[]],
    [None],
    [[1, 2], [3]],
    [-1, 4],
    [2**40, 2**40, 2**40],
    [True, False],
    ["a", 1, 2.5],
    {"a": {"b": []}},
]
HEADERS = [
    "inference-header-content-length: 999999999999999999999",
    "inference-header-content-length: -5",
    "inference-header-content-length: 1_0",
    "inference-header-content-length: ²",
    "inference-header-content-length: abc",
    "inference-header-content-length: 7",
    "content-type: multipart/form-data",
    "content-type: multipart/form-data; boundary=",
    "content-type: application/json; charset=\xff",
    "content-type: ",
    "content-encoding: gzip",
    "expect: 100-continue",
    "transfer-encoding: chunked",
    "authorization: Basic ###",
    "host: [::1",
    "origin: null",
    "x-request-id: \t",
    "connection: close, close",
    "accept: text/html",
    "upgrade: websocket",
    "x: " + "y" * 70_000,
]


def infer_request(random):
    """Return the JSON of a request of the Open Inference Protocol, and its binary part."""
    tensor = {"name": "observation", "shape": [1, 4], "datatype": random.choice(["FP32", "FP64", "INT32", "UINT8"])}
    binary = b""
    if random.random() < 0.5:
        tensor["data"] = [random.uniform(-1, 1) for _ in range(4)]
    else:
        binary = bytes(16)
        tensor["parameters"] = {"binary_data_size": 16}
    request = {"id": "7", "inputs": [tensor], "outputs": [{"name": "value", "parameters": {"binary_data": True}}]}
    return request, binary


def places(node):
    """Yield each place in a JSON value: its list or object, and the index or key."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])


def mutate_json(random, value):
    """Replace, drop or repeat up to two random parts of a JSON value."""
    value = copy.deepcopy(value)
    for _ in range(random.choice([0, 1, 1, 2])):
        node, key = random.choice(list(places(value)) or [(value, "x")])
        action = random.random()
        if action < 0.7:
            node[key] = copy.deepcopy(random.choice(ODD))
        elif action < 0.85 and len(value) > 1:
            del node[key]
        elif isinstance(node, dict):
            node[str(random.choice(ODD))[:50]] = node[key]
    return value


def mutate_bytes(random, content):
    """Flip, cut, repeat or insert bytes."""
    content = bytearray(content)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(content) + 1)
        action = random.random()
        if action < 0.5 and place < len(content):
            content[place] ^= 1 << random.randrange(8)
        elif action < 0.65:
            del content[place : place + random.randint(1, 64)]
        elif action < 0.8:
            content[place:place] = content[place : place + random.randint(1, 64)]
        else:
            content[place:place] = random.choice([b"\x00", b"\r\n", b"\xff\xff\xff\xff", b"[" * 500, b'"', b"1e999"])
    return bytes(content)


def picture():
    stream = io.BytesIO()
    Image.effect_noise((40, 40), 50).save(stream, "png")
    return stream.getvalue()


def recording():
    stream = io.BytesIO()
    soundfile.write(stream, np.random.default_rng(0).normal(0, 0.1, 8000), 8000, format="wav")
    return stream.getvalue()


FILES = [picture(), recording(), b"a good film"]
VALUES = ["a good film", [0, 0.1, 0, 0.2], {"time": 1_709_300_000, "customer": 5, "terminal": 7, "amount": 40.0}, 7]


def body(random):
    """Return a path, headers and a body."""
    name = random.choice(NAMES)
    kind = random.random()
    if kind < 0.45:
        request, binary = infer_request(random)
        head = dump(mutate_json(random, request))
        if random.random() < 0.2:
            head = mutate_bytes(random, head)
        headers = [f"inference-header-content-length: {len(head)}"] if binary else []
        return f"/v2/models/{random.choice([name, 'games.play.cartpole'])}/infer", headers, head + binary
    path = f"/v1/models/{name}/predict" + random.choice(["", "", "?explain=true", "?explain=maybe", "?%ff=\x7f"])
    if kind < 0.7:
        content = dump(mutate_json(random, {"inputs": [random.choice(VALUES) for _ in range(random.randint(1, 3))]}))
        if random.random() < 0.3:
            content = mutate_bytes(random, content)
        return path, ["content-type: application/json"], content
    file = mutate_bytes(random, random.choice(FILES))
    if kind < 0.85:
        return path, ["content-type: application/octet-stream"], file
    part = b'--b\r\ncontent-disposition: form-data; name="files"; filename="x"\r\n\r\n' + file + b"\r\n--b--\r\n"
    if random.random() < 0.5:
        part = mutate_bytes(random, part)
    return path, ["content-type: multipart/form-data; boundary=b"], part


def dump(value):
    return json.dumps(value).encode(errors="surrogatepass")


def message(random):
    """Return the bytes of a request."""
    path, headers, content = body(random)
    if random.random() < 0.15:
        headers.append(random.choice(HEADERS))
    if random.random() < 0.05:
        path = random.choice(["/", "/v2", "/v2/models/%00", "/v1/models/" + "x" * 3000, "//", "/../../etc/passwd", "*"])
    method = "POST" if random.random() < 0.95 else random.choice(["GET", "HEAD", "PUT", "OPTIONS", "BREW", "TRACE"])
    length = len(content) if random.random() < 0.97 else random.choice([0, len(content) + 5, -1, 2**64])
    head = [f"{method} {path} HTTP/1.1", "host: localhost", f"content-length: {length}", *headers, "", ""]
    whole = "\r\n".join(head).encode("latin-1", errors="replace") + content
    return mutate_bytes(random, whole) if random.random() < 0.05 else whole


def ask(address, request):
    """Send a request, and return the response; a request without an end is ended after a second."""
    parts = []
    with socket.create_connection(address, timeout=SECONDS) as client:
        started, ended = time.monotonic(), False
        client.settimeout(1)
        try:
            client.sendall(request)
            while time.monotonic() - started < SECONDS:
                try:
                    part = client.recv(65_536)
                except TimeoutError:
                    if not ended and (b"connection: close" not in request or not parts):
                        client.shutdown(socket.SHUT_WR)
                        ended = True
                    continue
                parts.append(part)
                if not part or is_complete(b"".join(parts)):
                    return b"".join(parts)
        except OSError:  # the server closed the connection
            return b"".join(parts)
    pytest.fail(f"no answer within {SECONDS} s: {request[:2000]!r}")


def is_complete(response):
    head, separator, content = response.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return bool(separator) and length is not None and len(content) >= int(length[1])


@pytest.mark.slow
def test_no_mutated_request_fails_the_server(started):
    server = started(*(MODELS / "/".join(name.rsplit(".", 1)) for name in NAMES))
    host, port = server.address.removeprefix("http://").split(":")
    statuses = dict.fromkeys(range(6), 0)
    for number in range(REQUESTS):
        request = message(random.Random(f"{SEED} {number}"))
        response = ask((host, int(port)), request).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        status = int(response.split(b" ", 2)[1]) if response.startswith(b"HTTP/1.1 ") else 0
        assert status < 500, (number, request[:3000], response[:1000])
        assert len(response) < 20_000 or status == 200, (number, len(response))
        statuses[status // 100] += 1
    assert "Traceback" not in server.read_log()
    assert server.process.poll() is None
    assert server.predict("sentiment.classify.reviews_small", "good").status_code == 200
    assert statuses[4] > REQUESTS / 3, statuses
    assert statuses[2] > REQUESTS / 50, statuses
