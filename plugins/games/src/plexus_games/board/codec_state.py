"""The schema of the state of a `BoardCodec`."""

from typing import Annotated

from pydantic import Field

from plexus.codec_state import CodecState


class BoardState(CodecState):
    """State of a `BoardCodec`; `BoardGame.parse` checks the game."""

    game: Annotated[str, Field(min_length=1, max_length=1000)]
    discount: Annotated[float, Field(gt=0.5, le=1)]
