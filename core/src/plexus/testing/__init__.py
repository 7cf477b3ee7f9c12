"""The conformance kit: what every plugin has to keep to, as checks that anyone can run on theirs.

Example:
    from plexus.testing import check_plugin, check_task, parametrize_tasks

    def test_plugin():
        assert check_plugin("weather") == []

    @parametrize_tasks("weather")
    def test_task(id, tmp_path):
        check_task(id, tmp_path)
"""

from plexus.testing.parametrize import parametrize_tasks as parametrize_tasks
from plexus.testing.plugin import check_plugin as check_plugin
from plexus.testing.task import check_task as check_task
