"""A task's settings, checked."""

from typing import Literal

from pydantic import Field

from plexus.flags import Flags


class Options(Flags):
    """What every training can be told; a task adds fields of its own and may set other defaults.

    The fields are the command line's flags, the YAML file's keys and the JSON schema of a form.
    """

    data: str = Field(description="what to learn from: a data set's name, a file, a folder or an address")
    strict: bool = Field(False, description="stop at the first input that cannot be read, instead of skipping it")
    seed: int = Field(0, ge=0, lt=2**31, description="of every random choice: same seed, same scores")
    epochs: int | None = Field(10, ge=1, le=100_000, description="how often all of the data is gone through")
    batch_size: int | None = Field(None, ge=1, le=65_536, description="examples a step [default: by the data]")

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

    device: Literal["auto", "cpu", "gpu"] = Field("auto", description="where to compute")
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        "float32", description="of the arithmetic in training; answers are always float32"
    )
    threads: int = Field(0, ge=0, le=1024, description="of the CPU; 0: one a core")
    checkpoint_minutes: float = Field(5.0, gt=0, description="time between checkpoints within an epoch")
