"""What a training took."""

import os
import sys
from typing import Any

from plexus.training.state import TrainingState
from plexus.utils.formatting import short

PASSES = 3
"""Forward passes that a step costs: one, and about two more for the gradients (Kaplan et al. 2020, section 2.1)."""


def cost_rows(state: TrainingState, manifest: dict[str, Any]) -> dict[str, str]:
    """A training's size, time and arithmetic, as rows of a table."""
    lines = state.history
    seconds, examples = sum(line["seconds"] for line in lines), sum(line["examples"] for line in lines)
    rows = {
        "network": f"{manifest['parameters']:,} parameters, {short(manifest['flops'])}FLOPs a forward pass",
        "memory in training": f"about {short(manifest['memory'])}B by the network's size",
        "memory of the process": f"{short(_peak())}B at most" if sys.platform != "win32" else "not known on Windows",
        "computed on": f"{manifest['devices']} with {manifest['options']['backend']}, {os.cpu_count()} cores",
    }
    if lines:
        arithmetic = PASSES * manifest["flops"] * examples
        rows |= {
            "epochs": f"{len(lines)}, {seconds / len(lines):.3g} s each on average",
            "time in fitting": f"{seconds:,.1f} s; {seconds / 3600:.3g} device-hours on {manifest['devices']}",
            "rate": f"{examples / seconds:,.0f} examples/s, {short(arithmetic / seconds)}FLOPS",
            "arithmetic": f"about {short(arithmetic)}FLOPs: {examples:,} examples, three forward passes each",
        }
    return rows


def _peak() -> float:
    """The most memory that this process has had, in bytes; macOS says bytes, others kilobytes."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
