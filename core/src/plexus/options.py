"""A task's settings, checked."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from plexus.tuning.search_space import Around, Choice, Span
from plexus.utils.option_group import Flags

DEVICES = r"^(auto|tpu|(cpu|gpu)(:\d{1,3}(,\d{1,3})*)?)$"
RENAMED = {"device": "devices"}
"""Options by the names they had in bundles and runs made before, to those they have."""


class Options(Flags):
    """What every training can be told; a task adds fields of its own and may set other defaults.

    The fields are the command line's flags, the YAML file's keys and the JSON schema of a form.
    """

    tuned: ClassVar[dict[str, Span | Around | Choice]] = {
        "learning_rate": Around(10, otherwise=2e-3),
        "weight_decay": Span(1e-4, 0.3, log=True),
        "dropout": Span(0.0, 0.5),
        "warmup": Span(0.0, 0.3),
        "schedule": Choice(("cosine", "linear", "one_cycle")),
        "averaging": Choice((0.0, 0.99, 0.998)),
    }
    """Within what `plexus tune` tries which options; a task adds its own to these."""

    data: str = Field(description="what to learn from: a data set's name, a file, a folder or an address")
    strict: bool = Field(False, description="stop at the first input that cannot be read, instead of skipping it")
    seed: int = Field(0, ge=0, lt=2**31, description="of every random choice: same seed, same scores")
    epochs: int | None = Field(10, ge=1, le=100_000, description="how often all of the data is gone through")
    batch_size: int | None = Field(
        None,
        ge=1,
        le=65_536,
        description="examples a step, over all devices together; auto: the most that memory has room for "
        "[default: by the data]",
    )
    largest_batch: bool = Field(False, description="what --batch-size auto says")

    optimizer: Literal["adamw", "muon", "adam", "sgd", "lion", "rmsprop"] = Field(
        "adamw", description="how gradients become steps; sgd and muon have Nesterov momentum"
    )
    learning_rate: float = Field(2e-3, gt=0, le=100, description="at its highest")
    schedule: Literal["cosine", "linear", "one_cycle", "exponential", "plateau", "constant"] = Field(
        "cosine", description="how the learning rate changes over the training"
    )
    warmup: float = Field(0.1, ge=0, le=0.9, description="share of the training in which the learning rate rises")
    momentum: float = Field(0.9, ge=0, lt=1, description="of sgd and rmsprop")
    epsilon: float = Field(1e-7, gt=0, le=1, description="added to the denominators of adam, adamw and rmsprop")
    weight_decay: float = Field(0.02, ge=0, le=10, description="decoupled, on kernels only")
    l1: float = Field(0.0, ge=0, le=10, description="L1 penalty on kernels")
    l2: float = Field(0.0, ge=0, le=10, description="L2 penalty on kernels")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of the features that are dropped before the last layer")
    clip_norm: float | None = Field(None, gt=0, description="the largest global norm of the gradients [default: any]")
    averaging: float = Field(0.998, ge=0, lt=1, description="decay a step of the weights' moving average; 0: none")
    patience: int | None = Field(
        None,
        ge=0,
        description="epochs without a better score before stopping early; 0: never [default: half of all]",
    )

    stop_at: float | None = Field(
        None, ge=-1e12, le=1e12, description="stop once the score on the validation split is this good"
    )
    measure_every: int = Field(1, ge=1, description="epochs from one measurement on the validation split to the next")

    backend: Literal["tensorflow", "jax", "torch"] | None = Field(
        None, description="what Keras computes with [default: what KERAS_BACKEND says, else tensorflow]"
    )
    devices: str = Field(
        "auto",
        pattern=DEVICES,
        description="auto (all accelerators there are, else the CPU), cpu, gpu, gpu:0,1 (these alone), tpu; cpu:0,1 "
        "takes the CPU for two devices, to try out how a training is divided",
    )
    hosts: int = Field(
        1,
        ge=0,
        le=100_000,
        description="processes that train together, with --backend jax: see docs/scale.md; "
        "0: as many as SLURM, Kubernetes or the TPU says",
    )
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="of products in training, sums and weights stay float32; answers are always float32"
    )
    compile: bool | None = Field(None, description="by XLA [default: on JAX]")
    profile: bool = Field(False, description="say where the time goes, and write a trace for TensorBoard")
    threads: int = Field(0, ge=0, le=1024, description="of the CPU; 0: one a core")
    checkpoint_minutes: float = Field(5.0, gt=0, description="time between checkpoints within an epoch")

    @classmethod
    def checked(cls, values: dict[str, Any]) -> Self:
        """The settings from what the user gave, or from what an older bundle or run says.

        Raises:
            InputError: a field is unknown or out of bounds; the line names it, its bounds and what was given.
        """
        values = {RENAMED.get(name, name): value for name, value in values.items()}
        if values.get("batch_size") == "auto":
            values |= {"batch_size": None, "largest_batch": True}
        if isinstance(precision := values.get("precision"), str):
            values["precision"] = precision.removeprefix("mixed_")
        return super().checked(values)
