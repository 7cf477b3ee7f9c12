"""The table of contents. It is read at every start of Plexus: nothing heavy is imported here."""

from plexus import Entry, hookimpl

PLEXUS_API = 1


@hookimpl
def register_tasks():
    """What can be learned."""
    return [Entry("yourname.classify", "Which label a row of a table has", "plexus_yourname.task:Classify")]


@hookimpl
def register_datasets():
    """Named sets, for --data."""
    return [Entry("yourname_moons", "Two half moons, 600 points of a plane", "plexus_yourname.task:MOONS")]
