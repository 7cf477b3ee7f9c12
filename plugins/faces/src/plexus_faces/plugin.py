"""Registers the task, the command and the named data sets of face recognition with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the task.

    Returns:
        The entries.
    """
    return [
        Entry(
            "faces.recognize",
            "Face recognition: whether two images show the same person, and who it is",
            "plexus_faces.task:Recognize",
            data_kinds=("faces",),
        )
    ]


@hookimpl
def register_commands() -> list[Entry]:
    """Register the command.

    Returns:
        The entries.
    """
    return [
        Entry("faces", "enrol persons, identify and verify faces, forget persons", "plexus_faces.command"),
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Register the named data sets.

    Returns:
        The entries.
    """
    return [
        Entry(
            "drawn_faces",
            "96 faces of 12 persons that Plexus draws, color",
            "plexus_faces.datasets:DRAWN_FACES",
            data_kinds=("faces", "images"),
        ),
        Entry(
            "orl_faces",
            "Faces of the Olivetti Research Laboratory, 10 images of each person, 92 x 112, grey",
            "plexus_faces.datasets:ORL_FACES",
            data_kinds=("faces",),
        ),
    ]
