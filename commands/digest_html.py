"""A digest as an HTML page that stands alone, to be read and printed; it fetches nothing, and typed words are text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring  # it writes, and reads nothing

from commands.digest_page import (
    AGES,
    NOTHING,
    TIMES,
    days,
    lasting,
    later_words,
    marking_of,
    part_words,
    picture,
    said,
    title_words,
    undelivered_words,
    unfetched_words,
    why_unfetched,
)
from commands.message import Instant
from commands.outlook import Outlook, Part, partner
from commands.plain import inert, instant_text
from commands.request_page import short
from storage.exhibits import Unfetched
from storage.lines import Line
from storage.words import RUNNING_STATES, Marking, exhibit_ref, request_ref

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #000; background: #fff; max-width: 72em; margin: 1.5em auto;
  padding: 0 1em }
h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin: 1.6em 0 .3em }
.marking { font-weight: bold; text-align: center; border: 2px solid; padding: .2em }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25em .8em .25em 0; border-bottom: 1px solid #999 }
.requests { table-layout: fixed }
.requests :is(th:nth-child(1), th:nth-child(2)) { width: 8% } .requests th:nth-child(3) { width: 10% }
.requests :is(th:nth-child(4), th:nth-child(5)) { width: 24% }
td:first-child { white-space: nowrap } td:last-child, code { overflow-wrap: anywhere }
svg { display: block; width: 100%; max-width: 50em; height: auto; margin: .6em 0 }
@media print {
  body { font-size: 9pt; margin: 0; max-width: none; padding: 0 }
  tr, svg { break-inside: avoid } h2 { break-after: avoid } thead { display: table-header-group }
}
"""
_HEADS = ("Request", "Partner", "Days", "Due", "Last word", "What is asked")


def page(outlook: Outlook, *, rehearsal: bool) -> str:
    """All of the digest, its marking first and last."""
    root = Element("html", lang="en")
    head, body = SubElement(root, "head"), SubElement(root, "body")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width")
    badge = f"{'REHEARSAL ' if rehearsal else ''}TLP:{marking_of(outlook)}"
    title = title_words(outlook) + instant_text(Instant(outlook.at, (outlook.zone,)))
    _add(head, "title", f"{badge} {title}")
    _add(head, "style", _STYLE)
    _add(body, "p", badge, {"class": "marking"})
    _add(body, "h1", title)
    _fill(body, outlook)
    _add(_add(body, "p", f"Ledger: {outlook.head.count} entries, head "), "code", outlook.head.hash)
    _add(body, "p", badge, {"class": "marking"})
    return f"<!DOCTYPE html>\n{tostring(root, encoding='unicode', method='html')}\n"


def _fill(body: Element, outlook: Outlook) -> None:
    if outlook.is_clear:
        _add(body, "p", NOTHING)
    for part, some in outlook.parts.items():
        if some.number:
            _add(body, "h2", part_words(part, some))
            _rows(body, _HEADS, (_cells(outlook, part, line) for line in some.first)).set("class", "requests")
    if outlook.undelivered.number:
        _add(body, "h2", undelivered_words(outlook))
        last = outlook.undelivered.last
        about = [request_ref(one.request_id) if one.request_id is not None else "" for one in last]
        told = ((str(one.letter), ref, one.place, one.why) for one, ref in zip(last, about, strict=True))
        _rows(body, ("Letter", "About", "To", "Why"), told)
    if outlook.unfetched:
        _add(body, "h2", unfetched_words(outlook))
        found = ((exhibit_ref(one.number), request_ref(one.request_id), *_told(one)) for one in outlook.unfetched)
        _rows(body, ("Exhibit", "Request", "File", "Why"), found)
    if any(outlook.later):
        _add(body, "p", later_words(outlook))
    if outlook.times:
        _add(body, "h2", TIMES)
        heads = ("Partner", "Median", "90th percentile", "Answers", "Median before", "Trend")
        _rows(body, heads, (
            (
                one.partner, lasting(one.median), lasting(one.ninetieth), str(one.answers),
                lasting(one.before) if one.before is not None else "", one.trend or "",
            )
            for one in outlook.times
        ))  # fmt: skip
    if outlook.ages:
        _add(body, "h2", picture(outlook).title)
        body.append(_bars(outlook.ages))
        rows = ((name, *map(str, numbers), str(sum(numbers))) for name, numbers in outlook.ages.items())
        _rows(body, ("Partner", *(age.capitalize() for age in AGES), "All"), rows)


def _cells(outlook: Outlook, part: Part, line: Line) -> tuple[str, ...]:
    """Of a RED one no more than a digest in a room says."""
    due = instant_text(Instant(line.due_at, (line.asked_zone, line.asking_zone)))
    when = days(line, outlook.at) if part is not Part.LAPSING else "data kept until then"
    if line.marking is Marking.RED:
        return f"{request_ref(line.number)} [RED]", "", when, due, "", ""
    state = f", {line.state}" if outlook.viewer is None and line.state in RUNNING_STATES else ""
    words = short(line.what) if outlook.viewer is not None else ""
    return request_ref(line.number), partner(line, outlook.viewer) + state, when, due, last_word(outlook, line), words


def _told(one: Unfetched) -> tuple[str, str]:
    return "" if one.marking is Marking.RED else short(one.name), why_unfetched(one)


def last_word(outlook: Outlook, line: Line) -> str:
    """Who last said or did something, and when; empty if that is not to be told."""
    if (found := outlook.words.get(line.number)) is None:
        return ""
    code, word = found
    return f"{code} {said(word.step)} {instant_text(Instant(word.at, (outlook.zone,)))}"


def _rows(body: Element, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Element:
    table = SubElement(body, "table")
    top = SubElement(SubElement(table, "thead"), "tr")
    for head in heads:
        _add(top, "th", head)
    below = SubElement(table, "tbody")
    for row in rows:
        line = SubElement(below, "tr")
        for cell in row:
            _add(line, "td", cell)
    return table


def _add(parent: Element, tag: str, words: str, named: Mapping[str, str] | None = None) -> Element:
    made = SubElement(parent, tag, dict(named or {}))
    made.text = inert(words)
    return made


# The bars: in black on white, told apart by patterns, since paper and some readers know no colours

_LABEL, _FULL, _ROW, _BAR, _TOP = 150, 560, 34, 24, 40
_LINES = ("", "M0 8 L8 0", "M0 4 H8", "M0 0 H8 V8 H0 Z")
"""What is drawn in each 8 by 8 of a pattern, the youngest first; the last is filled."""


def _bars(ages: Mapping[str, Sequence[int]]) -> Element:
    """The words that say the same stand in the table below them."""
    most = max(map(sum, ages.values()))
    height = _TOP + _ROW * len(ages)
    svg = Element(
        "svg", {"viewBox": f"0 0 800 {height}", "role": "img", "aria-label": "The numbers of the table below"}
    )
    defs = SubElement(svg, "defs")
    for number, drawn in enumerate(_LINES):
        tile = SubElement(
            defs, "pattern", {"id": f"age{number}", "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"}
        )
        solid = "#000" if number == len(_LINES) - 1 else "none"
        SubElement(tile, "path", {"d": drawn, "stroke": "#000", "stroke-width": "1.2", "fill": solid})
    for number, age in enumerate(AGES):
        swatch = _LABEL + number * 150
        _part(svg, swatch, 6, 20, number, 18)
        _add(svg, "text", age, {"x": str(swatch + 28), "y": "20", "font-size": "15"})
    for row, (name, numbers) in enumerate(ages.items()):
        top = _TOP + row * _ROW
        _add(svg, "text", short(name, 16), {"x": "0", "y": str(top + 18), "font-size": "16"})
        for number, left, width in _along(numbers, most):
            _part(svg, left, top, width, number, _BAR)
        end = str(_LABEL + _FULL * sum(numbers) / most + 8)
        _add(svg, "text", str(sum(numbers)), {"x": end, "y": str(top + 18), "font-size": "16"})
    return svg


def _along(numbers: Sequence[int], most: int) -> Iterator[tuple[int, float, float]]:
    """Each part that is there: which, where it begins and how wide it is."""
    left = float(_LABEL)
    for number, count in enumerate(numbers):
        width = _FULL * count / most
        if count:
            yield number, left, width
        left += width


def _part(svg: Element, left: float, top: int, width: float, number: int, height: int) -> None:
    SubElement(svg, "rect", {
        "x": f"{left:.1f}", "y": str(top), "width": f"{width:.1f}", "height": str(height),
        "fill": f"url(#age{number})", "stroke": "#000",
    })  # fmt: skip
