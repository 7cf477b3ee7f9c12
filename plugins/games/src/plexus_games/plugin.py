"""The games' table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """What can be learned by playing."""
    return [Entry("games.play", "How to act in an environment, learned by playing", "plexus_games.play:Play")]
