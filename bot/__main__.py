"""The command line: `python -m bot PROGRAM`; each program imports what it needs and nothing before."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bot import logs

if TYPE_CHECKING:
    from bot.settings import Settings

LOCAL = Path("var") / "local"


def main(argv: list[str] | None = None) -> int:
    """0: done; 1: refused, or something to mend; 2: the command line, the settings or a script cannot be read."""
    arguments = _parser().parse_args(argv)
    logs.begin()
    gc.disable()  # what is imported stays: to go through it again and again takes a sixth of the start
    from bot.settings import SettingsError  # noqa: PLC0415
    from storage.schema import SchemaError  # noqa: PLC0415

    try:
        return int(arguments.program(arguments))
    except SettingsError as wrong:
        for line in wrong.complaints:
            print(line, file=sys.stderr)
    except SchemaError as wrong:
        print(wrong, file=sys.stderr)
    finally:
        gc.enable()
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Comity, for officers of many agencies.")
    programs = parser.add_subparsers(required=True, metavar="PROGRAM")

    local = programs.add_parser("local", help="the embedded workspace; its state is in var/")
    local.add_argument("--fresh", action="store_true", help="start anew")
    local.add_argument("--script", metavar="FILE", help="play FILE (-: standard input) in a temporary workspace")
    local.set_defaults(program=_local)

    for name, words, works, serves in (
        ("run", "everything in one process", True, True),
        ("web", "HTTP: Slack's HTTP mode, /healthz, /metrics", False, True),
        ("worker", "listen and deliver, without the web", True, False),
    ):
        program = programs.add_parser(name, help=words)
        program.set_defaults(program=_run, works=works, serves=serves)

    migrate = programs.add_parser("migrate", help="bring the database up to date")
    migrate.set_defaults(program=_migrate)

    do = programs.add_parser("do", help="perform one command as the operator")
    do.add_argument("line", metavar='"/agency add ..."')
    do.set_defaults(program=_do)

    doctor = programs.add_parser("doctor", help="say what is to be mended")
    doctor.set_defaults(program=_doctor)

    ledger = programs.add_parser("ledger", help="the audit record")
    actions = ledger.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="walk the chain; print its head, or the first broken entry")
    verify.add_argument("--head", metavar="COUNT:HASH", help="a head noted earlier, which must be on the chain")
    verify.set_defaults(program=_verify)

    vault = programs.add_parser("vault", help="the bytes of exhibits")
    actions = vault.add_subparsers(required=True, metavar="ACTION")
    survey = actions.add_parser("verify", help="re-read every exhibit; name what is missing, changed or foreign")
    survey.set_defaults(program=_survey)
    reseal = actions.add_parser("reseal", help="write with COMITY_VAULT_KEY, or without one in plain, what is not yet")
    reseal.set_defaults(program=_reseal)

    export = programs.add_parser("export", help="a case, as one agency may see it, in one zip")
    export.add_argument("case", metavar="C-n")
    export.add_argument("--agency", metavar="CODE", required=True, help="for whom: only what it may see")
    export.add_argument("--to", metavar="DIR", required=True, help="the folder that the zip is put into")
    export.add_argument(
        "--at", metavar="HEAD", help="the head that an earlier export named: that one again, to the byte"
    )
    export.set_defaults(program=_export)

    slack = programs.add_parser("slack", help="what Slack is to be told")
    actions = slack.add_subparsers(required=True, metavar="ACTION")
    manifest = actions.add_parser("manifest", help="print the app's manifest, for Socket Mode")
    manifest.add_argument("--http", metavar="URL", help="for HTTP mode, where this is the public address of `web`")
    manifest.add_argument("--name", metavar="NAME", help="the workspace's name in the settings, for HTTP mode")
    manifest.set_defaults(program=_manifest)
    return parser


def _imported() -> None:
    """For programs that stay: from here on what is thrown away is swept up."""
    gc.freeze()
    gc.enable()


def _settings() -> Settings:
    from bot.settings import read  # noqa: PLC0415

    return read(os.environ, Path.cwd())


def _local(arguments: argparse.Namespace) -> int:
    if arguments.script is None and sys.stdin.isatty():
        return _terminal(fresh=arguments.fresh)
    if arguments.script in (None, "-"):
        return _script(sys.stdin, Path.cwd())
    file = Path(arguments.script)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        print(f"{file} cannot be read: {error}", file=sys.stderr)
        return 2
    return _script(lines, file.parent)


def _script(lines: Iterable[str], folder: Path) -> int:
    from bot.app import script_workspace  # noqa: PLC0415
    from bot.local.script import ScriptError, play  # noqa: PLC0415

    _imported()
    settings = _settings() if "COMITY_DATABASE_URL" in os.environ else None
    with script_workspace(settings) as workspace:
        try:
            asyncio.run(play(lines, workspace, lambda block: print(block, flush=True), folder=folder))
        except ScriptError as wrong:
            print(wrong, file=sys.stderr)
            return 2
    return 0


def _terminal(*, fresh: bool) -> int:
    import shutil  # noqa: PLC0415

    from bot.app import kept_workspace  # noqa: PLC0415
    from bot.local.terminal import Terminal  # noqa: PLC0415
    from commands.help_page import welcome  # noqa: PLC0415

    _imported()
    if fresh:
        shutil.rmtree(LOCAL, ignore_errors=True)
    LOCAL.mkdir(parents=True, exist_ok=True)
    file = LOCAL / "comity.log"
    logs.begin(file)
    with kept_workspace(LOCAL) as workspace:
        return asyncio.run(Terminal(workspace, workspace, welcome(), log=file).stay())


def _run(arguments: argparse.Namespace) -> int:
    from bot.program import run  # noqa: PLC0415

    _imported()
    return asyncio.run(run(_settings(), works=arguments.works, serves=arguments.serves))


def _migrate(_arguments: argparse.Namespace) -> int:
    from bot.app import migrate  # noqa: PLC0415

    migrate(_settings())
    print("The database is up to date.")
    return 0


def _do(arguments: argparse.Namespace) -> int:
    from bot.app import database, fresh_salt, now  # noqa: PLC0415
    from bot.local.workspace import operate  # noqa: PLC0415
    from bot.text import render  # noqa: PLC0415
    from commands.desk import Desk  # noqa: PLC0415

    settings = _settings()
    with database(settings) as engine:
        message, done = operate(engine, Desk(fresh_salt), arguments.line, now(settings))
    print(render(message, rehearsal=settings.clock is not None))
    return 0 if done else 1


def _doctor(_arguments: argparse.Namespace) -> int:
    from bot.doctor import examine  # noqa: PLC0415

    complaints = asyncio.run(examine(_settings()))
    for line in complaints:
        print(line)
    if not complaints:
        print("All is well.")
    return 1 if complaints else 0


def _verify(arguments: argparse.Namespace) -> int:
    from bot.app import database  # noqa: PLC0415
    from storage.ledger import BrokenLedgerError, read_head, verify  # noqa: PLC0415
    from storage.session import transaction  # noqa: PLC0415

    _imported()
    try:
        expected = read_head(arguments.head) if arguments.head else None
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    with database(_settings()) as engine, transaction(engine, reading=True) as session:
        try:
            head = verify(session, expected)
        except BrokenLedgerError as broken:
            print(broken)
            return 1
    print(f"{head.count} entries, head {head}")
    return 0


def _survey(_arguments: argparse.Namespace) -> int:
    from bot.app import database, vault_of  # noqa: PLC0415
    from bot.surveying import count, faults  # noqa: PLC0415

    settings, broken = _settings(), 0
    with database(settings) as engine:
        for line in faults(engine, vault_of(settings)):
            print(line, flush=True)
            broken += 1
        print(f"{count(engine)}, {'all as they were received' if not broken else f'{broken} faults'}")
    return 1 if broken else 0


def _reseal(_arguments: argparse.Namespace) -> int:
    from bot.app import vault_of  # noqa: PLC0415
    from storage.vault import VaultError  # noqa: PLC0415

    written = 0
    try:
        for written, _sha256 in enumerate(vault_of(_settings()).reseal(), start=1):  # noqa: B007  # counted as it goes
            pass
    except VaultError as error:
        print(f"{error} is not as it was received: `vault verify` says how. {written} were written anew.")
        return 1
    print(f"{written} were written anew; all others stood as they should.")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from bot.app import database, fresh_salt, now, vault_of  # noqa: PLC0415
    from bot.exporting import ExportError, export  # noqa: PLC0415

    settings = _settings()
    with database(settings) as engine:
        try:
            said = export(
                engine, vault_of(settings), fresh_salt, now(settings), case=arguments.case, code=arguments.agency,
                folder=Path(arguments.to), head=arguments.at,
            )  # fmt: skip
        except ExportError as wrong:
            print(wrong, file=sys.stderr)
            return 1
    print(said)
    return 0


def _manifest(arguments: argparse.Namespace) -> int:
    import json  # noqa: PLC0415

    from bot.settings_values import MalformedError, web_url  # noqa: PLC0415
    from bot.slack.manifest import manifest  # noqa: PLC0415

    if bool(arguments.http) != bool(arguments.name):
        print("--http and --name go together: a workspace has its own address.", file=sys.stderr)
        return 2
    try:
        url = web_url(arguments.http) if arguments.http else ""
    except MalformedError as wrong:
        print(f"--http {wrong}", file=sys.stderr)
        return 2
    print(json.dumps(manifest(url, arguments.name or ""), ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
