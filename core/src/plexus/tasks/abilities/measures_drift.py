"""The ability `MeasuresDrift` of a task."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import DatasetT

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.options import Options


@runtime_checkable
class MeasuresDrift(Protocol[DatasetT]):
    """A task whose features can be compared with those of later data, which need no targets; `plexus data drift`.

    Example:
        ```python
        def measure_drift(self, dataset, options):
            return drift_table(dataset.frame, read_table(options.data)).to_dicts()
        ```
    """

    def measure_drift(self, dataset: DatasetT, options: "Options") -> "list[JsonObject]":
        """Compare the features of a dataset with those of later data.

        Args:
            dataset: The dataset.
            options: Options whose `data` are the later data.

        Returns:
            Per feature `column`, `psi` (the population stability index), `psi_by_chance` (the mean of random splits of
            all rows) and `large` (whether the index is large, and twice that by chance); the largest index first.

        Raises:
            InputError: If the later data cannot be read, or lack a feature.
        """
        ...
