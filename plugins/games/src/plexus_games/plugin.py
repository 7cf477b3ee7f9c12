"""Registers the tasks and the command of reinforcement learning with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the tasks of environments and of board games.

    Returns:
        The entries.
    """
    return [
        Entry("games.play", "Reinforcement learning: a policy for a Gymnasium environment", "plexus_games.task:Play"),
        Entry("games.board", "Board games of two players by self-play and search", "plexus_games.board.task:Board"),
    ]


@hookimpl
def register_commands() -> list[Entry]:
    """Register the command `plexus play`.

    Returns:
        The entry.
    """
    return [Entry("play", "play a board game against a bundle", "plexus_games.board.command")]
