"""Assignment of points to annotated boxes during the training."""

import keras
from keras import ops

SCORE_POWER, OVERLAP_POWER = 0.5, 6.0
"""Powers of score and overlap in the alignment; the overlap decides."""
POINTS_PER_BOX = 10
SMALLEST = 1e-12


def assign_points(
    scores: keras.KerasTensor, boxes: keras.KerasTensor, points: keras.KerasTensor, truth: keras.KerasTensor
) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    """Assign to each annotated box the points that detect it best so far (Feng et al. 2021, arXiv:2108.07755).

    The alignment of a point is its score to a power times its overlap to another (section 3.2, equation 2). Unlike
    there, the weights of the boxes are not multiplied by the overlap: boxes of rare sizes, which overlap little at
    first, would hardly be learned.

    Args:
        scores: Probabilities, shape `(n, points, classes)`.
        boxes: Predicted boxes, shape `(n, points, 4)`.
        points: x, y and stride, shape `(points, 3)`.
        truth: Annotated boxes: four sides, class, and 1 for a box, -1 for a difficult one, 0 for padding; shape
            `(n, most, 6)`.

    Returns:
        Target scores from 0 to 1, shape `(n, points, classes)`; target boxes, shape `(n, points, 4)`; weights of the
        boxes, 1 at the best point of each and 0 at points without a box, shape `(n, points)`; and weights of the
        scores, 0 at points in difficult boxes that are assigned to no other, else 1, shape `(n, points)`.
    """
    sides, classes, kinds = truth[..., :4], ops.cast(truth[..., 4], "int32"), truth[..., 5:]
    one_hot = ops.one_hot(classes, scores.shape[-1])
    overlap = overlaps(boxes[:, None], sides[:, :, None])[0]
    near = ops.cast(_is_near(points, sides), "float32") * kinds
    score = ops.einsum("ngc,npc->ngp", one_hot, scores)
    alignment = score**SCORE_POWER * overlap**OVERLAP_POWER * ops.relu(near)
    least = ops.top_k(alignment, min(POINTS_PER_BOX, points.shape[0]))[0][..., -1:]
    chosen = ops.cast(ops.logical_and(alignment >= least, alignment > 0), "float32")
    best = ops.argmax(overlap * chosen, axis=1)  # a point belongs to one box: the one that it overlaps most
    chosen = chosen * ops.transpose(ops.one_hot(best, ops.shape(truth)[1]), (0, 2, 1))
    alignment, overlap = alignment * chosen, overlap * chosen
    weights = alignment / (ops.max(alignment, axis=-1, keepdims=True) + SMALLEST)
    targets = weights * ops.max(overlap, axis=-1, keepdims=True)
    is_scored = ops.logical_or(ops.min(near, axis=1) >= 0, ops.max(chosen, axis=1) > 0)
    return (
        ops.einsum("ngp,ngc->npc", targets, one_hot),
        ops.einsum("ngp,ngk->npk", chosen, sides),
        ops.sum(weights, axis=1),
        ops.cast(is_scored, "float32"),
    )


def overlaps(first: keras.KerasTensor, second: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Compute the intersection over union of boxes, and its generalization (Rezatofighi et al. 2019, arXiv:1902.09630).

    Args:
        first: Boxes; the last axis has left, top, right and bottom.
        second: Boxes of a shape that broadcasts with that of `first`.

    Returns:
        Intersection over union, from 0 to 1, and its generalization, from -1 to 1.
    """
    shared = _area(ops.maximum(first[..., :2], second[..., :2]), ops.minimum(first[..., 2:], second[..., 2:]))
    union = _area(first[..., :2], first[..., 2:]) + _area(second[..., :2], second[..., 2:]) - shared + SMALLEST
    hull = _area(ops.minimum(first[..., :2], second[..., :2]), ops.maximum(first[..., 2:], second[..., 2:])) + SMALLEST
    return shared / union, shared / union - (hull - union) / hull


def _area(left_top: keras.KerasTensor, right_bottom: keras.KerasTensor) -> keras.KerasTensor:
    sides = ops.maximum(right_bottom - left_top, 0.0)
    return sides[..., 0] * sides[..., 1]


def _is_near(points: keras.KerasTensor, boxes: keras.KerasTensor) -> keras.KerasTensor:
    """Return which points are in which box, or within a stride of its middle, shape `(n, most, points)`."""
    middle, half = (boxes[..., :2] + boxes[..., 2:]) / 2, (boxes[..., 2:] - boxes[..., :2]) / 2
    reach = ops.maximum(half[:, :, None], points[:, 2:])
    return ops.all(ops.abs(points[:, :2] - middle[:, :, None]) < reach, axis=-1)
