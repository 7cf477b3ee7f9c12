"""Clustering's table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """What can be found without labels."""
    return [Entry("clustering.deep", "Groups in data that nobody labelled", "plexus_clustering.cluster:Cluster")]


@hookimpl
def register_datasets() -> list[Entry]:
    """Named sets with a truth to measure clusters by."""
    return [
        Entry("usps", "9,298 handwritten digits, 16 x 16 grey, 10 classes", "plexus_clustering.datasets:USPS"),
        Entry(
            "clustering_benchmark",
            "54 small tables with known clusters, as clustering_benchmark/real-world/iris",
            "plexus_clustering.datasets:BENCHMARK",
        ),
    ]
