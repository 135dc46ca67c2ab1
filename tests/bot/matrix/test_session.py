"""A bot is the same device at every start, logs in only when it must, and says what the operator must mend."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nio
import pytest

from bot.matrix.crypto import maintain
from bot.matrix.session import session
from bot.matrix.trouble import AccountError, LoggedOutError, LostStoreError, StoreInUseError
from bot.platform import UnreachableError
from tests.bot.matrix.people import PASSWORD, logged_in, must
from tests.bot.matrix.sealed import WRONG, account_of
from tests.synapse import ROOT, Synapse, free_port


async def test_a_restart_keeps_the_device_and_does_not_log_in_again(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("keeps", PASSWORD), tmp_path)
    async with session(account) as client:
        device, token, keys = client.device_id, client.access_token, client.olm.account.identity_keys
    async with session(replace(account, password=WRONG)) as client:
        assert (client.device_id, client.access_token) == (device, token)
        assert client.olm.account.identity_keys == keys


async def test_the_store_is_its_owners_only(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("modes", PASSWORD), tmp_path)
    async with session(account) as client:
        await maintain(client)
        assert stat.S_IMODE(account.store_dir.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in account.store_dir.iterdir()} == {0o600}


async def test_a_logged_out_bot_logs_in_as_the_same_device_and_can_still_be_written_to(
    homeserver: Synapse, tmp_path: Path
) -> None:
    account = account_of(homeserver, homeserver.register("back", PASSWORD), tmp_path)
    async with session(account) as client:
        await maintain(client)
        device, keys = client.device_id, client.olm.account.identity_keys
        async with logged_in(homeserver.url, account.user_id) as other:
            word = {"type": "m.login.password", "user": account.user_id, "password": PASSWORD}
            waiting = must(await other.delete_devices([device]), nio.DeleteDevicesAuthResponse)
            done = await other.delete_devices([device], word | {"session": waiting.session})
            must(done, nio.DeleteDevicesResponse)
        client.olm.account.shared = False
        with pytest.raises(LoggedOutError):
            await maintain(client)
    async with session(account) as client:
        assert (client.device_id, client.olm.account.identity_keys) == (device, keys)
        assert client.should_upload_keys
        await maintain(client)
    async with session(account) as client:
        assert not client.should_upload_keys


async def test_with_an_access_token(homeserver: Synapse, tmp_path: Path) -> None:
    user = homeserver.register("token", PASSWORD)
    async with logged_in(homeserver.url, user) as login:
        account = account_of(homeserver, user, tmp_path, password=None, access_token=login.access_token)
        account = replace(account, device_id=login.device_id)
        async with session(account) as client:
            assert client.device_id == login.device_id
        with pytest.raises(AccountError, match=r"__DEVICE_ID is not the access token's device: that is "):
            async with session(replace(account, device_id="OTHER")):
                pass
        with pytest.raises(AccountError, match=r"__USER_ID is @else:localhost, but the login is @token:localhost's"):
            async with session(replace(account, user_id="@else:localhost")):
                pass
        with pytest.raises(AccountError, match=r"__ACCESS_TOKEN is not taken by the homeserver") as refused:
            async with session(replace(account, access_token=WRONG)):
                pass
        assert WRONG not in f"{refused.value!r}"


async def test_a_wrong_password_is_for_the_operator_to_mend(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("wrong", PASSWORD), tmp_path, password=WRONG)
    with pytest.raises(AccountError) as refused:
        async with session(account):
            pass
    assert refused.value.complaints == (
        "COMITY_MATRIX__FTC__PASSWORD is not taken by the homeserver for @wrong:localhost: M_FORBIDDEN",
    )
    assert not (account.store_dir / "olm.db").exists()


async def test_a_homeserver_that_does_not_answer_is_tried_later(homeserver: Synapse, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    account = account_of(homeserver, "@away:localhost", tmp_path)
    with pytest.raises(UnreachableError, match="does not answer"):
        async with session(replace(account, homeserver=nobody)):
            pass


async def test_a_token_is_not_shown_to_another_homeserver(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("moved", PASSWORD), tmp_path)
    async with session(account) as client:
        device, token = client.device_id, client.access_token
    elsewhere = replace(account, homeserver=homeserver.url.replace("127.0.0.1", "localhost"))
    async with session(elsewhere) as client:
        assert client.device_id == device
        assert client.access_token != token


async def test_a_lost_store_stops_the_start(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("lost", PASSWORD), tmp_path, device_id="DESK")
    async with session(account) as client:
        await maintain(client)
    shutil.rmtree(account.store_dir)
    for _ in range(2):
        with pytest.raises(LostStoreError, match=r"knows the device DESK with other keys .* set another DEVICE_ID"):
            async with session(account):
                pass
    async with session(replace(account, device_id="DESK2")) as client:
        await maintain(client)


async def test_another_pickle_key_does_not_open_the_store(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("pickle", PASSWORD), tmp_path, pickle_key="one")
    async with session(account):
        pass
    for other in ("two", None):
        with pytest.raises(AccountError, match="__PICKLE_KEY does not open"):
            async with session(replace(account, pickle_key=other)):
                pass


_OPEN = """
import asyncio, sys
from pathlib import Path
from bot.matrix.store import held
from bot.matrix.trouble import StoreInUseError
from bot.settings import MatrixAccount

account = MatrixAccount("FTC", "http://127.0.0.1:1", "@a:b", None, None, None, Path(sys.argv[1]), None, ())
try:
    with held(account):
        print("had it")
except StoreInUseError as refused:
    print(refused)
"""


async def test_a_second_process_is_kept_out(homeserver: Synapse, tmp_path: Path) -> None:
    account = account_of(homeserver, homeserver.register("twice", PASSWORD), tmp_path)
    second = [sys.executable, "-c", _OPEN, str(account.store_dir)]
    async with session(account):
        out = subprocess.run(second, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: ASYNC221
        assert "is in use by another process" in out
        with pytest.raises(StoreInUseError):
            async with session(account):
                pass
    out = subprocess.run(second, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: ASYNC221
    assert out == "had it\n"
