"""What JSON may look like, told in the words of Slack's refusals; it knows no block and no message.

The wordings are Slack's own where answers of its API are on record; all of them point at the place as its do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Self

Check = Callable[[Any, str], Iterator[str]]
"""Says what is wrong with a value that stands at a JSON pointer."""
Rule = Callable[[Mapping[str, Any], str], Iterator[str]]
"""Says what is wrong between the fields of an object."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)


class Refusal(str):
    """The error code that Slack answers, with the `messages` that say what and where."""

    __slots__ = ("messages",)
    messages: tuple[str, ...]

    def __new__(cls, code: str, messages: Iterable[str] = ()) -> Self:
        refusal = super().__new__(cls, code)
        refusal.messages = tuple(messages)
        return refusal

    def body(self) -> dict[str, Any]:
        """The Web API's answer."""
        answer: dict[str, Any] = {"ok": False, "error": str(self)}
        if self.messages:
            answer["errors"] = [message.removeprefix("[ERROR] ") for message in self.messages]
            answer["response_metadata"] = {"messages": list(self.messages)}
        return answer


def fault(words: str, at: str) -> str:
    return f"[ERROR] {words} [json-pointer:{at}]"


def string(most: int | None = None, *, least: int = 0, like: re.Pattern[str] | None = None) -> Check:
    """Lengths in code points of what is sent, so that an `&amp;` counts five."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield fault("must be a string", at)
        elif len(value) < least:
            yield fault(f"must be more than {least - 1} characters", at)
        elif most is not None and len(value) > most:
            yield fault(f"must be less than {most + 1} characters", at)
        elif like and not like.fullmatch(value):
            yield fault("must match the expected format", at)

    return check


def url(most: int = 3000) -> Check:
    return string(most, least=1, like=_SCHEME)


def web_url(most: int = 3000) -> Check:
    """An address that Slack's own servers fetch or embed."""
    return string(most, least=1, like=_WEB)


def day(value: Any, at: str) -> Iterator[str]:
    """YYYY-MM-DD, a day that there is."""
    try:
        right = date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        right = False
    if not right:
        yield fault("must be a valid date", at)


def mapping(value: Any, at: str) -> Iterator[str]:
    """An object of whatever."""
    if not isinstance(value, Mapping):
        yield fault("must be an object", at)


def boolean(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield fault("must be a boolean", at)


def integer(least: int, most: int | None = None) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield fault("must be an integer", at)
        elif value < least:
            yield fault(f"must be greater than {least - 1}", at)
        elif most is not None and value > most:
            yield fault(f"must be less than {most + 1}", at)

    return check


def choice(*values: str) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in values:
            yield fault("must be a valid enum value", at)

    return check


def array(of: Check, most: int | None = None, *, least: int = 1) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list | tuple):
            yield fault("must be an array", at)
            return
        if len(value) < least:
            yield fault(f"no fewer than {least} items allowed", at)
        if most is not None and len(value) > most:
            yield fault(f"no more than {most} items allowed", at)
        for index, item in enumerate(value):
            yield from of(item, f"{at}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *rules: Rule) -> Check:
    """An object with these fields and no others; the rules are asked once each field is right by itself."""
    fields = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield fault("must be an object", at)
            return
        found = [fault(f"missing required field: {name}", at) for name in required if name not in value]
        found += [fault(f"invalid additional property: {name}", at) for name in value if name not in fields]
        for name, of in fields.items():
            if name in value:
                found += of(value[name], f"{at}/{name}")
        yield from found
        if not found:
            for rule in rules:
                yield from rule(value, at)

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which it is."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield fault("must be an object", at)
        elif "type" not in value:
            yield fault("missing required field: type", at)
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            yield fault(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            yield from kinds[value["type"]](value, at)

    return check


def any_of(of: Check) -> Check:
    """Where Slack tries several schemas, it says so before it says what was wrong."""

    def check(value: Any, at: str) -> Iterator[str]:
        found = list(of(value, at))
        if found:
            yield fault("failed to match all allowed schemas", at)
        yield from found

    return check


def one_of(*names: str) -> Rule:
    """Exactly one of these fields."""

    def rule(value: Mapping[str, Any], at: str) -> Iterator[str]:
        if sum(name in value for name in names) != 1:
            yield fault("must define either " + " or ".join(f"`{name}`" for name in names), at)

    return rule


def unique(values: Sequence[tuple[str, str]], name: str) -> Iterator[str]:
    """Nothing twice, of values and where each stands."""
    seen: set[str] = set()
    for value, at in values:
        if value in seen:
            yield fault(f'`{name}` "{value}" already exists', at)
        seen.add(value)
