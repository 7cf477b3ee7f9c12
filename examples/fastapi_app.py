"""An application of your own that embeds a bundle in FastAPI.

Run as: python examples/fastapi_app.py                    # sends itself a request, prints the result, and ends
        uvicorn --app-dir examples fastapi_app:app        # serves until Ctrl-C

`plexus serve` is enough to serve predictions. Embed a bundle if predictions are a part of your own application: here, a
review that is probably negative opens a ticket. No training framework is imported.
"""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

import plexus

MODEL = "sentiment.classify/reviews"
CONFIDENT = 0.7


class Review(BaseModel):
    """A review that a customer has written."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class Decision(BaseModel):
    """The decision about a review."""

    label: str
    probability: float
    open_ticket: bool


@asynccontextmanager
async def lifespan(app: FastAPI):
    """Open the bundle once, before the first request; the first prediction loads the network."""
    app.state.bundle = plexus.load(MODEL)
    app.state.bundle.predict(["warm-up"])
    yield


app = FastAPI(title="Reviews", lifespan=lifespan)


@app.post("/reviews")
async def add_review(review: Review) -> Decision:
    """Classify a review."""
    try:
        # Predicting takes milliseconds of CPU time: a thread keeps the event loop free.
        (prediction,) = await run_in_threadpool(app.state.bundle.predict, [review.text])
    except plexus.InputError as error:  # the input cannot be used; the message is one line for the user
        raise HTTPException(422, str(error)) from error
    negative = prediction.label == "negative" and prediction.probability >= CONFIDENT
    return Decision(label=prediction.label, probability=prediction.probability, open_ticket=negative)


def main() -> None:
    """Send two reviews to the application within this process."""
    from fastapi.testclient import TestClient

    with TestClient(app) as client:
        for text in ("I want my money back: it is boring and far too long.", "Wonderful, I will watch it again."):
            response = client.post("/reviews", json={"text": text})
            response.raise_for_status()
            print(response.json())


if __name__ == "__main__":
    main()
