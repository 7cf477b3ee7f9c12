"""Conformance checks for plugins, modelled on scikit-learn's estimator checks.

Example:
    ```python
    from plexus.testing import parametrize_with_checks

    @parametrize_with_checks("weather")
    def test_conformance(check):
        check()
    ```
"""

from plexus.testing.parametrize import parametrize_with_checks as parametrize_with_checks
from plexus.testing.runner import check_plugin as check_plugin
from plexus.testing.runner import check_task as check_task
from plexus.testing.trial import Trial as Trial
