"""HTML pages from the templates of `plexus/templates`."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.utils.formatting import number

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parents[1] / "templates"
SCRIPTS = Path(__file__).parents[1] / "studio" / "static"


def render(template: str, **values: object) -> str:
    """Render a page; values are escaped.

    Args:
        template: File name of the template.
        **values: Values of the template's variables.

    Returns:
        The page.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, SCRIPTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment
