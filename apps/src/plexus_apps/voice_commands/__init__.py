"""Spoken commands: the words of a recording and their times."""
