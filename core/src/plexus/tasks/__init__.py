"""Base classes of tasks that several domains share."""
