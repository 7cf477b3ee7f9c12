"""Latency, throughput and memory of `plexus serve` under load from another process of the same machine.

    python benchmarks/serve.py latency [BUNDLE IMAGE]       one image per request, 50 requests/s
    python benchmarks/serve.py throughput [BUNDLE IMAGE]    64 clients: with and without batches, and Keras's predict
    python benchmarks/serve.py memory [BUNDLE IMAGE]        resident memory over 20,000 requests

The default bundle is the shipped classifier of digits of 28 x 28 pixels. The servers of `throughput` are alternated, so
that their ratio does not depend on other load of the machine.
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
RATE, DURATION = 50, 30.0
REQUESTS, SAMPLES = 20_000, 10

KERAS_SERVER = """
import io, sys
import keras, numpy as np, uvicorn
from fastapi import Body, FastAPI
from PIL import Image

model = keras.saving.load_model(sys.argv[1] + "/network.keras")
side = model.input["image"].shape[1:3]
app = FastAPI()

@app.post("/v1/models/{name}/predict")
def predict(name: str, body: bytes = Body(media_type="application/octet-stream")):
    image = Image.open(io.BytesIO(body)).convert("L").resize(side)
    return model.predict({"image": np.asarray(image)[None, ..., None]}, verbose=0)["logits"].tolist()

config = uvicorn.Config(app, port=int(sys.argv[2]), log_level="warning")
print(f"serving on http://127.0.0.1:{sys.argv[2]}", file=sys.stderr, flush=True)
uvicorn.Server(config).run()
"""


class Server:
    """A server in its own process, and the bytes of a request for it."""

    def __init__(self, command: list[str], name: str, image: bytes) -> None:
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the server
        self.process = subprocess.Popen(command, stderr=self.log, stdout=subprocess.DEVNULL)
        self.port = self._port()
        self.request = (
            f"POST /v1/models/{name}/predict HTTP/1.1\r\nhost: localhost\r\n"
            f"content-type: application/octet-stream\r\ncontent-length: {len(image)}\r\n\r\n"
        ).encode() + image
        asyncio.run(self._wait_until_ready())

    def _port(self) -> int:
        for _ in range(600):
            self.log.seek(0)
            if match := re.search(r"http://[\d.]+:(\d+)", self.log.read()):
                return int(match[1])
            time.sleep(0.1)
        raise SystemExit("the server does not start")

    async def _wait_until_ready(self) -> None:
        for _ in range(300):
            with contextlib.suppress(OSError):
                client = await Client.connect(self)
                await client.request_prediction()
                return
            await asyncio.sleep(0.2)
        raise SystemExit("the server does not answer")

    def stop(self) -> None:
        """Stop the server with SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def resident_megabytes(self) -> float:
        """Return the resident memory in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


class Client:
    """A keep-alive connection with little overhead, so that the client is not the bottleneck."""

    def __init__(self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request, self.reader, self.writer = request, reader, writer

    @classmethod
    async def connect(cls, server: Server) -> "Client":
        """Open a connection."""
        return cls(server.request, *await asyncio.open_connection("127.0.0.1", server.port))

    async def request_prediction(self) -> float:
        """Return the seconds until the response is complete."""
        started = time.perf_counter()
        self.writer.write(self.request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        await self.reader.readexactly(int(re.search(rb"content-length: (\d+)", head.lower())[1]))
        return time.perf_counter() - started


def plexus_server(bundle: Path, image: bytes, *flags: str) -> Server:
    """Start `plexus serve`."""
    command = [sys.executable, "-m", "plexus", "serve", str(bundle), "--port", "0", *flags]
    return Server(command, f"{bundle.parent.name}.{bundle.name}", image)


def keras_server(bundle: Path, image: bytes) -> Server:
    """Serve `model.predict` with FastAPI, without batching."""
    return Server([sys.executable, "-c", KERAS_SERVER, str(bundle), "8971"], "x", image)


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Stop the server on exit."""
    try:
        yield server
    finally:
        server.stop()


async def measure_latencies(server: Server, rate: float, seconds: float) -> np.ndarray:
    """Return the latencies of requests that start at fixed times, independent of earlier responses."""
    free: list[Client] = []
    latencies: list[float] = []

    async def send(due: float) -> None:
        while free and free[-1].reader.at_eof():
            free.pop()  # the server closes connections that nobody uses for some seconds
        client = free.pop() if free else await Client.connect(server)
        await client.request_prediction()
        latencies.append(time.perf_counter() - due)
        free.append(client)

    tasks, start = [], time.perf_counter()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(send(max(due, time.perf_counter()))))
    await asyncio.gather(*tasks)
    return np.array(latencies)


async def measure_rate(server: Server, clients: int, seconds: float = SECONDS, limit: int | None = None) -> float:
    """Return the requests per second of clients that send the next request after each response."""
    ends, requests_done = time.perf_counter() + seconds, 0

    async def send_all() -> None:
        nonlocal requests_done
        client = await Client.connect(server)
        while time.perf_counter() < ends if limit is None else requests_done < limit:
            requests_done += 1
            await client.request_prediction()

    start = time.perf_counter()
    await asyncio.gather(*(send_all() for _ in range(clients)))
    return requests_done / (time.perf_counter() - start)


def latency(bundle: Path, image: bytes) -> dict[str, float]:
    """Measure the latency at a fixed rate of requests."""
    with running(plexus_server(bundle, image)) as server:
        asyncio.run(measure_rate(server, 1, 2.0))
        milliseconds = 1e3 * asyncio.run(measure_latencies(server, RATE, DURATION))
    return {
        "requests": len(milliseconds),
        "p50_ms": float(np.median(milliseconds)),
        "p99_ms": float(np.quantile(milliseconds, 0.99)),
    }


def throughput(bundle: Path, image: bytes) -> dict[str, float]:
    """Measure the throughput when server and clients use all cores."""
    rates: dict[str, list[float]] = {"batches": [], "one_by_one": [], "model_predict": []}
    with contextlib.ExitStack() as stack:
        servers = {
            "batches": stack.enter_context(running(plexus_server(bundle, image))),
            "one_by_one": stack.enter_context(running(plexus_server(bundle, image, "--max-batch", "1"))),
            "model_predict": stack.enter_context(running(keras_server(bundle, image))),
        }
        for _ in range(ROUNDS):
            for name, server in servers.items():
                rates[name].append(asyncio.run(measure_rate(server, CLIENTS)))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    return medians | {
        "to_one_by_one": medians["batches"] / medians["one_by_one"],
        "to_model_predict": medians["batches"] / medians["model_predict"],
    }


def memory(bundle: Path, image: bytes) -> dict[str, list[float]]:
    """Measure the resident memory after each tenth of the requests."""
    with running(plexus_server(bundle, image)) as server:
        samples = []
        for _ in range(SAMPLES):
            asyncio.run(measure_rate(server, CLIENTS, limit=REQUESTS // SAMPLES))
            samples.append(round(server.resident_megabytes(), 1))
    return {"requests": [REQUESTS], "megabytes": samples}


def example(bundle: Path) -> bytes:
    """Return a PNG of a handwritten three, preprocessed for the network."""
    import cv2

    from plexus_apps.image_recognition.app import draw_photo

    with tempfile.TemporaryDirectory() as folder:
        pixels = plexus.load(bundle).codec.encode([draw_photo(Path(folder) / "three.png")])["image"][0]
    return bytes(cv2.imencode(".png", pixels)[1])


if __name__ == "__main__":
    name, *arguments = sys.argv[1:] or ["latency"]
    bundle, image = (Path(arguments[0]), Path(arguments[1]).read_bytes()) if arguments else (BUNDLE, example(BUNDLE))
    measure = {"latency": latency, "throughput": throughput, "memory": memory}[name]
    print(json.dumps(measure(bundle, image), indent=1))
