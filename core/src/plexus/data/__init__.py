"""Reading, naming, cleaning and splitting data."""
