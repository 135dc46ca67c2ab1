"""Time zones by IANA name or by city; never the machine's own zone."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import available_timezones

_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
# Old names of Australian states: as the last word of a line they are far more often plain words than zones.
_NO_CITIES = frozenset({"act", "lhi", "north", "nsw", "south", "west"})


def known_zone(text: str) -> str | None:
    """The IANA name of a zone or city, whatever its case: `asia/seoul`, `new york`, `UTC`; None if there is none.

    A city is the last part of an IANA name. Abbreviations (EST, CET) and names that only some machines have
    (`localtime`) are no zones here.
    """
    wanted = _key(text)
    return _zones().get(wanted) or _cities().get(wanted)


def near_zones(text: str) -> tuple[str, ...]:
    """At most three known zones whose name or city is spelled like the text, the nearest first."""
    known = _cities() | _zones()
    return tuple(dict.fromkeys(known[key] for key in get_close_matches(_key(text), known, n=3)))


def city(zone: str) -> str:
    """`America/New_York` -> `New York`: how a zone is shown, and it can be typed again."""
    name = zone.rsplit("/", 1)[-1].replace("_", " ")
    return name if _cities().get(_key(name)) == zone else zone


def _key(text: str) -> str:
    return " ".join(text.replace("_", " ").lower().split())


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {_key(name): name for name in available_timezones() if "/" in name} | {"utc": "UTC", "gmt": "GMT"}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    # Where two names share a city one is the other's old spelling: the longer path, then Europe/, is today's.
    names = sorted((name for name in _zones().values() if name.partition("/")[0] in _AREAS), key=_newer)
    cities = {_key(name.rsplit("/", 1)[-1]): name for name in names}
    return {key: name for key, name in cities.items() if key not in _NO_CITIES}


def _newer(name: str) -> tuple[int, str]:
    return name.count("/"), name
