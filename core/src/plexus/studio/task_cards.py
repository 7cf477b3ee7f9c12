"""Cards of the tasks."""

from typing import TYPE_CHECKING

from plexus.studio.site import Site

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def task_cards(site: Site) -> "list[JsonObject]":
    """Return the tasks for a list of cards.

    Args:
        site: The site.

    Returns:
        `id`, `title`, `summary` and `icon` of each; a summary of the form `Title: details` has a short title.
    """
    cards = []
    for id, entry in site.plugins.entries("tasks").items():
        title, colon, details = entry.summary.partition(": ")
        text = details[:1].upper() + details[1:] if colon else ""
        cards.append({"id": id, "title": title, "summary": text, "icon": site.icon_of(id)})
    return cards
