"""Registers the tasks and the named data sets of image classification with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Return the tasks.

    Returns:
        Their entries.
    """
    return [Entry("vision.classify", "Assign one label to an image", "plexus_vision.task:Classify")]


@hookimpl
def register_datasets() -> list[Entry]:
    """Return the named data sets.

    Returns:
        Their entries.
    """
    return [
        Entry(
            "digits",
            "1,797 handwritten digits, 8 x 8, grey; part of scikit-learn",
            "plexus_vision.datasets:DIGITS",
        ),
        Entry("mnist", "70,000 handwritten digits, 28 x 28, grey, 10 labels", "plexus_vision.datasets:MNIST"),
        Entry(
            "fashion_mnist",
            "70,000 images of clothes, 28 x 28, grey, 10 labels",
            "plexus_vision.datasets:FASHION_MNIST",
        ),
        Entry("cifar10", "60,000 images of objects, 32 x 32, colour, 10 labels", "plexus_vision.datasets:CIFAR10"),
    ]
