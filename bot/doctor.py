"""What is to be mended: settings, schema, desks, undelivered letters; it mends nothing and shows nothing of cases."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from bot.app import database
from bot.settings import Settings, SettingsError
from storage import agencies, arrivals, outbox
from storage.schema import SchemaError
from storage.session import transaction


def examine(settings: Settings) -> list[str]:
    """One line for each thing to mend; none: all is well."""
    try:
        with database(settings) as engine, transaction(engine, reading=True) as session:
            complaints = []
            desks = {desk.agency_id for desk in agencies.all_desks(session) if not desk.shared}
            coordinated = {
                officer.agency_id
                for officer, _ in agencies.coordinators(session, [a.id or 0 for a in agencies.everyone(session)])
            }
            for agency in agencies.everyone(session):
                if agency.id not in desks:
                    complaints.append(
                        f"{agency.code} has no desk: a coordinator types /agency desk {agency.code} in a place"
                    )
                if agency.id not in coordinated:
                    complaints.append(
                        f"{agency.code} has no coordinator: "
                        f'python -m bot do "/officer add PERSON --agency {agency.code} --role coordinator"'
                    )
            complaints += [
                f"letter {letter.id} to {letter.place or letter.addressee} is undelivered: {letter.error}"
                for letter in outbox.undelivered(session)
            ]
            complaints += [
                f"arrival {row.key} was set aside after {row.attempts} failures: {row.error}"
                for row in arrivals.set_aside(session)
            ]
            return complaints
    except SettingsError as wrong:
        return list(wrong.complaints)
    except SchemaError as wrong:
        return [str(wrong)]
    except DBAPIError as error:
        return [f"the database cannot be reached: {type(error.orig).__name__}"]
