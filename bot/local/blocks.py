"""A message's blocks as Textual draws them; what people typed is content there, never markup."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING, assert_never

from textual.containers import Grid
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bot.local.buttons import Buttons
from commands.message import (
    Actions,
    Block,
    Code,
    Document,
    Enclosure,
    Fields,
    Heading,
    Instant,
    Items,
    Mention,
    Paragraph,
    Picture,
    Quote,
    Ref,
    Span,
    Spans,
    Strong,
    Text,
)
from commands.plain import inert, instant_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Part = Content | Widget


def as_widgets(parts: Iterable[Part]) -> Iterator[Widget]:
    """Lines that stand together become one widget: a conversation has hundreds, and each costs layout."""
    for is_text, run in groupby(parts, key=lambda part: isinstance(part, Content)):
        if is_text:
            yield Static(Content("\n").join(part for part in run if isinstance(part, Content)))
        else:
            yield from (part for part in run if isinstance(part, Widget))


def drawn(block: Block, message: str = "") -> Part:
    """`message` is the id of the message that the block's buttons stand in."""
    match block:
        case Heading(spans):
            return content(spans).stylize("bold")
        case Paragraph(spans):
            return content(spans)
        case Fields(rows):
            cells = ((Static(Content(inert(label)), classes="label"), Static(content(value))) for label, value in rows)
            return Grid(*chain.from_iterable(cells), classes="pairs")
        case Items(items):
            pairs = ((Static("•", classes="label"), Static(content(item))) for item in items)
            return Grid(*chain.from_iterable(pairs), classes="pairs")
        case Quote(spans):
            return Static(content(spans), classes="quote")
        case Picture():
            return bars(block)
        case Document() | Enclosure():
            return Content(block.described())
        case Actions(buttons):
            return Buttons(message, buttons)
        case _:
            assert_never(block)


SHADES = "█▓▒░"
"""From the first column to the last: apart even without colours."""
WIDTH = 40


def bars(picture: Picture) -> Static:
    """Drawn with block characters; the legend below says which shade is which."""
    most = max((sum(parts) for _name, parts in picture.rows), default=0) or 1
    names = max((len(name) for name, _parts in picture.rows), default=0)
    lines = [Content(inert(picture.title)).stylize("bold")]
    for name, parts in picture.rows:
        bar = "".join(shade * round(WIDTH * number / most) for shade, number in zip(SHADES, parts, strict=False))
        lines.append(Content(f"{inert(name):>{names}} {bar} {sum(parts)}"))
    legend = "   ".join(f"{shade} {inert(name)}" for shade, name in zip(SHADES, picture.columns, strict=False))
    return Static(Content("\n").join([*lines, Content(legend)]))


def content(spans: Spans) -> Content:
    return Content.assemble(*map(_styled, spans))


def _styled(span: Span) -> tuple[str, str]:
    match span:
        case Text(text):
            return inert(text), ""
        case Strong(text):
            return inert(text), "bold"
        case Code(text):
            return inert(text), "$text-warning on $panel"
        case Mention(_, name):
            return f"@{inert(name)}", "$text-primary"
        case Instant():
            return instant_text(span), ""
        case Ref(ref):
            return ref, "$text-primary bold"
        case _:
            assert_never(span)
