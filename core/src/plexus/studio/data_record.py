"""A dataset that the data explorer reads or has read."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plexus.data.duplicate_examples import Place
    from plexus.data.label_errors import LabelError
    from plexus.studio.exploration import Exploration


@dataclass(frozen=True)
class DataRequest:
    """A request of a person to look at a dataset.

    Args:
        task: Id of the task.
        title: The data as the person knows them: a name, the last part of a path, or the name of an upload.
        values: Options by name, without `data`.
        upload: Folder of the upload, which is removed with the dataset; None for data that are there.
        data: Value of the option `data`.

    Example:
        ```python
        DataRequest("vision.classify", "mnist", {"seed": "1"}, None, "mnist")
        ```
    """

    task: str
    title: str
    values: Mapping[str, object]
    upload: Path | None
    data: str


@dataclass
class LabelCheck:
    """Search for labels that are probably wrong.

    Args:
        state: `none`, `queued`, `working`, `ready` or `failed`.
        error: Why it failed.
        errors: Of each suspicious example its place, the suggested label and the probabilities.
        method: Features and classifier in words.
        checked: Number of examples that were checked.
        seconds: Time that it took.

    Example:
        ```python
        if record.label_check.state == "ready":
            print(len(record.label_check.errors))
        ```
    """

    state: str = "none"
    error: str = ""
    errors: "list[tuple[Place, str, LabelError]]" = field(default_factory=list)
    method: str = ""
    checked: int = 0
    seconds: float = 0.0


@dataclass
class DataRecord:
    """A dataset of the explorer, from the request on.

    Args:
        id: Its id, in the address of its page.
        request: The request.
        state: `queued`, `working`, `ready`, `failed`, or `dropped`: it was read, and is no longer in memory.
        error: Why it failed, for people.
        exploration: The dataset, once it is read.
        can_train: Whether a training could start; None before that is checked.
        training_problem: Why no training could start; empty if one could.
        duplicates_state: `queued`, `working`, `ready` or `failed`.
        duplicates_error: Why the search for duplicates failed.
        label_check: The search for wrong labels.
        defaults_state: `none`, `queued`, `working`, `ready` or `failed`.
        defaults: Values that a training computes from the data, by option.
        started: When the work began, as `time.monotonic()`; 0 before.
        seconds: Time that reading took.

    Example:
        ```python
        record = reader.start(request)
        record.state  # "queued"
        ```
    """

    id: str
    request: DataRequest
    state: str = "queued"
    error: str = ""
    exploration: "Exploration | None" = None
    can_train: bool | None = None
    training_problem: str = ""
    duplicates_state: str = "queued"
    duplicates_error: str = ""
    label_check: LabelCheck = field(default_factory=LabelCheck)
    defaults_state: str = "none"
    defaults: Mapping[str, object] = field(default_factory=dict)
    started: float = 0.0
    seconds: float = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the work began."""
        return time.monotonic() - self.started if self.started else 0.0

    @property
    def has_upload(self) -> bool:
        """Whether the data were uploaded, and are still on the server."""
        return self.request.upload is not None and self.request.upload.exists()

    @property
    def is_busy(self) -> bool:
        """Whether a thread works with it."""
        return "working" in {self.state, self.duplicates_state, self.label_check.state, self.defaults_state}
