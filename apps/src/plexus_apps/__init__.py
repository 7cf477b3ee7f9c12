"""Programs people run."""
