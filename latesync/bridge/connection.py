"""The one line an owner copies from LateSync's page into the plugin's settings."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

from latesync.errors import WrongInput

_START = "latesync:"


@dataclass(frozen=True, slots=True)
class Connection:
    """address: LateSync's own, without a slash at the end. site: 12 hex. secret: shared by the two."""

    address: str
    site: str
    secret: str = field(repr=False)


def make_connection_string(connection: Connection) -> str:
    """`latesync:` and base64url, unpadded, of the three as JSON. It holds the secret."""
    content = {"address": connection.address, "site": connection.site, "secret": connection.secret}
    packed = json.dumps(content, separators=(",", ":")).encode()
    return _START + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_connection_string(text: str) -> Connection:
    """What such a line holds. Raises WrongInput; the text is not repeated, it may hold the secret."""
    start, packed = text.strip()[: len(_START)], text.strip()[len(_START) :]
    try:
        padded = packed + "=" * (-len(packed) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        parts = [content[name] for name in ("address", "site", "secret")]
    except (ValueError, KeyError, TypeError, RecursionError):
        parts = []
    if start != _START or not parts or not all(isinstance(part, str) and part for part in parts):
        raise WrongInput(
            "This is not a connection string. Copy the whole of it from LateSync's page WordPress once more."
        )
    address, site, secret = parts
    return Connection(address.rstrip("/"), site, secret)
