"""The rich text of Slack's rich_text blocks, tables and inputs; it formats nothing.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from tests.slack.shapes import Check, array, boolean, choice, integer, record, string, tagged, url

_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = record({}, dict.fromkeys(_STYLES, boolean))
_NAME = string(least=1)


def _part(kind: str, required: dict[str, Check], **optional: Check) -> tuple[str, Check]:
    return kind, record({"type": choice(kind), **required}, {"style": _STYLE, **optional})


_TEXT = _part("text", {"text": _NAME})
_LINK = _part("link", {"url": url()}, text=string(), unsafe=boolean)
_PARTS = dict([
    _TEXT,
    _LINK,
    _part("broadcast", {"range": choice("here", "channel", "everyone")}),
    _part("channel", {"channel_id": _NAME}),
    _part("color", {"value": _NAME}),
    _part("date", {"timestamp": integer(0), "format": _NAME}, url=url(), fallback=_NAME),
    _part("emoji", {"name": _NAME}, unicode=_NAME, url=url(), skin_tone=integer(1, 6)),
    _part("team", {"team_id": _NAME}),
    _part("user", {"user_id": _NAME}),
    _part("usergroup", {"usergroup_id": _NAME}),
])  # fmt: skip
_ANY = array(tagged(_PARTS), least=0)


def _piece(kind: str, elements: Check, **optional: Check) -> Check:
    return record({"type": choice(kind), "elements": elements}, optional)


_SECTION = _piece("rich_text_section", _ANY)
_LIST = record(
    {
        "type": choice("rich_text_list"),
        "style": choice("bullet", "ordered"),
        "elements": array(tagged({"rich_text_section": _SECTION})),
    },
    {"indent": integer(0, 8), "offset": integer(0), "border": integer(0, 1)},
)
_PIECES = {
    "rich_text_section": _SECTION,
    "rich_text_list": _LIST,
    "rich_text_preformatted": _piece("rich_text_preformatted", array(tagged(dict([_TEXT, _LINK])), least=0),
                                     border=integer(0, 1), language=_NAME),
    "rich_text_quote": _piece("rich_text_quote", _ANY, border=integer(0, 1)),
}  # fmt: skip
RICH_TEXT = record(
    {"type": choice("rich_text"), "elements": array(tagged(_PIECES))}, {"block_id": string(255, least=1)}
)
