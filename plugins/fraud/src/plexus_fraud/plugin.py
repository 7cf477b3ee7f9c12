"""Registers the tasks and the named data sets of fraud detection with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the tasks.

    Returns:
        The entries.
    """
    return [
        Entry(
            "fraud.detect",
            "Fraud detection: which transactions are fraud, and why",
            "plexus_fraud.task:Detect",
            data_kinds=("transactions",),
        )
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Register the named data sets.

    Returns:
        The entries.
    """
    module = "plexus_fraud.datasets"
    return [
        Entry(
            "simulated",
            "119,445 simulated transactions with three kinds of fraud; embedded",
            f"{module}:SIMULATED",
            data_kinds=("transactions",),
        ),
        Entry(
            "creditcard",
            "15,414 card payments of 2013, 331 of them fraud",
            f"{module}:CREDITCARD",
            data_kinds=("transactions",),
        ),
        Entry(
            "fraud_handbook",
            "296,928 simulated transactions of a month, 2,620 frauds",
            f"{module}:HANDBOOK",
            data_kinds=("transactions",),
        ),
    ]
