"""The picture says what its data say, in black and white, the same on every run; and nothing draws before it must."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given, settings
from PIL import Image

from bot.picture import ROWS_MOST, WIDTH, draw, drawn, file_name
from commands.message import Picture
from tests.messages import PICTURES
from tests.synapse import ROOT

AGES = ("under a week", "1 to 2 weeks", "2 to 4 weeks", "older")
TITLE = "Open requests by partner and age"


def bars(*rows: tuple[str, tuple[int, ...]]) -> Picture:
    return Picture(TITLE, AGES, rows)


def pixels(picture: Picture, badge: str = "TLP:AMBER") -> Image.Image:
    found = Image.open(BytesIO(draw(picture, badge).png))
    found.load()
    return found


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How much of a part is dark, 0 to 1."""
    part = image.crop(box)
    return sum(part.histogram()[:128]) / (part.width * part.height)


def last_row(image: Image.Image) -> tuple[int, int]:
    """Where the bar of the last row begins and ends, seen from above, with the marking below it."""
    bottom = image.height - 28 - 38
    return bottom - 52, bottom - 52 + 36


def test_it_is_a_grey_png_of_the_size_that_it_says() -> None:
    drawing = draw(bars(("ACMA", (3, 2, 1, 4))), "TLP:AMBER")
    image = Image.open(BytesIO(drawing.png))
    assert (image.format, image.mode, image.size) == ("PNG", "L", (WIDTH, drawing.height))
    assert (drawing.width, len(drawing.png) < 100_000) == (WIDTH, True)


async def test_the_same_bars_are_the_same_bytes() -> None:
    picture = bars(("ACMA", (3, 2, 1, 4)), ("ICO", (0, 0, 0, 0)))
    first = draw(picture, "TLP:AMBER")
    assert (await drawn(picture, "TLP:AMBER")).png == first.png
    assert draw(bars(("ACMA", (3, 2, 1, 5)), ("ICO", (0, 0, 0, 0))), "TLP:AMBER").png != first.png
    assert draw(picture, "TLP:GREEN").png != first.png


def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "from bot.picture import draw; from commands.message import Picture; from hashlib import sha256;"
        f"print(sha256(draw(Picture({TITLE!r}, {AGES!r}, (('ACMA', (3, 2, 1, 4)),)), 'TLP:AMBER').png).hexdigest())"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip() == sha256(draw(bars(("ACMA", (3, 2, 1, 4))), "TLP:AMBER").png).hexdigest()


def test_nothing_is_loaded_before_it_is_drawn() -> None:
    program = "import bot.program, bot.app, sys; print([name for name in sys.modules if name.split('.')[0] == 'PIL'])"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_each_column_has_a_pattern_of_its_own_in_black_and_white() -> None:
    shades = []
    for column in range(len(AGES)):
        image = pixels(bars(("A", tuple(int(column == one) for one in range(len(AGES))))))
        top, bottom = last_row(image)
        shades.append(ink(image, (200, top + 4, 350, bottom - 4)))  # left of the figure in its middle
    white, dotted, hatched, black = shades
    assert white == 0
    assert 0.05 < dotted < 0.2 < hatched < 0.6
    assert black == 1


def test_a_bar_is_as_long_as_its_number() -> None:
    image = pixels(bars(("A", (0, 0, 0, 40)), ("B", (0, 0, 0, 20)), ("C", (0, 0, 0, 0))))
    top, _bottom = last_row(image)
    full, half, none = (ink(image, (60, top - up + 3, WIDTH - 100, top - up + 6)) for up in (104, 52, 0))
    assert full > 0.9
    assert 0.45 < half / full < 0.55
    assert none < 0.1


def test_what_is_there_at_all_is_seen_beside_a_million() -> None:
    image = pixels(bars(("A", (1_234_567, 1, 0, 1)), ("B", (0, 0, 0, 1))))
    top, bottom = last_row(image)
    assert ink(image, (28, top + 8, 60, bottom - 8)) > 0.1


def test_none_and_one_and_thirty_partners() -> None:
    heights = [draw(bars(*((f"AGENCY-{n}", (n, 0, 1, 2)) for n in range(count)))).height for count in (0, 1, 30)]
    assert heights[0] == heights[1] < heights[2] < 2_000


def test_more_partners_than_anybody_looks_at_are_counted() -> None:
    rows = [(f"A{n}", (n, 0, 1, 2)) for n in range(ROWS_MOST + 40)]
    assert draw(bars(*rows)).height == draw(bars(*rows[: ROWS_MOST + 1])).height
    assert draw(bars(*rows)).png != draw(bars(*rows[: ROWS_MOST + 1])).png


@pytest.mark.parametrize("name", ["W" * 20, "A-VERY-LONG-CODE-OF-20", "x" * 500, "", "\x1b[2J\u202e", "어떤 기관"])
def test_a_name_stays_in_its_place(name: str) -> None:
    image = pixels(bars((name, (5, 5, 5, 5)), ("ACMA", (1, 1, 1, 1))))
    assert ink(image, (0, 0, 20, image.height)) == 0
    assert ink(image, (WIDTH - 20, 0, WIDTH, image.height)) == 0


@settings(max_examples=30, deadline=None)
@given(PICTURES)
def test_any_picture_is_drawn(picture: Picture) -> None:
    drawing = draw(picture, "REHEARSAL TLP:AMBER+STRICT")
    assert Image.open(BytesIO(drawing.png)).size == (drawing.width, drawing.height)


def test_absurd_numbers_are_drawn() -> None:
    draw(bars(("ACMA", (10**60, 1, 10**59, 0))))
    draw(Picture(TITLE, tuple(f"column {n}" for n in range(300)), (("ACMA", tuple(range(300))),)))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (TITLE, "open-requests-by-partner-and-age.png"),
        ("../../etc/passwd", "etc-passwd.png"),
        ("어떤", "picture.png"),
        ("x" * 300, "x" * 80 + ".png"),
    ],
)
def test_its_file_has_a_plain_name(title: str, name: str) -> None:
    assert file_name(Picture(title, (), ())) == name
