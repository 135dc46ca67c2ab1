"""A real Matrix homeserver for tests: Synapse as a process of its own, on loopback; it knows nothing of Comity.

python -m tests.synapse CONFIGURATION is that process. It ends with the one that began it, whatever ended that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parent.parent
LOOPBACK = "127.0.0.1"
START_WITHIN = 120.0
"""Seconds; a start takes 4 by itself, and many times that where others use the machine."""
STOP_WITHIN = 15.0
"""Seconds from SIGTERM to SIGKILL."""
SECRET = "only for tests"  # noqa: S105
OFTEN = {"per_second": 1e6, "burst_count": 1_000_000}


class FailedError(Exception):
    """The homeserver did not start or did not do as asked; says what it answered or logged."""


class Synapse:
    """One homeserver: its port, name, keys and data stay the same from start to start."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        server_name: str = "localhost",
        federation: bool = False,
        **settings: Any,
    ) -> None:
        """Nothing runs yet. With federation it is named by its address, the one name that others find on loopback.

        Args:
            folder: what it keeps; made where it is missing.
            port: of the client interface; a free one if not given.
            server_name: what stands behind the colon of its people's names.
            federation: other homeservers on loopback reach it and are reached, over TLS.
            settings: of homeserver.yaml, in place of those set here.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.server_name = server_name
        self.log = self.folder / "log.txt"
        self._process: subprocess.Popen[bytes] | None = None
        configuration = _configuration(self.folder, self.port)
        if federation:
            tls_port = free_port()
            self.server_name = f"{LOOPBACK}:{tls_port}"
            more = _federation(self.folder, tls_port)
            configuration |= more | {"listeners": configuration["listeners"] + more["listeners"]}
        else:
            configuration["federation_domain_whitelist"] = []
        configuration["server_name"] = self.server_name
        key = self.folder / "signing.key"
        if not key.exists():
            key.write_text(f"ed25519 a_test {base64.b64encode(secrets.token_bytes(32)).decode().rstrip('=')}\n")
        self._configuration = self.folder / "homeserver.yaml"
        self._configuration.write_text(json.dumps(configuration | settings, indent=2))  # JSON is YAML

    @property
    def pid(self) -> int | None:
        """The number of its process, while it runs."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Begin the process and wait until it answers; the first time it makes its database.

        Raises:
            FailedError: it ended, or did not answer in time. Nothing is left running.
        """
        if self.alive:
            return
        if listens(self.port):
            raise FailedError(f"Something else listens on port {self.port}.")
        with self.log.open("ab") as log:
            # The pipe to its standard input closes with this process, and it ends when that closes. A death signal
            # set by the kernel would come with the end of the thread that began it, which may be a short one.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.synapse", str(self._configuration)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the one that began it, which stops it in its turn
            )
        try:
            self._await_health(self._process)
        except BaseException:
            self.kill()
            raise

    def _await_health(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_WITHIN
        while not self._healthy():
            if process.poll() is not None:
                raise FailedError(f"Synapse ended with {process.returncode}.\n{self.tail()}")
            if time.monotonic() > until:
                raise FailedError(f"Synapse did not answer within {START_WITHIN:g} s.\n{self.tail()}")
            time.sleep(0.02)

    def _healthy(self) -> bool:
        try:
            return self._exchange("GET", "/health")[0] == 200
        except (OSError, HTTPException):
            return False

    def stop(self) -> None:
        """End it as an operator does; killed where that takes too long. Harmless where it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut does, as far as a process can tell."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(how)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            if process.stdin:
                process.stdin.close()

    def restart(self) -> None:
        """Stop it and start it again: same port, same data."""
        self.stop()
        self.start()

    def register(self, localpart: str, password: str, *, admin: bool = False) -> str:
        """A new person of this server; returns the whole Matrix id.

        Raises:
            FailedError: the name is taken or no name at all.
        """
        path = "/_synapse/admin/v1/register"
        nonce = self.ask("GET", path)["nonce"]
        signed = "\0".join((nonce, localpart, password, "admin" if admin else "notadmin"))
        body = {
            "nonce": nonce,
            "username": localpart,
            "password": password,
            "admin": admin,
            "inhibit_login": True,
            "mac": hmac.new(SECRET.encode(), signed.encode(), hashlib.sha1).hexdigest(),  # as Synapse asks for it
        }
        return str(self.ask("POST", path, body)["user_id"])

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def ask(self, method: str, path: str, body: object = None, *, token: str | None = None) -> Any:
        """The JSON that it answers, to the one whose access token this is.

        Raises:
            FailedError: it answered an error.
        """
        status, answer = self._exchange(method, path, body, token)
        if status != 200:
            raise FailedError(f"{method} {path}: {status} {answer.decode(errors='replace')}")
        return json.loads(answer)

    def _exchange(self, method: str, path: str, body: object = None, token: str | None = None) -> tuple[int, bytes]:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Synapse]:
    """A homeserver that answers; options as for `Synapse`. It is stopped whatever happens."""
    homeserver = Synapse(folder, **options)
    homeserver.start()
    try:
        yield homeserver
    finally:
        homeserver.stop()


def listens(port: int) -> bool:
    """Whether something does, on loopback."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_port() -> int:
    """A port that nothing listens on.

    It lies below those that the system hands out to clients by itself: one of them would be gone at a restart.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port


def _configuration(folder: Path, port: int) -> dict[str, Any]:
    """What every homeserver here has: nothing leaves the machine, and nobody waits for a limit."""
    return {
        "listeners": [_listener(port, "client")],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "pid_file": str(folder / "homeserver.pid"),
        "log_config": str(_log_configuration(folder)),
        "macaroon_secret_key": SECRET,
        "form_secret": SECRET,
        "registration_shared_secret": SECRET,
        "bcrypt_rounds": 4,
        "report_stats": False,
        "presence": {"enabled": False},
        "url_preview_enabled": False,
        "max_upload_size": "120M",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "encryption_enabled_by_default_for_room_type": "off",
        **_limits(),
    }


def _listener(port: int, serves: str, *, tls: bool = False) -> dict[str, Any]:
    resources = [{"names": [serves]}]
    return {"port": port, "bind_addresses": [LOOPBACK], "type": "http", "tls": tls, "resources": resources}


def _limits() -> dict[str, Any]:
    plain = (
        "rc_message", "rc_registration", "rc_registration_token_validity", "rc_admin_redaction", "rc_joins_per_room",
        "rc_key_requests", "rc_3pid_validation", "rc_third_party_invite", "rc_media_create", "rc_delayed_event_mgmt",
        "rc_room_creation", "rc_reports", "rc_user_directory", "rc_profile",
    )  # fmt: skip
    return {
        **dict.fromkeys(plain, OFTEN),
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), OFTEN),
        "rc_joins": dict.fromkeys(("local", "remote"), OFTEN),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), OFTEN),
        "rc_presence": {"per_user": OFTEN},
        "rc_federation": {"sleep_limit": 100_000, "reject_limit": 100_000, "concurrent": 100},
    }


def _log_configuration(folder: Path) -> Path:
    file = folder / "log.yaml"
    handler = {"class": "logging.StreamHandler", "formatter": "line"}
    line = "%(asctime)s %(levelname)s %(name)s %(request)s %(message)s"
    configuration = {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "synapse.logging.context.LoggingContextFilter"}},
        "formatters": {"line": {"format": line}},
        "handlers": {"console": handler | {"filters": ["context"]}},
        "root": {"level": "WARNING", "handlers": ["console"]},
    }
    file.write_text(json.dumps(configuration))
    return file


def _federation(folder: Path, port: int) -> dict[str, Any]:
    """What makes two homeservers on loopback talk with each other, and soon again after one was away."""
    certificate, key = _certificate(folder)
    return {
        "tls_certificate_path": str(certificate),
        "tls_private_key_path": str(key),
        "federation_verify_certificates": False,
        "ip_range_blacklist": [],
        "federation_ip_range_blacklist": [],
        "federation": {
            "destination_min_retry_interval": 100,
            "destination_retry_multiplier": 1,
            "destination_max_retry_interval": 100,
            "max_long_retries": 1,
            "max_short_retries": 1,
            "max_long_retry_delay": 100,
            "max_short_retry_delay": 100,
        },
        "listeners": [_listener(port, "federation", tls=True)],
    }


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of the loopback address, and its key."""
    certificate, key = folder / "tls.crt", folder / "tls.key"
    if not certificate.exists():
        secret = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, LOOPBACK)])
        today = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(secret.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=3650))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
            .sign(secret, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        key.write_bytes(
            secret.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        )
        certificate.write_bytes(signed.public_bytes(pem))
    return certificate, key


def main(configuration: str) -> None:
    """Be the homeserver until told to end."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from synapse.app import homeserver  # noqa: PLC0415  # a second, for this process only
    from synapse.federation import sender  # noqa: PLC0415
    from synapse.util.duration import Duration  # noqa: PLC0415

    # Another homeserver that was away is looked for again every minute; its configuration cannot make it sooner.
    sender.WAKEUP_RETRY_PERIOD = sender.WAKEUP_INTERVAL_BETWEEN_DESTINATIONS = Duration(milliseconds=500)
    sys.argv = ["homeserver", "-c", configuration]
    homeserver.main()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
