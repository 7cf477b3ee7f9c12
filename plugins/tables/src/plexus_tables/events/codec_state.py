"""The schema of the state of an `EventCodec`."""

from typing import Annotated

from pydantic import Field

from plexus.metrics.conformal_state import VennAbersState
from plexus_tables.codec_state import ClassState


class EventState(ClassState):
    """State of an `EventCodec`."""

    threshold: Annotated[float, Field(ge=0, le=1)]
    venn_abers: VennAbersState | None
