"""`python -m bench`: the figures that the house is held to, each beside its floor of the same run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median

from bench import calendar, giving, intake, mail, matrix, postgresql, reading, sending, slack, starting, ticking, year
from bench.turns import Series

PARTS = ("send", "read", "calendar", "tick", "year", "export", "intake", "mail", "start", "matrix", "slack")
ON_DATABASES = {"send", "read", "calendar", "tick"}

SEND_ONE, SEND_MANY = 0.20, 0.35
"""At least so much of the floor's commands a second."""

READ_TIMES = 3
"""At most so many times as long as the floor."""

CALENDAR = 1.0
"""At most so many seconds for a calendar of 2,000 requests."""

LOOK = 2.0
"""At most so many milliseconds for a look at which nothing is due."""

TRIP_HALF, TRIP_MOST, BURST, STARTED = 1.2, 1.5, 1.15, 1.3
"""In Matrix rooms, at most so many times as long as the echo bot: p50, p99, the last of a burst, the first reply."""

TAKEN = 32.0
"""At most so many megabytes more than at rest, for a file of 100 MB."""

MAIL = 1.0
"""At most so many seconds for the summary of a mail, however hostile."""

ACKED, AT_ONCE = 1.2, 0.5
"""In Slack, at most so many times as long as the echo app, one after the other; at least so much of its rate."""


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    quick = arguments.quick
    sizes = arguments.sizes or ([10_000, 100_000] if quick else [10_000, 100_000, 1_000_000])
    send = sending.Sizes(turns=2 if quick else 8, sends=48 if quick else 96, askers=arguments.askers)
    turns, times = (3, 10) if quick else (8, 15)
    parts = arguments.parts or PARTS
    if "send" in parts:
        _show_sent("SQLite, synchronous=FULL", sending.on_sqlite(send), send)
    if "read" in parts:
        _show_read("SQLite", reading.on_sqlite(sizes, turns, times))
    if "calendar" in parts:
        _show_calendar("SQLite", calendar.on_sqlite(sizes[-1], turns))
    reminders = 3_000 if quick else 10_000
    if "tick" in parts:
        _show_ticked("SQLite", ticking.on_sqlite(sizes[-1], reminders, turns))
    if not arguments.no_postgresql and ON_DATABASES & set(parts):
        _on_postgresql(parts, send, sizes, turns, times, reminders)
    if "year" in parts:
        _show_year(year.play(2_000, 100) if quick else year.play(20_000, 1_000))
    if "start" in parts:
        _show_started(starting.measure(turns=3 if quick else 7))
    _on_platforms(parts, quick=quick)
    return 0


def _on_platforms(parts: Collection[str], *, quick: bool) -> None:
    if "export" in parts:
        _show_given(giving.measure(100, 20) if quick else giving.measure(1_000, 200))
    if "intake" in parts:
        _show_taken(intake.measure(intake.SIZE // 10 if quick else intake.SIZE))
    if "mail" in parts:
        _show_mail(mail.measure(1 if quick else 3))
    if "matrix" in parts:
        talk = matrix.Sizes(
            turns=4 if quick else 24,
            trips=5 if quick else 10,
            bursts=1 if quick else 3,
            burst=50 if quick else 500,
            starts=2 if quick else 7,
        )
        _show_talked(matrix.measure(talk), talk)
    if "slack" in parts:
        answered = slack.Sizes(turns=2 if quick else 8, channels=10 if quick else 50, shown=10 if quick else 50)
        _show_answered(slack.measure(answered), answered)


def _on_postgresql(
    parts: Collection[str], send: sending.Sizes, sizes: Sequence[int], turns: int, times: int, reminders: int
) -> None:
    with postgresql.running() as server:
        if "send" in parts:
            _show_sent("PostgreSQL", sending.on_postgresql(server, send), send)
        if "read" in parts:
            _show_read("PostgreSQL", reading.on_postgresql(server, sizes, turns, times))
        if "calendar" in parts:
            _show_calendar("PostgreSQL", calendar.on_postgresql(server, sizes[-1], turns))
        if "tick" in parts:
            _show_ticked("PostgreSQL", ticking.on_postgresql(server, sizes[-1], reminders, turns))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", type=_part, metavar="PART", help=f"{', '.join(PARTS)}; else all of them")
    parser.add_argument("--quick", action="store_true", help="less often, and without the million: under 30 s")
    parser.add_argument(
        "--sizes", type=_numbers, metavar="N,N", help="how many requests are stored, for `read` and `calendar`"
    )
    parser.add_argument("--askers", type=int, default=16, help="how many ask at once, for `send` (16)")
    parser.add_argument("--no-postgresql", action="store_true", help="SQLite alone")
    return parser


def _part(text: str) -> str:
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"{text} is no part: write {', '.join(PARTS)}")
    return text


def _numbers(text: str) -> list[int]:
    return sorted(int(number) for number in text.split(","))


def _show_sent(where: str, sent: sending.Sent, sizes: sending.Sizes) -> None:
    print(f"/request send on {where}: {sent.statements} statements a command")
    print(f"  {'':22}{'a second':>10}{'of floor':>10}{'wanted':>9}{'p50 ms':>9}{'p99 ms':>9}")
    floor = sent.series[sending.FLOOR]
    for name, series in sent.series.items():
        label = f"{sizes.askers} {name}" if name == sending.MANY else name
        wanted = {sending.ONE: f">= {SEND_ONE:.2f}", sending.MANY: f">= {SEND_MANY:.2f}"}.get(name, "")
        print(
            f"  {label:22}{series.rate:10,.0f}{series.ratio(floor):10.2f}{wanted:>9}"
            f"{series.within(0.5) * 1000:9.2f}{series.within(0.99) * 1000:9.2f}",
            flush=True,
        )
    print()


def _show_read(where: str, found: Iterable[reading.Read]) -> None:
    print(
        f"One agency of 200 on {where}: to read, in ms, at most {READ_TIMES} times the floor; with its message beside"
    )
    heads = f"{'lines':>6}{'read':>8}{'floor':>8}{'times':>7}{'whole':>8}"
    print(f"  {'':22}{'stored':>10}  {'of the agency':20}{heads}")
    for read in found:
        reads, whole, floor = (1000 * series.within(0.5) for series in (read.reading, read.whole, read.floor))
        print(
            f"  {read.what:22}{read.stored:10,}  {read.viewer:20}{read.lines:6}"
            f"{reads:8.2f}{floor:8.2f}{1 / read.reading.ratio(read.floor):7.1f}{whole:8.2f}",
            flush=True,
        )
    print()


def _show_calendar(where: str, read: calendar.Read) -> None:
    print(
        f"/calendar/SECRET.ics on {where}: {read.events:,} open requests of one agency, of {read.stored:,} stored, "
        f"{read.size:,} bytes"
    )
    print(f"  {'':22}{'seconds':>10}{'at most':>10}{'wanted':>9}")
    for name, series in read.series.items():
        wanted = f"<= {CALENDAR:.2f}" if name == calendar.WHOLE else ""
        print(f"  {name:22}{series.within(0.5):10.3f}{series.within(1):10.3f}{wanted:>9}", flush=True)
    print()


def _show_ticked(where: str, ticked: ticking.Ticked) -> None:
    print(f"The clock on {where}: {ticked.idle.stored:,} open requests, three moments each, none of them due")
    print(f"  {'':26}{'p50 ms':>10}{'p99 ms':>10}{'wanted':>9}")
    for name, series in ticked.idle.series.items():
        half, most = (1000 * series.within(share) for share in (0.5, 0.99))
        wanted = f"<= {LOOK:.2f}" if name == ticking.IDLE else ""
        print(f"  {name:26}{half:10.3f}{most:10.3f}{wanted:>9}", flush=True)
    print("  Reminders that are due at one moment, until the last of their messages is written; the floor is by hand")
    print(f"  {'':26}{'reminders':>10}{'messages':>10}{'seconds':>9}{'a row each, a commit each':>27}{'times':>7}")
    for name, due in ticked.due.items():
        times = due.seconds / due.floor
        print(
            f"  {name:26}{due.reminders:10,}{due.messages:10,}{due.seconds:9.2f}{due.floor:27.2f}{times:7.1f}",
            flush=True,
        )
    print()


def _show_year(played: year.Played) -> None:
    print("A year of simulated time, in seconds; the floor is a row and a commit for each entry of the ledger, by hand")
    print(f"  the rules alone: {played.requests:,} requests, {played.reminders:,} reminders: {played.rules:.1f}")
    times = f"{played.house:.1f}, floor {played.floor:.1f}, {played.house / played.floor:.0f} times"
    print(f"  the whole house: {played.through:,} requests, {played.entries:,} entries: {times}\n", flush=True)


def _show_given(given: giving.Given) -> None:
    files = f"{given.exhibits} exhibits of {given.size / 1e6:.0f} MB"
    times = f"{given.took / given.floor:.1f} times"
    print(f"\nAn export of a case with {given.replies:,} replies and {files}; the floor zips the same files")
    print(f"  {given.took:.2f} s, floor {given.floor:.2f} s, {times}", flush=True)


def _show_taken(taken: intake.Taken) -> None:
    print(
        "\nA file of 100 MB from Slack into the vault, and on to the other side; the floor hashes, writes and syncs it"
    )
    times = f"{taken.kept / taken.floor:.1f} times"
    print(f"  kept after {taken.kept:.2f} s, floor {taken.floor:.2f}, {times}; passed on after {taken.passed_on:.2f} s")
    more = f"{taken.peak - taken.idle:.0f} MB more, wanted <= {TAKEN:.0f}"
    print(f"  memory: {taken.idle:.0f} MB at rest, {taken.peak:.0f} MB at most: {more}")


def _show_mail(read: Sequence[mail.Read]) -> None:
    print(f"\nSummaries of {len(read)} hostile mails, the slowest, wanted <= {MAIL:.2f} s; the floor hashes the mail")
    print(f"  {'':42}{'seconds':>9}{'floor':>9}{'times':>7}")
    for one in read[:5]:
        print(f"  {one.name:42}{one.took:9.3f}{one.floor:9.3f}{one.took / one.floor:7.1f}", flush=True)


def _show_started(started: starting.Started) -> None:
    print("python -m bot local --script, with a script of one line")
    print(f"  {'':22}{'seconds':>10}{'times':>7}{'MB at most':>12}")
    floor = started.series[starting.FLOOR]
    for name, series in started.series.items():
        times, resident = 1 / series.ratio(floor), started.resident[name] / 1e6
        print(f"  {name:22}{series.within(0.5):10.2f}{times:7.1f}{resident:12.0f}")
    print("  Imports, by package, without what each imports in turn:")
    for package, took in started.imports[:10]:
        print(f"  {package:22}{took:10.3f}")
    print(flush=True)


def _show_talked(talked: matrix.Talked, sizes: matrix.Sizes) -> None:
    print("!case open on one Synapse, from the asker's client to the asker's client, in turns")
    print(f"  {'':26}{matrix.ECHO:>10}{matrix.COMITY:>10}{'times':>8}{'wanted':>9}  {'turn by turn':14}")
    trips = sizes.turns * sizes.trips
    for share, wanted in ((0.5, TRIP_HALF), (0.99, TRIP_MOST)):
        echo, comity = (1000 * talked.trip[name].within(share) for name in (matrix.ECHO, matrix.COMITY))
        _show_times(f"p{share * 100:.0f} of {trips}, ms", echo, comity, comity / echo, wanted, talked.trip)
    for what, series, wanted in (
        (f"burst of {sizes.burst}, s", talked.burst, BURST),
        ("start to first reply, s", talked.start, STARTED),
    ):
        echo, comity = (median(each.seconds for each in series[name].rounds) for name in (matrix.ECHO, matrix.COMITY))
        _show_times(what, echo, comity, 1 / series[matrix.COMITY].ratio(series[matrix.ECHO]), wanted, series)
    echo, comity = (talked.resident[name] / 1e6 for name in (matrix.ECHO, matrix.COMITY))
    print(f"  {'resident, MB':26}{echo:10.0f}{comity:10.0f}{comity / echo:8.2f}")
    print(flush=True)


def _show_answered(answered: slack.Answered, sizes: slack.Sizes) -> None:
    print("/case open on one Slack, from the command to its acknowledgement, in turns")
    print(f"  {'':26}{slack.ECHO:>10}{slack.COMITY:>10}{'times':>8}{'wanted':>9}")
    for share in (0.5, 0.99):
        echo, comity = (1000 * answered.acked[name].within(share) for name in (slack.ECHO, slack.COMITY))
        wanted = f"<= {ACKED:.2f}" if share == 0.5 else ""  # the median
        print(f"  {f'one by one, p{share * 100:.0f}, ms':26}{echo:10.2f}{comity:10.2f}{comity / echo:8.2f}{wanted:>9}")
    echo, comity = (answered.at_once[name].rate for name in (slack.ECHO, slack.COMITY))
    times = answered.at_once[slack.COMITY].ratio(answered.at_once[slack.ECHO])
    print(f"  {f'{sizes.channels} at once, a second':26}{echo:10.0f}{comity:10.0f}{times:8.2f}{f'>= {AT_ONCE:.2f}':>9}")
    for share in (0.5, 0.99):
        print(f"  {f'until it is seen, p{share * 100:.0f}, ms':26}{'':10}{1000 * answered.shown.within(share):10.1f}")
    echo, comity = (answered.resident[name] / 1e6 for name in (slack.ECHO, slack.COMITY))
    print(f"  {'resident, MB':26}{echo:10.0f}{comity:10.0f}{comity / echo:8.2f}")
    print(flush=True)


def _show_times(
    what: str, echo: float, comity: float, times: float, wanted: float, series: Mapping[str, Series]
) -> None:
    rates = zip(series[matrix.ECHO].rates, series[matrix.COMITY].rates, strict=True)
    turns = sorted(floor / own for floor, own in rates)
    print(
        f"  {what:26}{echo:10.{0 if echo > 20 else 2}f}{comity:10.{0 if echo > 20 else 2}f}{times:8.2f}"
        f"{f'<= {wanted:.2f}':>9}  {f'{turns[0]:.2f} to {turns[-1]:.2f}':14}{'missed' if times > wanted else ''}"
    )


if __name__ == "__main__":
    sys.exit(main())
