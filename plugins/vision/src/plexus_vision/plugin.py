"""Registers the tasks, the command and the named data sets of images with Plexus."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """Return the tasks.

    Returns:
        Their entries.
    """
    return [
        Entry("vision.classify", "Assign one label to an image", "plexus_vision.task:Classify", data_kinds=("images",)),
        Entry(
            "vision.pretrain",
            "Learn features of images without labels",
            "plexus_vision.pretraining.task:Pretrain",
            data_kinds=("images", "unlabelled images"),
        ),
        Entry(
            "vision.detect",
            "Find the objects in an image",
            "plexus_vision.detection.task:Detect",
            data_kinds=("boxes",),
        ),
    ]


@hookimpl
def register_commands() -> list[Entry]:
    """Return the command.

    Returns:
        Its entry.
    """
    return [Entry("detect", "detect, count and track objects in images and videos", "plexus_vision.detection.command")]


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
            data_kinds=("images",),
        ),
        Entry(
            "mnist",
            "70,000 handwritten digits, 28 x 28, grey, 10 labels",
            "plexus_vision.datasets:MNIST",
            data_kinds=("images",),
        ),
        Entry(
            "fashion_mnist",
            "70,000 images of clothes, 28 x 28, grey, 10 labels",
            "plexus_vision.datasets:FASHION_MNIST",
            data_kinds=("images",),
        ),
        Entry(
            "cifar10",
            "60,000 images of objects, 32 x 32, color, 10 labels",
            "plexus_vision.datasets:CIFAR10",
            data_kinds=("images",),
        ),
        Entry(
            "drawn_shapes",
            "1,060 images of circles, squares and triangles that Plexus draws, with boxes",
            "plexus_vision.detection.datasets:DRAWN_SHAPES",
            data_kinds=("boxes", "unlabelled images"),
        ),
        Entry(
            "bccd",
            "364 images of blood cells, with boxes of 3 labels",
            "plexus_vision.detection.datasets:BCCD",
            data_kinds=("boxes",),
        ),
    ]
