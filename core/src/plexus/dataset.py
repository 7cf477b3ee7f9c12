"""Protocols of what a model learns from."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from plexus.codec import Arrays
    from plexus.data.findings import Findings


class Dataset(Protocol):
    """Data that a model learns from, in the splits `train`, `val` and `test`.

    `plexus.SupervisedDataset` implements it for labelled examples. A dataset is never changed by a training, except for
    one that implements `Stateful`.

    Attributes:
        fingerprint: Checksum of the content, in hexadecimal. A bundle is evaluated on the test split of data with the
            same fingerprint, and on the split `unseen` of other data.
        licence: Licence of the data, for the model card.
        findings: What was repaired or dropped while the data was read.
        evaluation_protocol: How the test split was made, for the model card; None for `Task.evaluation_protocol`.

    Example:
        ```python
        dataset = task.load_dataset(task.options.parse({"data": "digits"}))
        print(dataset.count("train"), dataset.findings.lines())
        ```
    """

    licence: str
    findings: "Findings"
    evaluation_protocol: str | None

    @property
    def fingerprint(self) -> str:
        """Checksum of the content, in hexadecimal."""
        ...

    def count(self, split: str) -> int:
        """Return the number of examples in a split.

        Args:
            split: `train`, `val`, `test` or `unseen`.

        Returns:
            The number of examples, or of episodes where there are no examples.
        """
        ...


@runtime_checkable
class Stateful(Protocol):
    """A dataset that changes while a model learns from it: an environment. Its state is part of the checkpoint.

    Example:
        ```python
        if isinstance(dataset, Stateful):
            dataset.restore(dataset.state())
        ```
    """

    def state(self) -> "Arrays":
        """Return everything that has changed, as arrays by name.

        Returns:
            The state, for `restore`.
        """
        ...

    def restore(self, state: "Arrays") -> None:
        """Return to an earlier state.

        Args:
            state: The result of `state`.
        """
        ...
