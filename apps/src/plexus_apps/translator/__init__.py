"""The app `translator`."""
