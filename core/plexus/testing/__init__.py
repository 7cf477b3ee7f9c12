"""The conformance kit: what every plugin has to keep to, as checks that anyone can run on theirs.

Example:
    from plexus.testing import check_task

    def test_mine(tmp_path):
        check_task("mine.task", tmp_path)
"""

from plexus.testing.check import check_plugin as check_plugin
from plexus.testing.task import check_task as check_task
