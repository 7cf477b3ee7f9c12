"""Summary of the persons in videos."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def summarize_videos(results: "Iterable[JsonObject]") -> "list[JsonObject]":
    """Return when each person is seen in each video.

    Args:
        results: Identified frames: `input`, `time` and `faces` with their `name`; others are not used.

    Returns:
        For each video `input`, the number of `frames`, and `persons`: `name` (None for unknown ones), number of
        `frames`, and the times of the `first` and the `last` one in seconds.
    """
    videos: dict[str, JsonObject] = {}
    for result in results:
        if "time" in result:
            video = videos.setdefault(result["input"], {"input": result["input"], "frames": 0, "persons": {}})
            video["frames"] += 1
            for name in dict.fromkeys(face["name"] for face in result["faces"]):
                person = video["persons"].setdefault(name, {"name": name, "frames": 0, "first": result["time"]})
                person["frames"] += 1
                person["last"] = result["time"]
    return [video | {"persons": list(video["persons"].values())} for video in videos.values()]
