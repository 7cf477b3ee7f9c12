"""The apps' table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_apps() -> list[Entry]:
    """What people can run."""
    return [
        Entry(
            "digits", "Reads handwritten digits: trained in seconds, each answer explained", "plexus_apps.digits:Digits"
        ),
        Entry("reviews", "Tells what a review feels, and each word's push", "plexus_apps.reviews:Reviews"),
        Entry("commands", "Hears which words are said, and when", "plexus_apps.commands:Commands"),
        Entry("payments", "Finds the few payments that are fraud, and says why", "plexus_apps.payments:Payments"),
        Entry("agent", "Learns to balance a pole by playing, and shows it", "plexus_apps.agent:Agent"),
        Entry("clusters", "Sorts pictures that nobody labelled into ten kinds", "plexus_apps.clusters:Clusters"),
    ]
