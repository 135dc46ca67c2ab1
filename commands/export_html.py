"""An export as one HTML page that stands alone, to be read and printed; typed words are text, it fetches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring  # it writes, and reads nothing

from commands.plain import inert

Values = Mapping[str, Any]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #000; background: #fff; max-width: 62em; margin: 1.5em auto;
  padding: 0 1em }
h1 { font-size: 1.4em } h2 { font-size: 1.15em; margin: 1.8em 0 .3em } h3 { font-size: 1em; margin: 1.2em 0 .2em }
.marking { font-weight: bold; text-align: center; border: 2px solid; padding: .2em }
dl { display: grid; grid-template-columns: 12em 1fr; gap: .1em 1em; margin: .3em 0 }
dt { font-weight: bold } dd { margin: 0 }
.typed { white-space: pre-wrap; border-left: 3px solid #999; padding-left: .8em; margin: .3em 0 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25em .8em .25em 0; border-bottom: 1px solid #999 }
td:last-child, dd { overflow-wrap: anywhere }
@media print { body { font-size: 9pt; margin: 0; max-width: none; padding: 0 } h2, h3 { break-after: avoid } }
"""


def page(shown: Values) -> str:
    """All of the snapshot, its marking first and last."""
    case, badge = shown["case"], f"TLP:{shown['marking']}"
    root = Element("html", lang="en")
    head, body = SubElement(root, "head"), SubElement(root, "body")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    _add(head, "title", f"{badge} {case['ref']} {case['title']}")
    _add(head, "style", _STYLE)
    _add(body, "p", badge, "marking")
    _add(body, "h1", f"{case['ref']} {case['title']}")
    ledger = f"{shown['ledger']['count']} entries, head {shown['ledger']['head']}"
    _facts(body, {"For": shown["for"], "As of": _when(shown["at"]), "Ledger": ledger})
    _case(body, case)
    _table(body, "Timeline", ("When", "Who", "What", "Words"), (
        (_when(one["at"]), one["by"], f"{one['what']} {one.get('request', '')}", one.get("words"))
        for one in shown["timeline"]
    ))  # fmt: skip
    for request in shown["requests"]:
        _request(body, request)
    for exhibit in shown["exhibits"]:
        _exhibit(body, exhibit)
    _add(body, "p", badge, "marking")
    return f"<!DOCTYPE html>\n{tostring(root, encoding='unicode', method='html')}\n"


def _case(body: Element, case: Values) -> None:
    members = ", ".join(f"{one['code']} ({one['name']}, {one['country']})" for one in case["agencies"])
    _facts(body, {
        "State": case["state"], "Agencies": members, "Conduct": case["conduct"], "Priority": case["priority"],
        "Marking": case["marking"], "Opened": f"{_when(case['opened'])}, {case['opened by']}",
        "Closed": _when(case["closed"]), "Outcome": case["outcome"], "Exhibits kept until": case["exhibits kept until"],
        **{f"{one['code']} reference": one["reference"] for one in case["agencies"]},
    })  # fmt: skip


def _request(body: Element, request: Values) -> None:
    _add(body, "h2", f"{request['ref']} {request['asking']} asks {request['asked']}: {request['kind']}")
    facts = {"State": request["state"], "Marking": request["marking"], "Due": _when(request["due"])}
    if "what" not in request:
        _facts(body, facts)
        return
    _add(body, "p", request["what"], "typed")
    _facts(body, facts | {
        "Sent": f"{_when(request['sent'])}, {request['sent by']}", "First due": _when(request["first due"]),
        "How it came about": " ".join(request["due steps"]), "Under": request["under"], "Handler": request["handler"],
        "Data kept until": _when(request["kept until"]), "Asking side's reference": request["references"]["asking"],
        "Asked side's reference": request["references"]["asked"],
    })  # fmt: skip
    _table(body, f"What happened to {request['ref']}", ("When", "Who", "What", "Words"), (
        (_when(one["at"]), one["by"], " ".join(filter(None, (one["step"], one["reason"]))), one["words"])
        for one in request["steps"]
    ))  # fmt: skip
    for reply in request["replies"]:
        _reply(body, reply)


def _reply(body: Element, reply: Values) -> None:
    held = f", held until {_when(reply['held until'])}" if reply["held until"] else ""
    gone = f", deleted {_when(reply['deleted'])}" if reply["deleted"] else ""
    _add(body, "h3", f"{reply['by']}, {_when(reply['at'])}{held}{gone}")
    for number, wording in enumerate(reply["wordings"]):
        if number:
            _add(body, "p", f"Edited {_when(wording['at'])}:")
        if wording["words"].strip():
            _add(body, "p", wording["words"], "typed")
    if reply["exhibits"]:
        _add(body, "p", f"With {', '.join(reply['exhibits'])}.")


def _exhibit(body: Element, exhibit: Values) -> None:
    _add(body, "h2", f"{exhibit['ref']} {exhibit['name']}")
    size = f"{exhibit['size']:,} bytes" if exhibit["size"] is not None else None
    _facts(body, {
        "Attached": f"{_when(exhibit['attached'])}, {exhibit['attached by']}, below {exhibit['request']}",
        "Received": _when(exhibit["received"]), "Media type": exhibit["media type"], "Size": size,
        "SHA-256": exhibit["sha256"], "Not kept": exhibit["trouble"], "Destroyed": _when(exhibit["destroyed"]),
        "File": exhibit["file"] or "not in this export",
    })  # fmt: skip
    _table(body, f"Custody of {exhibit['ref']}", ("", "When", "Who", "Act", "Purpose", "Link"), (
        (str(one["chained"]["number"]), _when(one["at"]), one["by"], one["act"], one["purpose"], one["hash"])
        for one in exhibit["custody"]
    ))  # fmt: skip


def _when(moment: str | None) -> str | None:
    """`2026-12-01 09:00:00 UTC`."""
    return f"{moment[:19].replace('T', ' ')} UTC" if moment else None


def _facts(body: Element, facts: Mapping[str, str | None]) -> None:
    if some := {name: said for name, said in facts.items() if said}:
        listed = SubElement(body, "dl")
        for name, said in some.items():
            _add(listed, "dt", name)
            _add(listed, "dd", said)


def _table(body: Element, title: str, heads: Iterable[str], rows: Iterable[Iterable[str | None]]) -> None:
    if not (found := [tuple(row) for row in rows]):
        return
    _add(body, "h3", title)
    table = SubElement(body, "table")
    top = SubElement(SubElement(table, "thead"), "tr")
    for one in heads:
        _add(top, "th", one)
    within = SubElement(table, "tbody")
    for row in found:
        line = SubElement(within, "tr")
        for cell in row:
            _add(line, "td", cell or "")


def _add(parent: Element, tag: str, words: str, kind: str | None = None) -> None:
    SubElement(parent, tag, {"class": kind} if kind else {}).text = inert(words) if tag != "style" else words
