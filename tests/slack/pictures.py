"""Files in the image blocks of a message: which ones Slack takes, and who sees them then; it uploads none.

The refusal's words are Slack's (https://github.com/slackapi/python-slack-sdk/issues/1658).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.slack.files import IMAGES, readable
from tests.slack.kit import Refusal
from tests.slack.shapes import fault
from tests.slack.world import Channel, File, World


def pictures(blocks: Iterable[Mapping[str, Any]], at: str = "/blocks") -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each slack_file, and where it stands."""
    for number, block in enumerate(blocks):
        places = {f"{at}/{number}": block}
        places |= {f"{at}/{number}/elements/{n}": one for n, one in enumerate(block.get("elements") or ())}
        places |= {f"{at}/{number}/accessory": block["accessory"]} if "accessory" in block else {}
        for where, one in places.items():
            if one.get("type") == "image" and "slack_file" in one:
                yield one["slack_file"], f"{where}/slack_file"


def refusal(world: World, poster: str, blocks: Iterable[Mapping[str, Any]]) -> Refusal | None:
    """Of a file that is not there, not looked through yet, no picture, or not the poster's to see."""
    wrong = [where for one, where in pictures(blocks) if _picture(world, poster, one) is None]
    return Refusal("invalid_blocks", [fault("invalid slack file", where) for where in wrong]) if wrong else None


def shared(world: World, poster: str, channel: Channel, ts: str, blocks: Iterable[Mapping[str, Any]]) -> None:
    """Whoever reads the message may see them from now on."""
    for one, _where in pictures(blocks):
        file = _picture(world, poster, one)
        if file is not None:
            file.shares.setdefault(channel.id, []).append(ts)


def _picture(world: World, poster: str, one: Mapping[str, Any]) -> File | None:
    known = (file for file in world.files.values() if one.get("id") == file.id or one.get("url") == world.url_of(file))
    file = next(known, None)
    if file is None or not file.complete or world.clock.now() < file.looked_at:
        return None
    return file if file.mimetype in IMAGES and readable(world, file, poster) else None
