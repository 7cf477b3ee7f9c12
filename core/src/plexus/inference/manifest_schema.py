"""The schema of a bundle's manifest, with bounds for every field."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from plexus.inference.bundle_format import FORMAT, NAME, REMEDY, bundle_files
from plexus.utils.validation import first_error

if TYPE_CHECKING:
    from plexus.codec import JsonObject

Word = Annotated[str, Field(min_length=1, max_length=200)]
Line = Annotated[str, Field(max_length=10_000)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Size = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(pattern=NAME.replace(r"\Z", "$"))]
NetworkName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Scalar = bool | int | float | Annotated[str, Field(max_length=100_000)] | None


class _Schema(BaseModel):
    """Nothing is converted, no key is ignored, no number is NaN or infinite."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Plugin(_Schema):
    """The plugin of the task; a task that no plugin registers has none."""

    name: Name | None = None
    distribution: Name | None = None
    version: Name | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if len({field is None for field in (self.name, self.distribution, self.version)}) != 1:
            raise ValueError("expected name, distribution and version, or none of them")
        return self


class _Examples(_Schema):
    train: Count
    val: Count = 0  # left out if it is the training split
    test: Count


class _Data(_Schema):
    name: Line
    fingerprint: Word
    licence: Line
    examples: _Examples
    findings: Annotated[list[Annotated[str, Field(max_length=1_000_000)]], Field(max_length=10_000)]
    decimal_comma: bool = False


class _Initial(_Schema):
    """The bundle that a training started from."""

    name: Line
    task: Name
    data: Line
    fingerprint: Digest
    copied: Count
    layers: Count


class _Manifest(_Schema):
    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)]
    task: Name
    summary: Line
    plugin: _Plugin
    networks: Annotated[list[NetworkName], Field(min_length=1, max_length=64)] = ["network"]
    codec: dict[str, Any]
    options: Annotated[dict[str, Scalar | list[Scalar]], Field(max_length=1000)]
    score: Word
    protocol: Line = ""
    keeps_best: bool = True
    baseline: Word | None
    scores: Annotated[dict[Word, float], Field(max_length=10_000)]
    data: _Data
    initial: _Initial | None = None
    epochs: Count
    parameters: Count
    flops: Size = 0
    memory: Size = 0
    weights: Literal["float32", "float16", "int8"] = "float32"
    devices: Line = ""
    versions: Annotated[dict[Word, Word], Field(max_length=1000)]
    files: Annotated[dict[str, Digest], Field(max_length=1000)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.score not in self.scores:
            raise ValueError(f"scores: the metric {self.score!r}, which ranks models, is missing")
        if not isinstance(self.options.get("data"), str):
            raise ValueError("options: the option 'data' is missing or not a string")
        if len(set(self.networks)) != len(self.networks):
            raise ValueError("networks: a name is repeated")
        required, optional = bundle_files(self.networks)
        if not required <= self.files.keys() <= required | optional:
            expected = f"{', '.join(sorted(required))} and at most {', '.join(sorted(optional))}"
            raise ValueError(f"files: expected {expected}, found {', '.join(sorted(self.files))}")
        return self


def check_manifest(manifest: "JsonObject", file: Path) -> None:
    """Check every field of a manifest but the codec, which its task checks.

    Args:
        manifest: The content.
        file: Its file, for error messages.

    Raises:
        InputError: If a field is missing, unknown, or has a type or value that the format does not allow.
    """
    try:
        _Manifest.model_validate(manifest)
    except ValidationError as error:
        raise first_error(error, str(file), REMEDY) from error
