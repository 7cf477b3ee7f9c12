"""Batch size finder: batches that do not fit in memory."""

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "tests/fixtures/limited_memory.py"


@pytest.fixture
def train(forked_script, parity, tmp_path):
    """The function that trains in a process of its own, and returns its result and its standard error."""

    def train_on(backend, batch_size):
        command = [*forked_script(backend), SCRIPT, backend, str(batch_size), tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1]), done.stderr

    return train_on


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_error_names_a_batch_size_that_fits(train, backend):
    """The backend itself refuses the allocation; the finder halves the batch size until it fits."""
    result, stderr = train(backend, 400)
    assert result["error"] == "--batch-size 400 does not fit in memory; 100 does (--batch-size auto finds the largest)"
    assert "200 examples per step do not fit in memory" in stderr
    assert "epoch 1/1" not in stderr  # trials are quiet


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_auto_finds_the_largest_batch_size(train, backend):
    result, stderr = train(backend, "auto")
    assert "128 examples per step do not fit in memory\n--batch-size auto: 64\n" in stderr
    assert result["batch_size"] == 64
    assert result["learning_rate"] == 0.01


def test_first_batch_size_and_memory_errors():
    from plexus.training.batch_size_finder import first_batch_size, is_out_of_memory

    assert [first_batch_size(n) for n in (1, 10, 100, 5000, 10**7)] == [1, 1, 8, 256, 65_536]
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 99 bytes"))
    assert not is_out_of_memory(RuntimeError("another"))


def test_the_batch_size_is_halved_down_to_one_example_per_device():
    from plexus.training.batch_size_finder import largest_batch_size

    sizes = []

    def fits(size):
        sizes.append(size)
        return size <= 12

    assert largest_batch_size(fits, 100, devices=3) == 12
    assert sizes == [99, 48, 24, 12]
    assert largest_batch_size(lambda size: False, 8, devices=2) is None
