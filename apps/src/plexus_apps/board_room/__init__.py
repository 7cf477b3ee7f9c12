"""Play a board game against a trained network, and see its search."""
