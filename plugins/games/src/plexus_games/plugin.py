"""Registers the tasks and the named data sets of reinforcement learning with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the task `games.play`.

    Returns:
        The entry.
    """
    return [
        Entry("games.play", "Reinforcement learning: a policy for a Gymnasium environment", "plexus_games.task:Play")
    ]
