"""Out of memory is told with what would fit, and a batch size is found that does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tests/fixtures/little_memory.py"


def said_by(backend, batch_size, folder):
    if backend == "jax":
        pytest.importorskip("jax", reason="the extra jax is not installed")
    command = [sys.executable, SCRIPT, backend, str(batch_size), folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_line_says_what_fits(parity, tmp_path, backend):
    """Of an allocation that the backend itself refuses: its halves are tried."""
    said, spoken = said_by(backend, 400, tmp_path)
    assert said["error"] == "--batch-size 400 does not fit in memory; 100 does (--batch-size auto finds the largest)"
    assert "200 examples a step do not fit in memory" in spoken
    assert "epoch 1/1" not in spoken  # what is tried is not shown


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_auto_finds_the_largest_by_halving(parity, tmp_path, backend):
    said, spoken = said_by(backend, "auto", tmp_path)
    assert "128 examples a step do not fit in memory\n--batch-size auto: 64\n" in spoken
    assert said["batch_size"] == 64
    assert said["learning_rate"] == 0.01


def test_what_a_search_begins_with():
    from plexus.training.batch_size_finder import first_batch, is_out_of_memory

    assert [first_batch(n) for n in (1, 10, 100, 5000, 10**7)] == [1, 1, 8, 256, 65_536]
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 99 bytes"))
    assert not is_out_of_memory(RuntimeError("another"))
