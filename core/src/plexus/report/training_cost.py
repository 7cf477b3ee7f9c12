"""Time and cost of a training."""

import os
import sys
from typing import TYPE_CHECKING

from plexus.training.state import TrainingState
from plexus.utils.formatting import short

if TYPE_CHECKING:
    from plexus.codec import JsonObject

PASSES = 3
"""Cost of a training step in forward passes: one, and about two for the gradients (Kaplan et al. 2020, section 2.1)."""


def cost_rows(state: TrainingState, manifest: "JsonObject") -> dict[str, str]:
    """Describe size, time and arithmetic of a training.

    Args:
        state: Progress of the training.
        manifest: Manifest of the bundle.

    Returns:
        Rows of a table: names and values.
    """
    history = state.history
    seconds, examples = sum(line["seconds"] for line in history), sum(line["examples"] for line in history)
    rows = {
        "network": f"{manifest['parameters']:,} parameters, {short(manifest['flops'])}FLOPs per forward pass",
        "memory in training": f"about {short(manifest['memory'])}B, estimated from the network",
        "memory of the process": f"at most {short(_peak_memory())}B"
        if sys.platform != "win32"
        else "unknown on Windows",
        "computed on": f"{manifest['devices']} with {manifest['options']['backend']}, {os.cpu_count()} cores",
    }
    if history:
        flops = PASSES * manifest["flops"] * examples
        rows |= {
            "epochs": f"{len(history)}, {seconds / len(history):.3g} s each on average",
            "time in fitting": f"{seconds:,.1f} s; {seconds / 3600:.3g} device-hours on {manifest['devices']}",
            "rate": f"{examples / seconds:,.0f} examples/s, {short(flops / seconds)}FLOPS",
            "arithmetic": f"about {short(flops)}FLOPs: {examples:,} examples, three forward passes each",
        }
    return rows


def _peak_memory() -> float:
    """Return the largest memory of this process so far in bytes; macOS reports bytes, others kilobytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
