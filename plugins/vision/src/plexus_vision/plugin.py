"""Vision's table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """What can be learned from pictures."""
    return [Entry("vision.classify", "What a picture shows: one label out of several", "plexus_vision.task:Classify")]


@hookimpl
def register_datasets() -> list[Entry]:
    """Named sets of pictures."""
    return [
        Entry(
            "digits", "1,797 handwritten digits, 8 x 8 grey; comes with scikit-learn", "plexus_vision.datasets:DIGITS"
        ),
        Entry("mnist", "70,000 handwritten digits, 28 x 28 grey, 10 classes", "plexus_vision.datasets:MNIST"),
        Entry(
            "fashion_mnist",
            "70,000 pictures of clothes, 28 x 28 grey, 10 classes",
            "plexus_vision.datasets:FASHION_MNIST",
        ),
        Entry("cifar10", "60,000 small pictures, 32 x 32 colour, 10 classes", "plexus_vision.datasets:CIFAR10"),
    ]
