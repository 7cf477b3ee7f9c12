"""The task `games.board`: board games by self-play and search."""
