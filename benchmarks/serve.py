"""A server under load from another process, on loopback.

    python benchmarks/serve.py latency [BUNDLE PICTURE]       one picture a request, 50 requests/s
    python benchmarks/serve.py throughput [BUNDLE PICTURE]    64 clients: in batches, one by one, and by model.predict
    python benchmarks/serve.py memory [BUNDLE PICTURE]        20,000 requests

Without a bundle it is the shipped one of digits of 28 x 28 pixels. The servers of `throughput` are alternated, and what
counts is their ratio.
"""

import asyncio
import contextlib
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import plexus

BUNDLE = Path("models/vision.classify/mnist")
CLIENTS, SECONDS, ROUNDS = 64, 8.0, 3
RATE, LASTING = 50, 30.0
REQUESTS, LOOKS = 20_000, 10

BY_KERAS = """
import io, sys
import keras, numpy as np, uvicorn
from fastapi import Body, FastAPI
from PIL import Image

model = keras.saving.load_model(sys.argv[1] + "/network.keras")
side = model.input["image"].shape[1:3]
app = FastAPI()

@app.post("/v1/models/{name}/predict")
def predict(name: str, body: bytes = Body(media_type="application/octet-stream")):
    picture = Image.open(io.BytesIO(body)).convert("L").resize(side)
    return model.predict({"image": np.asarray(picture)[None, ..., None]}, verbose=0)["logits"].tolist()

config = uvicorn.Config(app, port=int(sys.argv[2]), log_level="warning")
print(f"serving on http://127.0.0.1:{sys.argv[2]}", file=sys.stderr, flush=True)
uvicorn.Server(config).run()
"""


class Server:
    """A server in a process of its own, and the bytes of a request for it."""

    def __init__(self, command: list[str], name: str, picture: bytes) -> None:
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the server
        self.process = subprocess.Popen(command, stderr=self.log, stdout=subprocess.DEVNULL)
        self.port = self._port()
        self.request = (
            f"POST /v1/models/{name}/predict HTTP/1.1\r\nhost: localhost\r\n"
            f"content-type: application/octet-stream\r\ncontent-length: {len(picture)}\r\n\r\n"
        ).encode() + picture
        asyncio.run(self._answers())

    def _port(self) -> int:
        for _ in range(600):
            self.log.seek(0)
            if found := re.search(r"http://[\d.]+:(\d+)", self.log.read()):
                return int(found[1])
            time.sleep(0.1)
        raise SystemExit("the server does not start")

    async def _answers(self) -> None:
        for _ in range(300):
            with contextlib.suppress(OSError):
                client = await Client.of(self)
                await client.ask()
                return
            await asyncio.sleep(0.2)
        raise SystemExit("the server does not answer")

    def stop(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def cached_on_device(self) -> float:
        """Megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


class Client:
    """A connection that is kept, and as little besides as can be: the load is not to be the bottleneck."""

    def __init__(self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request, self.reader, self.writer = request, reader, writer

    @classmethod
    async def of(cls, server: Server) -> "Client":
        """A new connection."""
        return cls(server.request, *await asyncio.open_connection("127.0.0.1", server.port))

    async def ask(self) -> float:
        """Seconds until all of the answer is there."""
        started = time.perf_counter()
        self.writer.write(self.request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        await self.reader.readexactly(int(re.search(rb"content-length: (\d+)", head.lower())[1]))
        return time.perf_counter() - started


def plexus_server(bundle: Path, picture: bytes, *flags: str) -> Server:
    """`plexus serve`."""
    command = [sys.executable, "-m", "plexus", "serve", str(bundle), "--port", "0", *flags]
    return Server(command, f"{bundle.parent.name}.{bundle.name}", picture)


def by_keras(bundle: Path, picture: bytes) -> Server:
    """Serve `model.predict` with FastAPI, without batching."""
    return Server([sys.executable, "-c", BY_KERAS, str(bundle), "8971"], "x", picture)


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """See that it is stopped."""
    try:
        yield server
    finally:
        server.stop()


async def steadily(server: Server, rate: float, seconds: float) -> np.ndarray:
    """Latencies of requests that begin at fixed times, whether or not those before are answered."""
    free: list[Client] = []
    found: list[float] = []

    async def one(due: float) -> None:
        while free and free[-1].reader.at_eof():
            free.pop()  # the server closes connections that nobody uses for some seconds
        client = free.pop() if free else await Client.of(server)
        await client.ask()
        found.append(time.perf_counter() - due)
        free.append(client)

    tasks, start = [], time.perf_counter()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(one(max(due, time.perf_counter()))))
    await asyncio.gather(*tasks)
    return np.array(found)


async def flat_out(server: Server, clients: int, seconds: float = SECONDS, most: int | None = None) -> float:
    """Requests a second, of clients that ask again as soon as they are answered."""
    ends, requests_done = time.perf_counter() + seconds, 0

    async def one() -> None:
        nonlocal requests_done
        client = await Client.of(server)
        while time.perf_counter() < ends if most is None else requests_done < most:
            requests_done += 1
            await client.ask()

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return requests_done / (time.perf_counter() - start)


def latency(bundle: Path, picture: bytes) -> dict[str, float]:
    """At a rate that a busy site has."""
    with running(plexus_server(bundle, picture)) as server:
        asyncio.run(flat_out(server, 1, 2.0))
        found = 1e3 * asyncio.run(steadily(server, RATE, LASTING))
    return {"requests": len(found), "p50_ms": float(np.median(found)), "p99_ms": float(np.quantile(found, 0.99))}


def throughput(bundle: Path, picture: bytes) -> dict[str, float]:
    """With all that two cores have, the clients' share included."""
    rates: dict[str, list[float]] = {"batches": [], "one_by_one": [], "model_predict": []}
    with contextlib.ExitStack() as stack:
        servers = {
            "batches": stack.enter_context(running(plexus_server(bundle, picture))),
            "one_by_one": stack.enter_context(running(plexus_server(bundle, picture, "--max-batch", "1"))),
            "model_predict": stack.enter_context(running(by_keras(bundle, picture))),
        }
        for _ in range(ROUNDS):
            for name, server in servers.items():
                rates[name].append(asyncio.run(flat_out(server, CLIENTS)))
    found = {name: statistics.median(values) for name, values in rates.items()}
    return found | {
        "to_one_by_one": found["batches"] / found["one_by_one"],
        "to_model_predict": found["batches"] / found["model_predict"],
    }


def memory(bundle: Path, picture: bytes) -> dict[str, list[float]]:
    """After each tenth of the requests."""
    with running(plexus_server(bundle, picture)) as server:
        found = []
        for _ in range(LOOKS):
            asyncio.run(flat_out(server, CLIENTS, most=REQUESTS // LOOKS))
            found.append(round(server.cached_on_device(), 1))
    return {"requests": [REQUESTS], "megabytes": found}


def example(bundle: Path) -> bytes:
    """A written three as the network has its pictures, in the form of a PNG."""
    import cv2

    from plexus_apps.image_recognition.app import draw_photo

    with tempfile.TemporaryDirectory() as folder:
        seen = plexus.load(bundle).codec.encode([draw_photo(Path(folder) / "three.png")])["image"][0]
    return bytes(cv2.imencode(".png", seen)[1])


if __name__ == "__main__":
    what, *given = sys.argv[1:] or ["latency"]
    bundle, picture = (Path(given[0]), Path(given[1]).read_bytes()) if given else (BUNDLE, example(BUNDLE))
    measure = {"latency": latency, "throughput": throughput, "memory": memory}[what]
    print(json.dumps(measure(bundle, picture), indent=1))
