"""Draws a Picture as PNG, the same bytes for the same bars; what it shows is said in words beside it, not here.

In black on white, told apart by patterns and outlines, never by colours: for print, for phones, for whoever sees no
colours. Figures stand within the bars where there is room, and the sum behind each.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from commands.message import Picture
from commands.plain import inert

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

WIDTH = 800
"""Pixels. On a phone they come out at a little less than half their size, so the smallest letters have 24."""

ROWS_MOST = 60
"""Bars that are drawn: a server takes no picture of any height, and nobody looks at one."""

_MARGIN, _GAP = 28, 14
_BAR, _ROW = 36, 52
_SWATCH_WIDTH, _SWATCH, _SPACE = 40, 30, 20
_TITLE_SIZE, _SIZE, _SMALL = 36, 30, 24
_LABEL_MOST = 300
_LEAST = 5
"""Pixels of what is there at all."""

_BLACK, _GREY, _WHITE = 0, 176, 255


@dataclass(frozen=True)
class Drawing:
    """`width` and `height` in pixels."""

    png: bytes = field(repr=False)
    width: int
    height: int


async def drawn(picture: Picture, badge: str) -> Drawing:
    """As `draw`, off the event loop."""
    return await asyncio.to_thread(draw, picture, badge)


def draw(picture: Picture, badge: str = "") -> Drawing:
    """`badge` stands at both ends: a picture is saved and passed on without the message that it came with."""
    from PIL import Image  # noqa: PLC0415  # few processes ever draw, and it costs every start 50 ms and 10 MB

    sheet = _Sheet(picture, badge)
    image = Image.new("L", (WIDTH, sheet.height), _WHITE)
    sheet.fill(image)
    png = BytesIO()
    image.save(png, "PNG", optimize=True)
    return Drawing(png.getvalue(), WIDTH, sheet.height)


def file_name(picture: Picture) -> str:
    """`open-requests-by-partner-and-age.png`."""
    words = re.sub(r"[^a-z0-9]+", "-", picture.title.lower()).strip("-")[:80].strip("-")
    return f"{words or 'picture'}.png"


class _Sheet:
    """Where everything stands."""

    def __init__(self, picture: Picture, badge: str) -> None:
        self._badge = badge
        self._columns = [_line(column) for column in picture.columns]
        self._rows = [(_line(name), parts) for name, parts in picture.rows[:ROWS_MOST]]
        self._more = len(picture.rows) - len(self._rows)
        self._most = max((sum(parts) for _name, parts in self._rows), default=0)
        self._small, self._font = _font(_SMALL), _font(_SIZE)
        self._title_font = _font(_TITLE_SIZE)
        self._title = _wrapped(_line(picture.title), self._title_font, WIDTH - 2 * _MARGIN)
        self._label = min(_LABEL_MOST, max((_width(name, self._font) for name, _parts in self._rows), default=0))
        self._sum = max((_width(_figure(sum(parts)), self._font) for _name, parts in self._rows), default=0)
        self._legend = list(_laid_out(self._columns, self._small))
        ends = self._badge_height * 2 + 2 * _MARGIN
        lines = max((line for _name, _x, line in self._legend), default=-1) + 1
        body = len(self._rows) * _ROW + (_ROW if self._more or not self._rows else 0)
        self.height = ends + len(self._title) * (_TITLE_SIZE + 8) + _GAP + lines * (_SWATCH + _GAP) + _GAP + body

    @property
    def _badge_height(self) -> int:
        return _SMALL + _GAP if self._badge else 0

    def fill(self, image: Image.Image) -> None:
        from PIL import ImageDraw  # noqa: PLC0415  # as above

        pen = ImageDraw.Draw(image)
        y = _MARGIN
        if self._badge:
            pen.text((WIDTH - _MARGIN, y), self._badge, _BLACK, self._small, "ra")
            pen.text((WIDTH - _MARGIN, self.height - _MARGIN), self._badge, _BLACK, self._small, "rd")
            y += self._badge_height
        for line in self._title:
            pen.text((_MARGIN, y), line, _BLACK, self._title_font, stroke_width=0.5)
            y += _TITLE_SIZE + 8
        y = self._draw_legend(image, pen, y + _GAP) + _GAP
        for name, parts in self._rows:
            self._draw_row(image, pen, y, name, parts)
            y += _ROW
        if self._more:
            pen.text((_MARGIN, y + _BAR / 2), f"and {self._more} more", _BLACK, self._font, "lm")
        elif not self._rows:
            pen.text((_MARGIN, y + _BAR / 2), "none", _BLACK, self._font, "lm")

    def _draw_legend(self, image: Image.Image, pen: ImageDraw.ImageDraw, y: int) -> int:
        bottom = y
        for number, (name, x, line) in enumerate(self._legend):
            top = y + line * (_SWATCH + _GAP)
            _paint(image, pen, (x, top, x + _SWATCH_WIDTH, top + _SWATCH), number)
            pen.text((x + _SWATCH_WIDTH + 10, top + _SWATCH / 2), name, _BLACK, self._small, "lm")
            bottom = top + _SWATCH + _GAP
        return bottom

    def _draw_row(
        self, image: Image.Image, pen: ImageDraw.ImageDraw, y: int, name: str, parts: tuple[int, ...]
    ) -> None:
        middle = y + _BAR / 2
        font = self._font if _width(name, self._font) <= _LABEL_MOST else self._small
        pen.text((_MARGIN + self._label, middle), _shortened(name, font), _BLACK, font, "rm")
        left = x = _MARGIN + self._label + _GAP
        pen.line((left, y - (_ROW - _BAR) // 2, left, y + _BAR + (_ROW - _BAR) // 2), _GREY, 2)
        room = max(_BAR, WIDTH - _MARGIN - self._sum - _GAP - left)
        for number, (part, width) in enumerate(zip(parts, _widths(parts, self._most, room), strict=True)):
            if part:
                box = (x, y, x + width, y + _BAR)
                _paint(image, pen, box, number)
                _write_within(pen, box, _figure(part), self._small, number)
                x += width
        pen.text((x + _GAP, middle), _figure(sum(parts)), _BLACK, self._font, "lm", stroke_width=0.5)


Box = tuple[int, int, int, int]


def _widths(parts: tuple[int, ...], most: int, room: int) -> list[int]:
    """Pixels of each part, of a bar that has `room` where it is the longest; what is there is seen."""
    widths = [max(_LEAST, part * room // most) if part else 0 for part in parts]
    while (over := sum(widths) - room) > 0:  # at the cost of the widest
        widest = widths.index(max(widths))
        widths[widest] -= min(over, max(1, widths[widest] - _LEAST))
    return widths


def _paint(image: Image.Image, pen: ImageDraw.ImageDraw, box: Box, number: int) -> None:
    """The pattern of a column: white, dotted, hatched, black, from the first to the fourth; then the same on grey."""
    left, top, right, bottom = box
    ground = _WHITE if number // 4 % 2 == 0 else _GREY
    pen.rectangle(box, ground)
    match number % 4:
        case 0:
            pass
        case 1:
            for y in range(top + 6, bottom - 2, 9):
                for x in range(left + 6, right - 2, 9):
                    pen.rectangle((x, y, x + 2, y + 2), _BLACK)
        case 2:
            height, width = bottom - top, right - left
            hatch = image.crop(box)
            lines = _pen(hatch)
            for x in range(-height, width, 11):
                lines.line((x, height, x + height, 0), _BLACK, 3)
            image.paste(hatch, (left, top))
        case _:
            pen.rectangle(box, _BLACK if ground == _WHITE else 96)
    pen.rectangle(box, outline=_BLACK, width=2)


def _pen(image: Image.Image) -> ImageDraw.ImageDraw:
    from PIL import ImageDraw  # noqa: PLC0415  # as above

    return ImageDraw.Draw(image)


def _write_within(pen: ImageDraw.ImageDraw, box: Box, figure: str, font: ImageFont.FreeTypeFont, number: int) -> None:
    """The figure, if it has room, on a ground of its own where the pattern would cross it."""
    left, top, right, bottom = box
    half, patterned = _width(figure, font) / 2 + 5, number % 4 in {1, 2}
    if right - left < 2 * half + (16 if patterned else 6):
        return
    x, y = (left + right) / 2, (top + bottom) / 2
    dark = number % 4 == 3  # noqa: PLR2004  # the black one
    if patterned:
        pen.rectangle((x - half, top + 4, x + half, bottom - 4), _WHITE)
    pen.text((x, y), figure, _WHITE if dark else _BLACK, font, "mm")


def _laid_out(columns: list[str], font: ImageFont.FreeTypeFont) -> Iterator[tuple[str, int, int]]:
    """Each entry of the legend with its x and the line that it stands on."""
    x, line = _MARGIN, 0
    for column in columns:
        width = _SWATCH_WIDTH + 10 + _width(column, font) + _SPACE
        if x > _MARGIN and x + width - _SPACE > WIDTH - _MARGIN:
            x, line = _MARGIN, line + 1
        yield column, x, line
        x += width


def _wrapped(words: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, font) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _shortened(name: str, font: ImageFont.FreeTypeFont) -> str:
    kept = name
    while kept and _width(kept if kept == name else f"{kept}…", font) > _LABEL_MOST:
        kept = kept[:-1]
    return kept if kept == name else f"{kept}…"


def _line(words: str) -> str:
    return " ".join(inert(words).split())


def _figure(number: int) -> str:
    return f"{number:,}"


def _width(words: str, font: ImageFont.FreeTypeFont) -> int:
    return round(font.getlength(words))


def _font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own: a machine's fonts would draw another picture on each of them."""
    from PIL import ImageFont  # noqa: PLC0415  # as above

    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"  # noqa: S101
    return font
