"""How a line that is being typed may go on, by the declarations; the names that exist are given from outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from commands.declare import TABLE, Declaration, Field, Kind
from commands.lines import plain
from storage import agencies, cases, lines
from storage.words import Address, Marking, case_ref, request_ref

OFFERED = 30
"""How many references are offered."""
SEARCHED = 500
"""Among how many a form's search looks, the newest."""


@dataclass(frozen=True)
class Known:
    """What there is to name, as this person may see it."""

    agencies: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


def known_to(session: Session, person: Address) -> Known:
    found = agencies.officer_at(session, person)
    codes = tuple(agency.code for agency in agencies.everyone(session))
    if found is None or found[1].id is None:
        return Known(codes)
    viewer = found[1].id
    open_cases = cases.listing(session, viewer, open_only=True, limit=OFFERED)
    open_requests = lines.listing(session, viewer, asked=True, asking=True, limit=OFFERED)
    people = agencies.officers(session, viewer)
    return Known(
        codes,
        tuple(case_ref(case.id or 0) for case in open_cases),
        tuple(request_ref(line.number) for line in open_requests),
        tuple(address for _officer, address, _agency in people),
    )


def described_to(session: Session, person: Address, kind: str, begun: str) -> list[tuple[str, str]]:
    """What a field of this kind may be, as this person may see it: each value with the words to find it by."""
    words = begun.lower().split()
    return [row for row in _described(session, person, kind) if all(word in row[1].lower() for word in words)]


def _described(session: Session, person: Address, kind: str) -> list[tuple[str, str]]:
    if kind in {Kind.AGENCY, Kind.AGENCIES}:
        return [(agency.code, f"{agency.code} {agency.name}") for agency in agencies.everyone(session)]
    found = agencies.officer_at(session, person)
    if found is None or found[1].id is None:
        return []
    if kind == Kind.CASE:
        open_cases = cases.listing(session, found[1].id, open_only=True, limit=SEARCHED)
        return [_with_words(case_ref(case.id or 0), case.marking, case.title) for case in open_cases]
    ours = lines.listing(session, found[1].id, asked=True, asking=True, limit=SEARCHED)
    return [
        _with_words(request_ref(line.number), line.marking, f"{line.asking} to {line.asked}: {line.what}")
        for line in ours
    ]


def _with_words(ref: str, marking: Marking, words: str) -> tuple[str, str]:
    return ref, ref if marking is Marking.RED else f"{ref} {words}"


def complete(line: str, known: Known) -> list[str]:
    """The whole lines that this one may become, each ending where the next word begins."""
    if not line.startswith(("/", "!")):
        return []
    mark, (*done, begun) = line[0], line[1:].split(" ")
    if not done:
        return [f"{mark}{noun} " for noun in _that_begin(_nouns(), begun)]
    noun = plain(done[0])
    if len(done) == 1:
        verbs = (declaration.verb for declaration in TABLE.values() if declaration.noun == noun)
        return [f"{mark}{done[0]} {verb} " for verb in _that_begin(verbs, begun)]
    declaration = TABLE.get(f"{noun} {plain(done[1])}")
    if declaration is None:
        return []
    before = mark + " ".join(done)
    return [f"{before} {word} " for word in _that_begin(_words(declaration, done[2:], begun, known), begun)]


def _nouns() -> Iterable[str]:
    return dict.fromkeys(declaration.noun for declaration in TABLE.values())


def _that_begin(words: Iterable[str], begun: str) -> list[str]:
    return [word for word in words if word.lower().startswith(begun.lower())]


def _words(declaration: Declaration, done: list[str], begun: str, known: Known) -> list[str]:
    """What may stand behind the words that are done."""
    flags = declaration.flags
    if done and (field := flags.get(plain(done[-1]))) is not None and field.kind is not Kind.SWITCH:
        return _values(field, known)
    unused = [flag for flag in flags if flag not in map(plain, done)]
    if begun.startswith("-"):
        return unused
    values = [word for word, before in zip(done, ["", *done], strict=False) if not _of_flag(word, before, flags)]
    places = declaration.positional
    if len(values) < len(places):
        return _values(places[len(values)], known) + unused
    return unused if not values[len(places) :] else []


def _of_flag(word: str, before: str, flags: dict[str, Field]) -> bool:
    field = flags.get(plain(before))
    return word.startswith("--") or (field is not None and field.kind is not Kind.SWITCH)


def _values(field: Field, known: Known) -> list[str]:
    match field.kind:
        case Kind.CHOICE:
            return list(field.choices)
        case Kind.AGENCY | Kind.AGENCIES:
            return list(known.agencies)
        case Kind.CASE:
            return list(known.cases)
        case Kind.REQUEST:
            return list(known.requests)
        case _:
            return list(known.people) if field.shown == "PERSON" else []
