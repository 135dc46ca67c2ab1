"""HTTP mode: signed requests to an app's request URL; what they say is not its business."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.slack.acks import Ack, Retry
from tests.slack.apps import App, Json


class Http:
    """Posts to apps. `skew` seconds are added to the timestamps that it signs; `tamper` changes what was signed."""

    def __init__(self, ack_within: float) -> None:
        self.ack_within = ack_within
        self.skew = 0.0
        self.tamper = False
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def carry(self, app: App, kind: str, payload: Json, retry: Retry | None) -> Ack:
        """Post it in the form of its kind."""
        if kind == "events_api":
            return await self._post(app, json.dumps(payload), "application/json", retry)
        body = urlencode(payload if kind == "slash_commands" else {"payload": json.dumps(payload)})
        return await self._post(app, body, "application/x-www-form-urlencoded", retry)

    async def verify(self, app: App) -> bool:
        """Slack's challenge to a request URL that somebody has just entered."""
        challenge = hashlib.sha256(app.id.encode()).hexdigest()
        body = json.dumps({"token": app.verification, "challenge": challenge, "type": "url_verification"})
        ack = await self._post(app, body, "application/json", None)
        told = ack.payload.get("challenge") if isinstance(ack.payload, dict) else ack.payload
        return ack.failure is None and told == challenge

    async def _post(self, app: App, body: str, content_type: str, retry: Retry | None) -> Ack:
        assert self._session is not None
        assert app.request_url is not None
        timestamp = str(int(time.time() + self.skew))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(app.signing_secret, timestamp, body),
        }
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
        if self.tamper:
            body += " "
        try:
            async with self._session.post(
                app.request_url,
                data=body.encode(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self.ack_within),
                allow_redirects=False,
            ) as answer:
                text = await answer.text()
                again = answer.headers.get("X-Slack-No-Retry") != "1"
                if answer.status != 200:
                    return Ack(failure="http_error", again=again)
                return Ack(_read(text, answer.content_type), again=again)
        except TimeoutError:
            return Ack(failure="timeout")
        except aiohttp.ClientError:
            return Ack(failure="connection_failed")


def sign(secret: str, timestamp: str, body: str) -> str:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack/"""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


def _read(text: str, content_type: str) -> Any:
    if not text:
        return None
    if content_type == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
