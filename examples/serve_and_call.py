"""Start a server of models, send it requests, and stop it.

Run as: python examples/serve_and_call.py

It serves two of the models that come with Plexus: a text is sent as JSON, and an image as a file.
"""

import io
import signal
import subprocess
import sys
import time

import numpy as np
import requests
from PIL import Image

MODELS = ["sentiment.classify/reviews", "vision.classify/digits"]


def main(port: int = 8771) -> None:
    """Serve, send two requests, print the results, and stop the server.

    Args:
        port: A port that is not in use.
    """
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, "-m", "plexus", "serve", *MODELS, "--port", str(port)])
    try:
        wait_until_ready(f"{address}/v1/models", server)
        texts = ["A slow start, but the ending is wonderful.", "I want my money back."]
        results = post(f"{address}/v1/models/sentiment.classify.reviews", json={"inputs": texts})
        for text, result in zip(texts, results, strict=True):
            print(f"{result['answer']['label']:9} {result['answer']['probability']:.2f}  {text}")

        files = {"files": ("picture.png", draw_one(), "image/png")}
        (result,) = post(f"{address}/v1/models/vision.classify.digits", files=files)
        print(f"the image is a {result['answer']['label']}, probability {result['answer']['probability']:.2f}")
    finally:
        server.send_signal(signal.SIGTERM)  # open requests are finished first
        server.wait(timeout=30)


def post(model: str, **content: object) -> list[dict]:
    """Request predictions.

    Args:
        model: Address of the model.
        **content: `json` or `files`, as for `requests.post`.

    Returns:
        One result per input, with `answer` or `error`.
    """
    response = requests.post(f"{model}/predict", timeout=30, **content)
    response.raise_for_status()  # errors are problem documents: response.json()["detail"] says what is wrong
    return response.json()


def wait_until_ready(address: str, server: subprocess.Popen, seconds: float = 60) -> None:
    """Wait until the server answers.

    Args:
        address: An address that is answered when all models are open.
        server: The process.
        seconds: The longest time to wait.
    """
    limit = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < limit:
        try:
            requests.get(address, timeout=5).raise_for_status()
            return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise SystemExit(f"the server did not start within {seconds:.0f} s")


def draw_one() -> bytes:
    """Return a PNG image of the digit one."""
    pixels = np.zeros((8, 8), np.uint8)
    pixels[1:7, 3:5] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    main()
