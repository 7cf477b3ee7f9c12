"""What keeps a record of trainings: a plugin like any other."""
