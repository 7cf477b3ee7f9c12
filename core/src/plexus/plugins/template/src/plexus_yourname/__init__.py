"""A plugin of Plexus: which label a row of a table has."""
