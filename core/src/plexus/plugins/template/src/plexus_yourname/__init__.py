"""A Plexus plugin: predicts the label of a row of numbers."""
