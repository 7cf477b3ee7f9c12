"""Base class of the hyperparameters of a task; each field is a flag, a key of YAML and part of the schema."""

from copy import copy
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, create_model

from plexus.tuning.search_space import AroundDefault, Categorical, FloatRange
from plexus.utils.option_group import OptionGroup

DEVICES = r"^(auto|tpu|(cpu|gpu)(:\d{1,3}(,\d{1,3})*)?)$"
AUTO_BATCH_SIZE = 0
"""Value of `batch_size` that stands for `auto`."""

ValueT = TypeVar("ValueT")


def _parse_batch_size(value: object) -> object:
    return AUTO_BATCH_SIZE if value == "auto" else value


class Options(OptionGroup):
    """Options of every training; a task derives its own class and adds fields.

    The fields are the flags of the command line, the keys of a YAML file and the JSON schema of a form.

    Attributes:
        defaults: Defaults of inherited options that a subclass changes, by name. None leaves an option to
            `Task.resolve_options`.
        search_space: Ranges of the options that `plexus tune` searches.
        groups: Names of the options of every training by the title of their group: `data`, `training`, `optimizer`,
            `hardware`. A task's own options form a group before them, see `fields_by_group`.
        automatic: Options that None leaves to `Task.resolve_options`.
        data_options: Options that say which data is read. For other data than its own, a bundle's are not used: what
            a bundle records may come from anyone.

    Example:
        ```python
        class RainOptions(Options):
            defaults = {"data": "oslo", "epochs": 20, "learning_rate": None}
            units: int = Field(32, ge=1, le=4096, description="Units of the hidden layer.")
        ```
    """

    defaults: ClassVar[dict[str, object]] = {}
    search_space: ClassVar[dict[str, FloatRange | AroundDefault | Categorical]] = {
        "learning_rate": AroundDefault(10, fallback=2e-3),
        "weight_decay": FloatRange(1e-4, 0.3, log=True),
        "dropout": FloatRange(0.0, 0.5),
        "warmup": FloatRange(0.0, 0.3),
        "schedule": Categorical(("cosine", "linear", "one_cycle")),
        "averaging": Categorical((0.0, 0.99, 0.998)),
    }

    data_options: ClassVar[frozenset[str]] = frozenset({"data"})
    groups: ClassVar[dict[str, tuple[str, ...]]] = {
        "data": ("data", "strict", "from_"),
        "training": (
            *("epochs", "batch_size", "seed", "patience", "stop_at", "evaluate_every"),
            *("dropout", "l1", "l2", "averaging", "checkpoint_minutes", "profile"),
        ),
        "optimizer": (
            *("optimizer", "learning_rate", "schedule", "warmup", "momentum", "beta_2", "epsilon"),
            *("weight_decay", "clip_norm"),
        ),
        "hardware": ("backend", "devices", "hosts", "precision", "compile", "threads"),
    }
    automatic: ClassVar[frozenset[str]] = frozenset(
        {"epochs", "batch_size", "learning_rate", "patience", "evaluate_every"}
    )

    data: str = Field(description="Training data: name of a data set, file, folder or http(s) address.")
    from_: str | None = Field(
        None,
        min_length=1,
        description="Bundle to start from instead of random weights: its path, or TASK/NAME of a shipped model.",
    )
    strict: bool = Field(False, description="Stop at the first input that cannot be read instead of dropping it.")
    seed: int = Field(0, ge=0, lt=2**31, description="Random seed; runs with equal seeds are reproducible.")
    epochs: int | None = Field(10, ge=1, le=100_000, description="Number of training epochs.")
    batch_size: Annotated[int | None, BeforeValidator(_parse_batch_size)] = Field(
        None,
        ge=0,
        le=65_536,
        description="Examples per step over all devices; auto: the largest batch that fits in memory.",
    )

    optimizer: Literal["adamw", "muon", "adam", "sgd", "lion", "rmsprop"] = Field(
        "adamw", description="Optimizer; sgd and muon use Nesterov momentum."
    )
    learning_rate: float | None = Field(2e-3, gt=0, le=100, description="Peak learning rate.")
    schedule: Literal["cosine", "cycles", "linear", "one_cycle", "exponential", "plateau", "constant"] = Field(
        "cosine", description="Learning-rate schedule."
    )
    warmup: float = Field(0.1, ge=0, le=0.9, description="Fraction of the training in which the learning rate rises.")
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum of sgd and rmsprop.")
    beta_2: float = Field(0.999, ge=0, lt=1, description="Decay of the squared gradients of adam and adamw.")
    epsilon: float = Field(1e-7, gt=0, le=1, description="Constant added to the denominators of adam, adamw, rmsprop.")
    weight_decay: float = Field(0.02, ge=0, le=10, description="Decoupled weight decay of kernels.")
    l1: float = Field(0.0, ge=0, le=10, description="L1 penalty on kernels.")
    l2: float = Field(0.0, ge=0, le=10, description="L2 penalty on kernels.")
    dropout: float = Field(0.0, ge=0, lt=1, description="Dropout rate before the last layer.")
    clip_norm: float | None = Field(None, gt=0, description="Maximum global norm of the gradients; none: no clipping.")
    averaging: float = Field(0.998, ge=0, lt=1, description="Decay per step of the weights' moving average; 0: off.")
    patience: int | None = Field(
        None, ge=0, description="Epochs without a better metric before early stopping; 0: never."
    )
    stop_at: float | None = Field(
        None, ge=-1e12, le=1e12, description="Stop once the validation metric reaches this value."
    )
    evaluate_every: int | None = Field(1, ge=1, description="Epochs between two evaluations on the validation split.")

    backend: Literal["tensorflow", "jax", "torch"] | None = Field(
        None, description="Keras backend; by default that of KERAS_BACKEND, else tensorflow."
    )
    devices: str = Field(
        "auto",
        pattern=DEVICES,
        description="Devices: auto (all accelerators, else the CPU), cpu, gpu, gpu:0,1 or tpu; cpu:0,1 splits the CPU "
        "into two devices, to test distributed training.",
    )
    hosts: int = Field(
        1,
        ge=0,
        le=100_000,
        description="Processes that train together, with --backend jax; 0: as SLURM, Kubernetes or the TPU says.",
    )
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Precision of products in training; weights and predictions are float32."
    )
    compile: bool | None = Field(None, description="Compile the training step with XLA; by default only on JAX.")
    profile: bool = Field(False, description="Measure where the time goes and write a trace for TensorBoard.")
    threads: int = Field(0, ge=0, le=1024, description="CPU threads; 0: one per core.")
    checkpoint_minutes: float = Field(5.0, gt=0, description="Minutes between checkpoints within an epoch.")

    @classmethod
    def other_data_options(cls) -> type[OptionGroup]:
        """Return the options, apart from `data`, that say which data is read.

        Returns:
            Those of `data_options` as a group of their own; it has no fields if there are no others.
        """
        fields = {
            name: (field.annotation, field)
            for name, field in cls.model_fields.items()
            if name in cls.data_options and name != "data"
        }
        group: type[OptionGroup] = create_model("DataOptions", __base__=OptionGroup, **fields)  # type: ignore[call-overload]
        return group

    @classmethod
    def __pydantic_init_subclass__(cls, **arguments: object) -> None:
        """Apply the table of changed defaults.

        Args:
            **arguments: Arguments of the class statement, for pydantic.
        """
        super().__pydantic_init_subclass__(**arguments)
        changed = {name: value for name, value in cls.defaults.items() if cls.model_fields[name].default != value}
        if not changed:
            return
        for name, value in changed.items():
            field = copy(cls.model_fields[name])
            field.default = value
            cls.model_fields[name] = field
        cls.model_rebuild(force=True)


def resolved(value: ValueT | None) -> ValueT:
    """Return the value of an option that training has resolved.

    Args:
        value: The option.

    Returns:
        The value.

    Raises:
        ValueError: If it is None: the task's `resolve_options` does not resolve it.
    """
    if value is None:
        raise ValueError("an option is left open, and the task's resolve_options does not resolve it")
    return value
