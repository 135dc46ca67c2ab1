"""What Slack makes of a text: what becomes a mention or a link in it, and what a person reads; it judges nothing.

https://docs.slack.dev/messaging/formatting-message-text. Where the documentation leaves room, more is taken for alive:
any name with a dot may be a domain, and code protects nothing, as Slack looks for addresses before it formats
(https://github.com/bitrise-steplib/steps-slack-message/issues/7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_ANGLED = re.compile(r"<([^<>\n]*)>")
_SCHEME = r"[a-z][a-z0-9+.-]*:"
_WORD = r"[^\W_]"
_DOMAIN = rf"(?:{_WORD}(?:[\w-]{{0,61}}{_WORD})?\.){{1,9}}[^\W\d_]{{2,}}"
_ALIVE = re.compile(
    r"@[UW][A-Z0-9]+|#[CGD][A-Z0-9]+|!subteam\^[A-Z0-9]+|!(?:channel|here|everyone|group)|!date\^\d+\^[^^]+(?:\^.+)?"
    rf"|(?i:{_SCHEME}|{_DOMAIN}).*",
    re.DOTALL,
)
_ADDRESS = re.compile(
    rf"(?:(?:https?|ftp|slack)://|mailto:|tel:)[^\s<>|`]+"
    rf"|(?<!{_WORD})(?:[\w.+-]{{1,64}}@)?{_DOMAIN}(?![\w@])(?::\d+)?(?:[/?#][^\s<>|`]*)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w@&#])(?:@(?:channel|here|everyone|group)\b|#[^\W_][\w-]*)")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTER = {"amp": "&", "lt": "<", "gt": ">"}
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_MARKED = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n]{0,3000}?\S)\1(?![\w*_~])")


def active(text: str, *, verbatim: bool = False, names: bool | None = None) -> list[str]:
    """What is alive in a mrkdwn text, as it stands there and in its order.

    Always: `<@U1>`, `<#C1>`, `<!channel>`, `<!here>`, `<!everyone>`, `<!subteam^S1>`, `<!date^...>`, `<http://x|y>`.
    Unless `verbatim`: bare addresses and e-mail addresses, and (`names`, if it is not given) `@here` and `#channel`.
    """
    found = [(m.start(), m.group()) for m in _ANGLED.finditer(text) if _ALIVE.fullmatch(m[1].partition("|")[0])]
    bare = _ANGLED.sub(lambda m: " " * len(m.group()), text)
    if not verbatim:
        found += [(m.start(), m.group()) for m in _ADDRESS.finditer(bare)]
    if not verbatim if names is None else names:
        found += [(m.start(), m.group()) for m in _NAME.finditer(bare)]
    return [words for _, words in sorted(found)]


def live(payload: Mapping[str, Any]) -> list[str]:
    """What is alive in a whole message or view: its text, its blocks, its attachments.

    The top-level text has its addresses linked unless `parse` is "none", and its names only by `link_names` or by
    `parse` "full".
    """
    parse = payload.get("parse")
    names = bool(payload.get("link_names")) or parse == "full"
    found = active(payload.get("text") or "", verbatim=parse == "none", names=names)
    found += _within(payload.get("blocks") or [])
    for one in payload.get("attachments") or []:
        older = (one.get(key) or "" for key in ("pretext", "title", "text", "footer"))
        found += [*(words for text in older for words in active(text)), *_within(one.get("blocks") or [])]
        found += [words for field in one.get("fields") or [] for words in active(field.get("value") or "")]
    return found


_RICH = {"broadcast": "range", "channel": "channel_id", "date": "timestamp", "link": "url", "team": "team_id",
         "user": "user_id", "usergroup": "usergroup_id"}  # fmt: skip


def _within(node: Any) -> list[str]:
    """Plain text is not looked at: in it nothing comes alive."""
    if isinstance(node, list | tuple):
        return [words for item in node for words in _within(item)]
    if not isinstance(node, Mapping):
        return []
    match node.get("type"):
        case "mrkdwn":
            return active(node["text"], verbatim=node.get("verbatim") is True)
        case "markdown":
            return active(node["text"])
        case kind if isinstance(kind, str) and _RICH.get(kind, "") in node:
            return [f"<{kind} {node[_RICH[kind]]}>"]
        case _:
            return [words for value in node.values() for words in _within(value)]


def plain(payload: Mapping[str, Any]) -> str:
    """What a person reads of a message: the blocks, a line or more each, where there are any, else the text.

    Emphasis is left out, code keeps its backticks, a button is `[Label]`, a menu `[placeholder]`.
    """
    if payload.get("blocks"):
        lines = [line for block in payload["blocks"] for line in _lines(block)]
    else:
        lines = [read(payload["text"])] if payload.get("text") else []
    for one in payload.get("attachments") or []:
        older = (one.get(key) for key in ("pretext", "title", "text"))
        lines += [plain({"blocks": one["blocks"]})] if one.get("blocks") else [read(text) for text in older if text]
    return "\n".join(lines)


def read(text: str) -> str:
    """A mrkdwn text as it is shown, without emphasis."""
    shown, at = "", 0
    for code in _CODE.finditer(text):
        shown += _unmarked(text[at : code.start()]) + code.group()
        at = code.end()
    shown += _unmarked(text[at:])
    return unescape(_ANGLED.sub(_shown, shown))


def unescape(text: str) -> str:
    """Slack knows these three entities and no others, and reads each once."""
    return _ENTITY.sub(lambda m: _CHARACTER[m[1]], text)


def _unmarked(text: str) -> str:
    while (less := _MARKED.sub(r"\2", text)) != text:
        text = less
    return text


def _shown(angled: re.Match[str]) -> str:
    target, _, label = angled[1].partition("|")
    if not _ALIVE.fullmatch(target):
        return angled.group()
    if target.startswith("!date"):
        return label
    sign = target[0] if target[0] in "@#" else "@" if target[0] == "!" else ""
    name = label or target.removeprefix("!").removeprefix("subteam^").removeprefix(sign)
    return name if name.startswith(sign) else sign + name


def _words(node: Mapping[str, Any]) -> str:
    return read(node["text"]) if node["type"] == "mrkdwn" else unescape(node["text"])


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "section":
            yield from map(_words, [block["text"]] if "text" in block else [])
            yield from map(_words, block.get("fields", []))
            yield from filter(None, map(_pressed, [block["accessory"]] if "accessory" in block else []))
        case "header":
            yield _words(block["text"])
        case "context" | "actions":
            yield " ".join(filter(None, map(_pressed, block["elements"])))
        case "input":
            yield " ".join(filter(None, (_words(block["label"]), _pressed(block["element"]))))
        case "markdown":
            yield block["text"]
        case "image" | "video":
            yield _words(block["title"]) if "title" in block else block["alt_text"]
        case "rich_text":
            yield from _rich_lines(block)
        case "table":
            for row in block["rows"]:
                yield " | ".join(cell["text"] if "text" in cell else "\n".join(_rich_lines(cell)) for cell in row)


def _pressed(element: Mapping[str, Any]) -> str:
    match element:
        case {"type": "plain_text" | "mrkdwn"}:
            return _words(element)
        case {"type": "image", "alt_text": str(words)}:
            return words
        case {"text": {"text": str(words)}} | {"initial_option": {"text": {"text": str(words)}}}:
            return f"[{unescape(words)}]"
        case {"type": "overflow" | "checkboxes" | "radio_buttons", "options": list(offered)}:
            return " ".join(f"[{_words(one['text'])}]" for one in offered)
        case {"initial_value": str(words)} | {"placeholder": {"text": str(words)}}:
            return f"[{unescape(words)}]"
        case _:
            return ""


def _rich_lines(block: Mapping[str, Any]) -> Iterator[str]:
    for piece in block["elements"]:
        match piece["type"]:
            case "rich_text_list":
                yield from (f"- {''.join(map(_rich, item['elements']))}" for item in piece["elements"])
            case "rich_text_quote":
                yield from (f"> {line}" for line in "".join(map(_rich, piece["elements"])).split("\n"))
            case _:
                yield "".join(map(_rich, piece["elements"]))


def _rich(part: Mapping[str, Any]) -> str:
    match part:
        case {"type": "text" | "link", "text": str(words)}:
            return f"`{words}`" if part.get("style", {}).get("code") else words
        case {"type": "emoji", "name": str(name)}:
            return f":{name}:"
        case {"type": "date"}:
            return str(part.get("fallback", part["timestamp"]))
        case {"type": "user" | "usergroup" | "broadcast" as kind}:
            return f"@{part[_RICH[kind]]}"
        case {"type": "channel", "channel_id": str(name)}:
            return f"#{name}"
        case _:
            return str(part.get("url") or part.get("value") or part.get("team_id") or "")
