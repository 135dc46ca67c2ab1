"""Settings: what is read from where, and the line that each mistake gets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.settings import SettingsError, read, read_clock

SLACK = {"COMITY_SLACK__FTC__BOT_TOKEN": "xoxb-s3cret", "COMITY_SLACK__FTC__APP_TOKEN": "xapp-s3cret"}
MATRIX = {
    "COMITY_MATRIX__ACMA__HOMESERVER": "https://matrix.acma.example/",
    "COMITY_MATRIX__ACMA__USER_ID": "@comity:acma.example",
    "COMITY_MATRIX__ACMA__PASSWORD": "s3cret",
}


def complaints(environ: dict[str, str], cwd: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as wrong:
        read(environ, cwd)
    assert str(wrong.value) == "\n".join(wrong.value.complaints)
    return wrong.value.complaints


def test_nothing_set_is_the_embedded_workspace(tmp_path: Path) -> None:
    found = read({"PATH": "/bin"}, tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path}/var/comity.db"
    assert found.vault_dir == tmp_path / "var/vault"
    assert (found.vault_key, found.vault_key_old) == (None, None)
    assert found.exhibit_max == 100_000_000
    assert (found.web_host, found.web_port, found.web_url) == ("127.0.0.1", 8080, None)
    assert (found.operator_place, found.clock) == (None, None)
    assert (found.slack, found.matrix) == ((), ())


def test_everything_from_the_environment(tmp_path: Path) -> None:
    found = read(
        SLACK
        | MATRIX
        | {
            "COMITY_DATABASE_URL": "postgresql://comity:s3cret@db.example:5432/comity",
            "COMITY_VAULT_DIR": "/srv/vault",
            "COMITY_VAULT_KEY": f" {'0a' * 32} ",
            "COMITY_EXHIBIT_MAX": "2 GiB",
            "COMITY_WEB_HOST": "0.0.0.0",  # noqa: S104 - only read
            "COMITY_WEB_PORT": "9000",
            "COMITY_WEB_URL": "https://comity.example/",
            "COMITY_OPERATOR_PLACE": "slack:ftc/C0123",
            "COMITY_SLACK__FTC__API_URL": "http://127.0.0.1:4010/api",
            "COMITY_MATRIX__ACMA__STORE_DIR": "stores/acma",
            "COMITY_MATRIX__ACMA__ALLOW": "acma.example, ico.example:8448",
            "COMITY_CLOCK": "clock.txt",
        },
        tmp_path,
    )
    assert found.database_url == "postgresql://comity:s3cret@db.example:5432/comity"
    assert (found.vault_dir, found.vault_key) == (Path("/srv/vault"), bytes([10]) * 32)
    assert found.exhibit_max == 2 * 1024**3
    assert (found.web_host, found.web_port, found.web_url) == ("0.0.0.0", 9000, "https://comity.example")  # noqa: S104
    assert found.operator_place == "slack:FTC/C0123"
    assert found.clock == tmp_path / "clock.txt"
    [slack] = found.slack
    assert (slack.name, slack.bot_token, slack.app_token) == ("FTC", "xoxb-s3cret", "xapp-s3cret")
    assert (slack.signing_secret, slack.api_url) == (None, "http://127.0.0.1:4010/api/")
    [matrix] = found.matrix
    assert (matrix.name, matrix.homeserver) == ("ACMA", "https://matrix.acma.example")
    assert (matrix.user_id, matrix.password) == ("@comity:acma.example", "s3cret")
    assert (matrix.access_token, matrix.device_id, matrix.pickle_key) == (None, None, None)
    assert matrix.store_dir == tmp_path / "stores/acma"
    assert matrix.allow == ("acma.example", "ico.example:8448")


def test_an_account_s_defaults(tmp_path: Path) -> None:
    found = read(SLACK | MATRIX, tmp_path)
    assert found.slack[0].api_url == "https://slack.com/api/"
    assert found.matrix[0].store_dir == tmp_path / "var/matrix/acma"
    assert found.matrix[0].allow == ("acma.example",)


def test_the_same_keys_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_text(
        """
        database_url = "sqlite:////srv/comity.db"
        web_port = 9000
        [slack.ftc]
        bot_token = "xoxb-1"
        signing_secret = "abc"
        [matrix.acma]
        homeserver = "https://matrix.acma.example"
        user_id = "@comity:acma.example"
        access_token = "syt_1"
        device_id = "COMITY"
        allow = ["acma.example", "ico.example"]
        """
    )
    found = read({}, tmp_path)
    assert (found.database_url, found.web_port) == ("sqlite:////srv/comity.db", 9000)
    assert (found.slack[0].name, found.slack[0].signing_secret) == ("ftc", "abc")
    assert (found.matrix[0].access_token, found.matrix[0].device_id) == ("syt_1", "COMITY")
    assert found.matrix[0].allow == ("acma.example", "ico.example")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_text('web_port = 9000\n[slack.ftc]\nbot_token = "old"\napp_token = "kept"\n')
    found = read({"COMITY_WEB_PORT": "9001", "COMITY_SLACK__FTC__BOT_TOKEN": "new"}, tmp_path)
    assert found.web_port == 9001
    [account] = found.slack
    assert (account.name, account.bot_token, account.app_token) == ("ftc", "new", "kept")


def test_an_empty_variable_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_text("web_port = 9000\n")
    assert read({"COMITY_WEB_PORT": "", "COMITY_CONFIG": ""}, tmp_path).web_port == 9000


def test_accounts_stand_as_in_the_file_then_by_name(tmp_path: Path) -> None:
    tables = [f'[slack.{name}]\nbot_token = "x"\napp_token = "x"\n' for name in ("zulu", "alpha")]
    (tmp_path / "comity.toml").write_text("".join(tables))
    environ = {f"COMITY_SLACK__{name}__{key}": "x" for name in ("M", "B") for key in ("BOT_TOKEN", "APP_TOKEN")}
    assert [account.name for account in read(environ, tmp_path).slack] == ["zulu", "alpha", "B", "M"]


def test_another_file(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("web_port = 9000\n")
    (tmp_path / "comity.toml").write_text("web_port = 1\n")
    assert read({"COMITY_CONFIG": "other.toml"}, tmp_path).web_port == 9000


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"COMITY_WEB_PROT": "1"}, "COMITY_WEB_PROT is no setting: write COMITY_WEB_PORT, or take it away"),
        ({"COMITY_web_port": "1"}, "COMITY_web_port is no setting: write COMITY_WEB_PORT, or take it away"),
        ({"COMITY_QQQ": "1"}, "COMITY_QQQ is no setting: take it away"),
        (
            SLACK | {"COMITY_SLACK__FTC__APP_TOKN": "s3cret"},
            "COMITY_SLACK__FTC__APP_TOKN is no setting: write COMITY_SLACK__FTC__APP_TOKEN, or take it away",
        ),
        (
            {"COMITY_SLACK_BOT_TOKEN": "s3cret"},
            "COMITY_SLACK_BOT_TOKEN is no setting: write COMITY_SLACK__<NAME>__BOT_TOKEN, or take it away",
        ),
        ({"COMITY_SLACK": "1"}, "COMITY_SLACK is no setting: take it away"),
        (
            SLACK | {"COMITY_SLACK__ftc__BOT_TOKEN": "s3cret"},
            "COMITY_SLACK__ftc__BOT_TOKEN and COMITY_SLACK__FTC__BOT_TOKEN are the same setting: take one of them away",
        ),
        (
            {"COMITY_SLACK__A B__BOT_TOKEN": "s3cret"},
            "COMITY_SLACK__A B__BOT_TOKEN: an account's name has letters and digits, with - or _ between them",
        ),
        ({"COMITY_SLACK__FTC__APP_TOKEN": "s3cret"}, "COMITY_SLACK__FTC__BOT_TOKEN is missing"),
        (SLACK | {"COMITY_SLACK__FTC__BOT_TOKEN": " "}, "COMITY_SLACK__FTC__BOT_TOKEN is missing"),
        (
            {"COMITY_SLACK__FTC__BOT_TOKEN": "s3cret"},
            "COMITY_SLACK__FTC__APP_TOKEN (Socket Mode) or its SIGNING_SECRET (HTTP mode) is missing",
        ),
        (
            MATRIX | {"COMITY_MATRIX__ACMA__PASSWORD": ""},
            "COMITY_MATRIX__ACMA__PASSWORD, or its ACCESS_TOKEN with its DEVICE_ID, is missing",
        ),
        (
            MATRIX | {"COMITY_MATRIX__ACMA__PASSWORD": "", "COMITY_MATRIX__ACMA__ACCESS_TOKEN": "s3cret"},
            "COMITY_MATRIX__ACMA__DEVICE_ID is missing",
        ),
        (MATRIX | {"COMITY_MATRIX__ACMA__HOMESERVER": ""}, "COMITY_MATRIX__ACMA__HOMESERVER is missing"),
        (MATRIX | {"COMITY_MATRIX__ACMA__USER_ID": ""}, "COMITY_MATRIX__ACMA__USER_ID is missing"),
        (
            MATRIX | {"COMITY_MATRIX__ACMA__USER_ID": "comity@acma.example"},
            "COMITY_MATRIX__ACMA__USER_ID is no Matrix user id: write it as in @comity:agency.example",
        ),
        (
            MATRIX | {"COMITY_MATRIX__ACMA__USER_ID": f"@{'c' * 250}:acma.example"},
            "COMITY_MATRIX__ACMA__USER_ID is no Matrix user id: write it as in @comity:agency.example",
        ),
        (
            SLACK | {"COMITY_SLACK__FTC__signing_secret": "s3cret"},
            "COMITY_SLACK__FTC__signing_secret is no setting: write COMITY_SLACK__FTC__SIGNING_SECRET, or take it away",
        ),
        (
            MATRIX | {"COMITY_MATRIX__ACMA__ALLOW": "acma.example, http://x"},
            "COMITY_MATRIX__ACMA__ALLOW names no homeservers: write them as in agency.example,other.example",
        ),
        (
            {"COMITY_OPERATOR_PLACE": "slack:FTC/C0123"},
            "COMITY_OPERATOR_PLACE names an account of slack that is not set: there are none",
        ),
        (
            SLACK | {"COMITY_OPERATOR_PLACE": "slack:ICO/C0123"},
            "COMITY_OPERATOR_PLACE names an account of slack that is not set: there are FTC",
        ),
    ],
)
def test_a_mistake_gets_one_line(environ: dict[str, str], line: str, tmp_path: Path) -> None:
    assert complaints(environ, tmp_path) == (line,)


@pytest.mark.parametrize(
    ("setting", "texts", "instead"),
    [
        (
            "DATABASE_URL",
            ["comity.db", "sqlite://comity.db", "sqlite:///", "sqlite:///:memory:", "mysql://h/db", "postgres://h/db",
             "postgresql://h", "postgresql://h:port/db", "postgresql://[h/db", "postgresql://u:s3cret@h o/db"],
            "write sqlite:///var/comity.db or postgresql://user@host/db",
        ),
        (
            "VAULT_KEY",
            ["s3cret", "0" * 63, "g" * 64, "c2hvcnQ="],
            "write 64 hexadecimal digits, or 32 bytes in base64",
        ),
        ("EXHIBIT_MAX", ["big", "-1MB", "0MB", "MB", "1e3MB", "9999999999MB", "1TB"], "write it as in 100MB"),
        ("WEB_PORT", ["0", "65536", "http", "80.5", "9" * 5000, "\u0668\u0660"], "write a number from 1 to 65535"),
        ("WEB_HOST", ["http://x", "a b", "x/y"], "as in 127.0.0.1"),
        (
            "WEB_URL",
            ["comity.example", "ftp://comity.example", "https://", "https://u:s3cret@h", "https://h:99999", "https://h/?q",
             "https://[h", "https://h o"],
            "write it as in https://comity.example",
        ),
        (
            "OPERATOR_PLACE",
            ["#ops", "slack:C0123", "slack:FTC", "matrix:ACMA/room", "irc:x/y", "local:"],
            "write slack:NAME/C0123, matrix:NAME/!room:server or local:channel",
        ),
    ],
)  # fmt: skip
def test_a_malformed_value(setting: str, texts: list[str], instead: str, tmp_path: Path) -> None:
    for text in texts:
        [line] = complaints({f"COMITY_{setting}": text}, tmp_path)
        assert line.startswith(f"COMITY_{setting} ")
        assert line.endswith(instead)


@pytest.mark.parametrize(
    ("setting", "text", "expected"),
    [
        ("DATABASE_URL", "postgresql:///comity?host=/run/postgresql", "postgresql:///comity?host=/run/postgresql"),
        ("DATABASE_URL", "sqlite:////srv/comity.db", "sqlite:////srv/comity.db"),
        ("EXHIBIT_MAX", "500", 500),
        ("EXHIBIT_MAX", "100MB", 100_000_000),
        ("EXHIBIT_MAX", "1 kb", 1000),
        ("EXHIBIT_MAX", "1MiB", 1024**2),
        ("WEB_PORT", " 65535 ", 65535),
        ("WEB_HOST", "::1", "::1"),
        ("WEB_URL", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("WEB_URL", "https://agency.example/comity/", "https://agency.example/comity"),
        ("OPERATOR_PLACE", "local:ops", "local:ops"),
    ],
)
def test_a_well_formed_value(setting: str, text: str, expected: object, tmp_path: Path) -> None:
    assert getattr(read({f"COMITY_{setting}": text}, tmp_path), setting.lower()) == expected


@pytest.mark.parametrize("room", ["!abc:acma.example", "!v12-has-no-server", "!a:[::1]:8448"])
def test_a_matrix_place(room: str, tmp_path: Path) -> None:
    place = f"matrix:ACMA/{room}"
    assert read(MATRIX | {"COMITY_OPERATOR_PLACE": place}, tmp_path).operator_place == place


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("databse_url = 'x'", "comity.toml: databse_url is no setting: write database_url, or take it away"),
        ("config = 'x'", "comity.toml: config is no setting: take it away"),
        ("slack = 'x'", "comity.toml: slack is no setting: take it away"),
        ("[irc.ftc]\nnick = 'x'", "comity.toml: [irc.ftc] nick is no setting: take it away"),
        (
            "[slack]\nbot_token = 's3cret'",
            "comity.toml: [slack] bot_token belongs to an account: write it under [slack.NAME]",
        ),
        ("web_port = true", "comity.toml: web_port must be a text in quotation marks"),
        ("web_url = 2026-12-10", "comity.toml: web_url must be a text in quotation marks"),
        ("web_port = 0", "comity.toml: web_port is no port: write a number from 1 to 65535"),
    ],
)
def test_a_mistake_in_the_file(toml: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_text(toml)
    assert complaints({}, tmp_path) == (line,)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert complaints({"COMITY_CONFIG": "gone.toml"}, tmp_path) == (
        f"COMITY_CONFIG: there is no file {tmp_path}/gone.toml",
    )
    assert complaints({"COMITY_CONFIG": "."}, tmp_path) == (f"{tmp_path} cannot be read: Is a directory",)
    file = tmp_path / "comity.toml"
    file.write_text('vault_key = "s3cret\nweb_port = 1')
    assert complaints({}, tmp_path) == (f"{file} is not TOML (at line 1, column 20)",)
    file.write_bytes(b"\xff\xfe")
    assert complaints({}, tmp_path) == (f"{file} cannot be read: it is not UTF-8",)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_text("nonsense = 1\n")
    environ = {"COMITY_WEB_PORT": "x", "COMITY_WEB_URL": "x", "COMITY_MATRIX__ACMA__PASSWORD": "s3cret"}
    assert [line.split(" is ")[0] for line in complaints(environ, tmp_path)] == [
        "comity.toml: nonsense",
        "COMITY_WEB_PORT",
        "COMITY_WEB_URL",
        "COMITY_MATRIX__ACMA__HOMESERVER",
        "COMITY_MATRIX__ACMA__USER_ID",
    ]


NAMES = st.sampled_from(
    [
        "DATABASE_URL", "VAULT_DIR", "VAULT_KEY", "VAULT_KEY_OLD", "EXHIBIT_MAX", "WEB_HOST", "WEB_PORT", "WEB_URL",
        "OPERATOR_PLACE", "CLOCK", "SLACK__FTC__BOT_TOKEN", "SLACK__FTC__SIGNING_SECRET", "SLACK__FTC__API_URL",
        "MATRIX__ACMA__HOMESERVER", "MATRIX__ACMA__USER_ID", "MATRIX__ACMA__PASSWORD", "MATRIX__ACMA__ACCESS_TOKEN",
        "MATRIX__ACMA__ALLOW", "MATRIX__ACMA__PICKLE_KEY", "SLACK__FTC__BOT_TOKN", "VAULT_KEYS", "TOKEN",
    ]
)  # fmt: skip
TEXTS = st.text(max_size=20) | st.sampled_from(
    ["postgresql://u:{}@h/d", "https://u:{}@h", "{}", "slack:{}/C1", "@{}:h"]
)
SECRET = "qZ7-unheard-of"  # noqa: S105 - of this test alone


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    texts=st.dictionaries(NAMES, TEXTS.map(lambda text: text.replace("{}", SECRET)), max_size=8),
    with_secret=st.booleans(),
)
def test_no_text_breaks_the_reading_and_no_complaint_repeats_it(
    texts: dict[str, str], with_secret: bool, tmp_path: Path
) -> None:
    environ = {f"COMITY_{name}": text + SECRET * with_secret for name, text in texts.items()}
    try:
        read(environ, tmp_path)
    except SettingsError as wrong:
        said = str(wrong)
    else:
        return
    assert SECRET not in said


def test_a_representation_shows_no_secret(tmp_path: Path) -> None:
    environ = SLACK | {
        "COMITY_SLACK__FTC__SIGNING_SECRET": "s3cret",
        "COMITY_DATABASE_URL": "postgresql://comity:s3cret@db/comity",
        "COMITY_VAULT_KEY": b"s3cret".hex().ljust(64, "0"),
        "COMITY_VAULT_KEY_OLD": b"s3cret".hex().ljust(64, "0"),
        "COMITY_MATRIX__ACMA__ACCESS_TOKEN": "s3cret",
        "COMITY_MATRIX__ACMA__DEVICE_ID": "COMITY",
        "COMITY_MATRIX__ACMA__PICKLE_KEY": "s3cret",
    }
    shown = repr(read(MATRIX | environ, tmp_path))
    assert "s3cret" not in shown
    assert b"s3cret".hex() not in shown
    assert "matrix.acma.example" in shown


@pytest.mark.parametrize(
    "text", ["2026-12-01T09:00Z", "2026-12-01T09:00:00+00:00\n", " 2026-12-01T20:00+11:00 ", "2026-12-01 09:00Z"]
)
def test_the_clock_of_a_rehearsal(text: str, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text(text)
    assert read_clock(file) == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert read_clock(file).tzinfo is UTC


@pytest.mark.parametrize(
    "content", [b"", b"soon", b"2026-12-01T09:00", b"2026-12-01", b"\xff", b"2026-12-01T0", b"0001-01-01T00:00+14:00"]
)
def test_a_clock_that_holds_no_instant(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="holds no instant: write one with its zone, as in 2026-12-01T09:00Z"):
        read_clock(file)


def test_a_clock_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"COMITY_CLOCK: .*clock cannot be read: No such file or directory"):
        read_clock(tmp_path / "clock")
