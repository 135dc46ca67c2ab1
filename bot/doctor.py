"""What is to be mended: settings, schema, desks, vault, undelivered letters; it mends nothing, and shows no case."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot import surveying
from bot.app import database, vault_of
from bot.matrix import doctor as matrix
from bot.settings import Settings, SettingsError
from bot.slack import doctor as slack
from storage import agencies, arrivals, feeds, outbox
from storage.schema import SchemaError
from storage.session import transaction
from storage.words import Place


async def examine(settings: Settings) -> list[str]:
    """One line for each thing to mend; none: all is well."""
    try:
        with database(settings) as engine, transaction(engine, reading=True) as session:
            return [
                *_agencies(session),
                *await _places(session, settings),
                *_calendars(session, settings),
                *surveying.glance(session, settings.vault_dir, vault_of(settings)),
                *_left(session),
            ]
    except SettingsError as wrong:
        return list(wrong.complaints)
    except SchemaError as wrong:
        return [str(wrong)]
    except DBAPIError as error:
        return [f"the database cannot be reached: {type(error.orig).__name__}"]


def _agencies(session: Session) -> Iterator[str]:
    """Agencies that nobody can reach, or that nobody looks after."""
    every = agencies.everyone(session)
    desks = {desk.agency_id for desk in agencies.all_desks(session) if not desk.shared}
    coordinated = {officer.agency_id for officer, _ in agencies.coordinators(session, [a.id or 0 for a in every])}
    for agency in every:
        code = agency.code
        if agency.id not in desks:
            yield f"{code} has no desk: a coordinator types /agency desk {code} in a place"
        if agency.id not in coordinated:
            line = f"/officer add PERSON --agency {code} --role coordinator"
            yield f'{code} has no coordinator: python -m bot do "{line}"'


def _calendars(session: Session, settings: Settings) -> Iterator[str]:
    """Addresses that were given out and lead nowhere."""
    number = feeds.number(session)
    if number and settings.web_url is None:
        given = "1 calendar's address was" if number == 1 else f"{number} calendars' addresses were"
        yield f"COMITY_WEB_URL is not set, and {given} given out: set it, and let web or run be reached there"


def _left(session: Session) -> Iterator[str]:
    """What was not delivered, and what could not be performed."""
    for letter in outbox.undelivered(session):
        yield f"letter {letter.id} to {letter.place or letter.addressee} is undelivered: {letter.error}"
    for row in arrivals.set_aside(session):
        yield f"arrival {row.key} was set aside after {row.attempts} failures: {row.error}"


async def _places(session: Session, settings: Settings) -> list[str]:
    """What the platforms say of the places where agencies are reached."""
    codes = {agency.id: agency.code for agency in agencies.everyone(session)}
    readers: dict[Place, list[str]] = {}
    for desk in agencies.all_desks(session):
        readers.setdefault(Place(desk.place), []).append(codes[desk.agency_id])
    desks = {place: " and ".join(read_by) for place, read_by in readers.items()}
    enrolled = agencies.all_addresses(session)
    found = await matrix.examine(settings.matrix, desks, enrolled) if settings.matrix else []
    return found + (await slack.examine(settings.slack, desks, enrolled) if settings.slack else [])
