"""The trainings of a folder: a catalogue of runs, and comparisons between them."""
