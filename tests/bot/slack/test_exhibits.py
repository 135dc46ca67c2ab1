"""What people attach in Slack is kept to the byte and passed on to the byte, in all weathers, each once."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import col, select

from storage import exhibits
from storage.tables import Errand, Exhibit
from storage.vault import Vault
from tests.bot.slack.network import Asked, Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left
from tests.slack.faults import Faults
from tests.slack.seeing import Seen

LONG = 120.0
PAGE = "<!DOCTYPE html><html><title>Sign in | Slack</title></html>"
_numbers = count(1)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Network, Asked]]:
    with network(tmp_path_factory.mktemp("exhibits"), seated=True, COMITY_EXHIBIT_MAX="2MB") as found:
        yield found, found.asked()
        assert not found.slack.world.breaches


@pytest.fixture
def net(together: tuple[Network, Asked]) -> Iterator[Network]:
    found, _ = together
    found.quiet()
    yield found
    found.slack.faults.clear()
    found.until(lambda: not on_way(found))
    found.quiet()
    each_once(found)
    nothing_is_left(found)
    agree(found)


@pytest.fixture
def asked(together: tuple[Network, Asked]) -> Asked:
    return together[1]


def agree(net: Network) -> None:
    """The vault holds what the tables say, and nothing else; every chain of custody holds."""
    with net.comity.records(reading=True) as session:
        expected = exhibits.sums(session)
        numbers = session.exec(select(Exhibit.id)).all()
        assert [number for number in numbers if exhibits.broken(session, number or 0) is not None] == []
    assert list(Vault(net.comity.folder / "vault").survey(expected)) == []


def kept(net: Network) -> list[Exhibit]:
    with net.comity.records(reading=True) as session:
        found = list(session.exec(select(Exhibit).order_by(col(Exhibit.id))))
        session.expunge_all()
        return found


def on_way(net: Network) -> bool:
    with net.comity.records(reading=True) as session:
        return session.exec(select(Errand)).first() is not None


def content(size: int) -> bytes:
    """Bytes that no other test has."""
    return random.Random(next(_numbers)).randbytes(size)  # noqa: S311  # nothing is kept secret by it


def attach(net: Network, asked: Asked, name: str, given: bytes) -> str:
    """By Bo below the request's root; the reference of the exhibit that it became."""
    before = len(kept(net))
    net["bo"].attaches(net.desks["ACMA"], name, given, thread=asked.there)
    net.until(lambda: len(kept(net)) > before)
    return f"X-{kept(net)[-1].id}"


def told(net: Network, asked: Asked, ref: str, words: str) -> Seen:
    """What FTC's desk hears of it."""
    seen = net["ana"].waits(
        net.desks["FTC"], lambda there: any(f"{ref} " in one.text and words in one.text for one in there),
        asked.here, within=LONG,
    )  # fmt: skip
    return next(one for one in seen if f"{ref} " in one.text and words in one.text)


def received(net: Network, asked: Asked, ref: str) -> bytes:
    """The file that FTC's desk got."""
    there = net["ana"].waits(
        net.desks["FTC"], lambda seen: any(file.startswith(f"{ref}-") for one in seen for file in one.files),
        asked.here, within=LONG,
    )  # fmt: skip
    [message] = [one for one in there if any(file.startswith(f"{ref}-") for file in one.files)]
    [opened] = net["ana"].opens(net.desks["FTC"], message.ts).values()
    return opened


@pytest.mark.parametrize("size", [1, 70_000, 1_999_999])
def test_what_is_attached_reaches_the_other_side_to_the_byte(net: Network, asked: Asked, size: int) -> None:
    given = content(size)
    ref = attach(net, asked, "lease.bin", given)
    assert hashlib.sha256(given).hexdigest() in told(net, asked, ref, "is kept").text
    assert received(net, asked, ref) == given


def test_an_empty_file_is_kept_and_nothing_is_sent(net: Network, asked: Asked) -> None:
    ref = attach(net, asked, "empty.txt", b"")
    assert "0 bytes" in told(net, asked, ref, "is kept").text


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "evil\u202etxt.exe", "\N{HANGUL SYLLABLE HAN}" * 84, "<!channel>", ""]
)
def test_whatever_a_file_is_called(net: Network, asked: Asked, name: str) -> None:
    given = content(10)
    ref = attach(net, asked, name, given)
    assert received(net, asked, ref) == given
    assert "\u202e" not in told(net, asked, ref, "is kept").text


def test_the_same_file_twice_is_two_exhibits(net: Network, asked: Asked) -> None:
    given = content(10)
    assert [received(net, asked, attach(net, asked, name, given)) for name in ("one", "two")] == [given, given]


def test_a_file_of_a_shared_channel_is_asked_for_by_its_id(net: Network) -> None:
    """Slack Connect tells the app of another workspace no more than the id."""
    shared = net.network
    assert shared is not None
    net["ana"].says(shared, "!case open Connected")
    case = re.findall(r"C-\d+", net["ana"].finds(shared, "Connected\nState").text)[0]
    net["ana"].says(shared, f"!request send ACMA --case {case} Who rented the connected one?")
    root = net["bo"].finds(shared, "Who rented the connected one?\nState")
    given = content(500)
    net["bo"].attaches(shared, "connected.bin", given, "Here.", thread=root.ts)
    seen = net["ana"].hears(shared, lambda one: "`connected.bin` from bo (ACMA) is kept" in one.text, root.ts)
    assert hashlib.sha256(given).hexdigest() in seen.text


# In all weathers

WEATHER: dict[str, Callable[[Faults], object]] = {
    "answers in its place": lambda slack: slack.unavailable("download", 2),
    "cuts it off": lambda slack: slack.cut_after("download", 2),
    "hangs up": lambda slack: slack.cut_before("download", 2),
    "wants fewer requests": lambda slack: slack.ratelimit("download", 1),
    "gives a page to sign in": lambda slack: slack.fail("download", 2, status=200, body=PAGE, content_type="text/html"),
    "sends elsewhere": lambda slack: slack.fail("download", 1, status=302, body=""),
    "does not say what it is": lambda slack: slack.unavailable("files.info", 2),
}


@pytest.mark.parametrize("weather", WEATHER)
def test_what_is_not_given_at_once_is_asked_for_again(net: Network, asked: Asked, weather: str) -> None:
    WEATHER[weather](net.slack.faults)
    given = content(5000)
    ref = attach(net, asked, f"{weather.replace(' ', '-')}.bin", given)
    assert received(net, asked, ref) == given
    assert kept(net)[-1].sha256 == hashlib.sha256(given).hexdigest()


def test_a_page_that_was_attached_is_taken_for_itself(net: Network, asked: Asked) -> None:
    ref = attach(net, asked, "page.html", PAGE.encode())
    assert received(net, asked, ref) == PAGE.encode()


def test_what_is_too_large_is_refused_in_the_thread(net: Network, asked: Asked) -> None:
    ref = attach(net, asked, "large.bin", content(2_000_001))
    assert "it is larger than what is kept here" in told(net, asked, ref, "was not kept").text


def test_what_is_deleted_before_it_was_fetched_is_said_in_the_thread(net: Network, asked: Asked) -> None:
    net.slack.faults.unavailable("files.info", 1)
    ref = attach(net, asked, "gone.bin", content(100))
    with net.slack.world.lock:
        file = kept(net)[-1].file
        net.slack.world.files.pop(file)
    assert "has it no more" in told(net, asked, ref, "was not kept").text


def test_100_megabytes_reach_the_other_side_to_the_byte(tmp_path: Path) -> None:
    given = content(100_000_000)
    with network(tmp_path) as net:
        asked = net.asked()
        ref = attach(net, asked, "disk.img", given)
        assert hashlib.sha256(given).hexdigest() in told(net, asked, ref, "is kept").text
        assert received(net, asked, ref) == given
        agree(net)


def test_killed_again_and_again_every_file_is_whole_or_taken_again(tmp_path: Path) -> None:
    chance = random.Random(50)  # noqa: S311  # nothing is kept secret by it
    with network(tmp_path) as net:
        asked = net.asked()
        given = [content(chance.randint(1, 300_000)) for _ in range(15)]
        for number, one in enumerate(given):
            net["bo"].attaches(net.desks["ACMA"], f"file-{number}.bin", one, f"File {number}.", thread=asked.there)
            if chance.random() < 0.3:  # about every third time
                net.slack.until(lambda: net.slack.sockets.of(net.apps["ACMA"].app), within=LONG)
                net.comity.kill()
                net.comity.start()
        net.until(lambda: [one.sha256 for one in kept(net)].count(None) == 0 and len(kept(net)) == len(given), LONG)
        net.until(lambda: not net.comity.waiting(), LONG)
        assert [one.sha256 for one in kept(net)] == [hashlib.sha256(one).hexdigest() for one in given]
        assert sum(bool(one.files) for one in net["ana"].sees(net.desks["FTC"], asked.here)) == len(given)
        each_once(net)
        nothing_is_left(net)
        agree(net)
        assert net.comity.tags()["exhibit:received"] == len(given)
