"""Fraud's table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """What can be learned from transactions."""
    return [Entry("fraud.detect", "Which transactions are fraud, and why", "plexus_fraud.detect:Detect")]


@hookimpl
def register_datasets() -> list[Entry]:
    """Named sets of transactions."""
    at = "plexus_fraud.datasets"
    return [
        Entry(
            "simulated", "80,000 made-up transactions with three kinds of fraud; comes with Plexus", f"{at}:SIMULATED"
        ),
        Entry("creditcard", "15,414 card payments of 2013, 331 of them fraud", f"{at}:CREDITCARD"),
        Entry("fraud_handbook", "296,928 simulated transactions of a month, 2,620 frauds", f"{at}:HANDBOOK"),
    ]
