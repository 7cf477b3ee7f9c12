"""The apps' table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_apps() -> list[Entry]:
    """What people can run."""
    return [
        Entry(
            "digits", "Reads handwritten digits: trained in seconds, each answer explained", "plexus_apps.digits:Digits"
        ),
        Entry("clusters", "Sorts pictures that nobody labelled into ten kinds", "plexus_apps.clusters:Clusters"),
    ]
