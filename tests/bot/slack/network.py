"""A network of agencies in Slack workspaces of their own, with Comity as a process; people write at their clients."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bot.slack.manifest import manifest
from tests.comity import AGENCIES, NAMES, WITHIN, Comity
from tests.slack.apps import Install
from tests.slack.limits import NONE, Limits
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel
from tests.synapse import LOOPBACK, free_port


class Asked(NamedTuple):
    case: str
    request: str
    here: str
    """Its root at the asking agency's desk."""
    there: str


@dataclass
class Network:
    """`desks` by the agencies' codes, and `network` where all of them sit: a Slack Connect channel."""

    slack: Slack
    comity: Comity
    apps: dict[str, Install] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    desks: dict[str, Channel] = field(default_factory=dict)
    network: Channel | None = None
    seated: bool = False
    """All of them in `network`, too."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def come(self, code: str, name: str) -> Person:
        """Somebody in an agency's workspace, whom nobody has enrolled yet."""
        person = self.people[name] = self.slack.person(self.slack.world.teams[self.apps[code].team], name)
        return person

    def until(self, condition: Callable[[], object], within: float = WITHIN) -> None:
        """Wait until what Comity has kept is so."""
        end = time.monotonic() + within
        while not condition():
            assert time.monotonic() < end, "not in time"
            time.sleep(0.05)  # another process keeps it: a look at the condition that is waited for

    def quiet(self) -> None:
        """Wait until nothing is on its way any more."""
        self.slack.settle(within=WITHIN)
        self.until(lambda: not self.comity.waiting())

    def opened(self) -> tuple[str, str]:
        """FTC has opened a case; its reference and its root."""
        title = f"Mailing {next(self._numbers)}."
        assert self["ana"].slash(self.desks["FTC"], "/case", f"open {title}").error is None
        root = self["ana"].finds(self.desks["FTC"], title)
        return re.findall(r"C-\d+", root.text)[0], root.ts

    def asked(self) -> Asked:
        """FTC has asked ACMA for something in a case of its own."""
        ana, ftc, (case, _) = self["ana"], self.desks["FTC"], self.opened()
        words = f"Who rented mailbox {next(self._numbers)}?"
        assert ana.slash(ftc, "/request", f"send ACMA --case {case} {words}").error is None
        here, there = ana.finds(ftc, words), self["bo"].finds(self.desks["ACMA"], words)
        return Asked(case, re.findall(r"R-\d+", here.text)[0], here.ts, there.ts)


@contextmanager
def network(
    folder: Path,
    *codes: str,
    limits: Limits = NONE,
    http: bool = False,
    seated: bool = False,
    looking: float = 0.0,
    **settings: str,
) -> Iterator[Network]:
    """Agencies of the sample with their people, each with an app in a workspace of its own, and Comity running.

    `seated`: all of them in the channel `network`, too. `looking`: seconds that Slack looks through a file.
    """
    if http:
        settings["COMITY_WEB_PORT"] = str(free_port())
    with running(limits=limits, looking=looking) as slack:
        found = Network(slack, Comity(folder, {"COMITY_DATABASE_URL": f"sqlite:///{folder}/comity.db", **settings}))
        for code in codes or ("FTC", "ACMA"):
            _install(found, code, http=http)
        found.comity.program("migrate")
        for code, app in found.apps.items():
            _enrol(found, code, app, AGENCIES[code])
        ones = [found[next(iter(AGENCIES[code][2]))] for code in found.apps]
        others = [person for person in found.people.values() if person not in ones[:1]]
        found.network = slack.channel("network", ones[0], *others, *found.apps.values(), private=True)
        found.seated = seated
        if seated:
            first, shared = next(iter(found.apps)), found.network.id
            found.comity.do(*(f"/agency desk {code} slack:{first}/{shared} --shared" for code in found.apps))
        found.comity.start()
        try:
            for app in found.apps.values():
                if http:
                    found.until(lambda app=app: slack.verifies(app))  # type: ignore[misc]  # a default binds it
                else:
                    slack.connected(app, 2, within=WITHIN)
            yield found
        finally:
            found.comity.stop()


def _install(found: Network, code: str, *, http: bool) -> None:
    team = found.slack.team(code.lower())
    port = found.comity.environment.get("COMITY_WEB_PORT", "")
    url = f"http://{LOOPBACK}:{port}" if http else ""
    app = found.slack.app(
        "Comity", team, manifest=manifest(url, code), request_url=f"{url}/slack/{code}/events" if http else None
    )
    found.apps[code] = app
    account = {"BOT_TOKEN": app.token, "API_URL": found.slack.url}
    account |= {"SIGNING_SECRET": app.app.signing_secret} if http else {"APP_TOKEN": app.app.app_token}
    found.comity.environment |= {f"COMITY_SLACK__{code}__{key}": text for key, text in account.items()}


def _enrol(found: Network, code: str, app: Install, agency: tuple[str, str, Mapping[str, str]]) -> None:
    country, zone, people = agency
    found.comity.do(f"/agency add {code} --country {country} --zone {zone} {NAMES[code]}")
    for name, role in people.items():
        person = found.come(code, name)
        address = f"slack:{person.user.team}/{person.id}"
        found.comity.do(f"/officer add {address} --agency {code} --role {role} {name}")
    first, *others = [found[name] for name in people]
    desk = found.desks[code] = found.slack.channel(code.lower(), first, *others, app, private=True)
    found.comity.do(f"/agency desk {code} slack:{code}/{desk.id}")
