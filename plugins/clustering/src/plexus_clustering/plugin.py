"""Registers the tasks and the named data sets of clustering with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the task `clustering.deep`.

    Returns:
        One entry per task.
    """
    return [
        Entry(
            "clustering.deep",
            "Clusters in unlabelled tables, images and texts",
            "plexus_clustering.task:Cluster",
            data_kinds=("images", "unlabelled images", "rows", "tables by name"),
        )
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Register data sets whose true classes are known, to evaluate clusters.

    Returns:
        One entry per data set.
    """
    return [
        Entry(
            "usps",
            "9,298 handwritten digits, 16 x 16 grey, 10 classes",
            "plexus_clustering.datasets:USPS",
            data_kinds=("images",),
        ),
        Entry(
            "clustering_benchmark",
            "54 small tables with known clusters, as clustering_benchmark/real-world/iris",
            "plexus_clustering.datasets:BENCHMARK",
            data_kinds=("tables by name",),
        ),
    ]
