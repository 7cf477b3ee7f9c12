"""The task `tables.regress`: numbers from tables."""
