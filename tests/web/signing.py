"""Signed notes and links, as the plugin in WordPress makes them."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from latesync import __version__
from latesync.bridge.signature import seal_headers, sign
from tests.web.salon import Salon

HOOK = "/hooks/site"
HELLO = {
    "plugin": __version__,
    "protocol": 1,
    "wordpress": "6.1.9",
    "latepoint": "5.6.5",
    "home": "https://salon-linden.example",
    "rest": "https://salon-linden.example/wp-json/latesync/v1",
}


def note_body(**parts: Any) -> bytes:
    return json.dumps({"v": 1, **parts}).encode()


def headers_for(
    secret: str, at: datetime, body: bytes, *, site: str = "", nonce: str | None = None, path: str = HOOK
) -> dict[str, str]:
    sealed = seal_headers(
        secret,
        site,
        "POST",
        path,
        body,
        timestamp=int(at.timestamp()),
        nonce=nonce or secrets.token_hex(16),
    )
    return {**sealed, "Content-Type": "application/json"}


def send(
    salon: Salon,
    body: bytes,
    *,
    client: FlaskClient | None = None,
    off_by: timedelta = timedelta(0),
    **changes: Any,
) -> TestResponse:
    """A note signed with the right secret, by a WordPress whose clock is `off_by`."""
    secret = changes.pop("secret", salon.services.bridge_secret)
    headers = headers_for(secret, salon.clock() + off_by, body, **changes)
    return (client or salon.visitor()).post(HOOK, data=body, headers=headers)


def enter_link(salon: Salon, path: str, **changes: str) -> str:
    """A link into LateSync: path with its query. changes: other parts of the query."""
    timestamp, nonce = int(salon.clock().timestamp()), secrets.token_hex(16)
    signature = sign(salon.services.bridge_secret, "GET", path, timestamp, nonce, b"")
    query = {
        "site": salon.services.site_id,
        "timestamp": str(timestamp),
        "nonce": nonce,
        "signature": signature,
    }
    return f"{path}?{urlencode(query | changes)}"
