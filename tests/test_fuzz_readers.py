"""Mutated files of every kind end in one line or in data, within time and memory; see `fuzz_readers.py`."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("fuzz_readers", Path(__file__).with_name("fuzz_readers.py"))
fuzz_readers = importlib.util.module_from_spec(SPEC)
sys.modules["fuzz_readers"] = fuzz_readers  # dataclasses look their module up
SPEC.loader.exec_module(fuzz_readers)
COUNT = int(os.environ.get("PLEXUS_FUZZ_COUNT", "150"))
"""Files of each kind."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", fuzz_readers.READERS)
def test_a_mutated_file_is_read_or_refused_in_one_line(kind):
    before = fuzz_readers.peak_memory()
    report = fuzz_readers.run(COUNT, seed=0, names=[kind])
    memory = [failure for failure in report.failures if "the process has used" in failure]
    assert [failure for failure in report.failures if failure not in memory] == []
    assert fuzz_readers.peak_memory() - before < fuzz_readers.MAX_MEMORY
    assert report.outcomes["refused"] > COUNT // 20
