"""Codecs from the manifest of a bundle, which may come from anyone."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.inference.bundle_format import REMEDY
from plexus.utils.boundary import reason_of
from plexus.utils.validation import first_error

if TYPE_CHECKING:
    from plexus.codec import Codec, JsonObject


def check_codec_state(codec: "type[Codec]", state: "JsonObject", file: Path) -> None:
    """Check the state of a codec by its schema.

    Args:
        codec: Class of the codec.
        state: The result of `Codec.to_json`, unchecked.
        file: The file that holds it, for error messages.

    Raises:
        InputError: If a field is missing, unknown, or has a type or value that the schema does not allow.
    """
    from pydantic import ValidationError

    try:
        if codec.state is not None:
            codec.state.model_validate(state)
    except ValidationError as error:
        raise first_error(error, f"{file}: codec", REMEDY) from error


def read_codec(codec: "type[Codec]", state: "JsonObject", file: Path) -> "Codec":
    """Create a codec from a state that may come from anyone.

    Args:
        codec: Class of the codec.
        state: The result of `Codec.to_json`, unchecked.
        file: The file that holds it, for error messages.

    Returns:
        The codec.

    Raises:
        InputError: If the state is not valid.
    """
    check_codec_state(codec, state, file)
    try:
        return codec.from_json(state)
    except InputError as error:
        raise InputError(f"{file}: codec: {error}") from error
    except (MemoryError, OSError):
        raise
    except Exception as error:  # the code of any plugin, on untrusted content
        raise InputError(f"{file}: the codec cannot be read ({reason_of(error)}); {REMEDY}") from error
