"""Explorer of clusters in unlabelled data."""
