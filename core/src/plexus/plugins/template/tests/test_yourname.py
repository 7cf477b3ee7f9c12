"""The conformance kit, on this plugin."""

from plexus.testing import check_plugin, check_task, parametrize_tasks


def test_plugin():
    assert check_plugin("yourname") == []


@parametrize_tasks("yourname")
def test_task(id, tmp_path):
    check_task(id, tmp_path)
