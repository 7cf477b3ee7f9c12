"""Reading, cleaning, splitting and batching data."""
