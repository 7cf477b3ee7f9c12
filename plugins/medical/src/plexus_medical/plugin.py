"""Registers the task and the named data sets of medical images with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Return the task.

    Returns:
        Its entry.
    """
    return [
        Entry(
            "medical.classify",
            "Probability of an outcome from a medical image",
            "plexus_medical.task:Classify",
            data_kinds=("medical images",),
        )
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Return the named data sets.

    Returns:
        Their entries.
    """
    return [
        Entry(
            "drawn_xrays",
            "520 chest X-rays that Plexus draws, 32 x 32, with patients",
            "plexus_medical.datasets:DRAWN_XRAYS",
            data_kinds=("medical images", "images"),
        ),
        Entry(
            "pneumoniamnist",
            "5,856 chest X-rays of children, 28 x 28: pneumonia or normal",
            "plexus_medical.datasets:PNEUMONIAMNIST",
            data_kinds=("medical images", "images"),
        ),
    ]
