"""The schema of the state of an `EmbeddingCodec`."""

from plexus_vision.codec_state import EncodedImageState


class EmbeddingState(EncodedImageState):
    """State of an `EmbeddingCodec`."""
