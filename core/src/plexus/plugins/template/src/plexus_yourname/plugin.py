"""Entries of the plugin. Plexus imports this module at every start: import nothing slow in it."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks():
    return [Entry("yourname.classify", "Predict the label of a row of numbers", "plexus_yourname.task:Classify")]


@hookimpl
def register_datasets():
    return [Entry("yourname_moons", "Two half moons, 600 points in a plane", "plexus_yourname.task:MOONS")]
