"""The commands of Plexus itself, whose names no plugin's command may have."""

CORE_COMMANDS = {
    "list": "list tasks, data sets, apps and shipped models",
    "train": "train a task, evaluate it once on the test split, save a bundle",
    "pretrain": "train the network of a task without labels, for plexus train --from",
    "runs": "list, show, compare, remove and restore trainings",
    "tune": "search a task's options, and train a bundle with the best",
    "evaluate": "compute a bundle's metrics on its test split, or on other data",
    "predict": "predict for files, folders, texts or a table",
    "data": "check data before training, compare two tables, or choose images to label",
    "serve": "serve bundles over HTTP",
    "open": "open the page of an app in the browser",
    "export": "export a bundle's network to another format",
    "plugins": "list, check, create, disable and enable plugins",
    "demo": "run the demo of every app on embedded data",
    "doctor": "show versions, devices, plugins and folders",
}
"""Summaries by name; the module of a command is `plexus.cli.NAME`."""
