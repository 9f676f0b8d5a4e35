"""A one-time link that opens an owner's session without a password: the demo's way in."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

from latesync.services import Services
from latesync.store.sites import read_setting, write_setting

LINK_LIFE = timedelta(minutes=10)  # from the terminal to the browser, on a slow machine
_SETTING = "owner_link"


def make_owner_link(services: Services, now: datetime, life: timedelta = LINK_LIFE) -> str:
    """An address that works once; a link made before stops working."""
    token = secrets.token_urlsafe(32)
    kept = json.dumps({"sha256": _digest(token), "ends_at": (now + life).timestamp()})
    write_setting(services.database, services.site_id, _SETTING, kept)
    return f"{services.config.base_url}/sign-in/{token}"


def use_owner_link(services: Services, token: str, now: datetime) -> bool:
    """Whether the token is the newest one, in time and unused; it is used up with that."""
    with services.database.write_alone(_SETTING) as connection:
        kept = read_setting(connection, services.site_id, _SETTING)
        if not kept:
            return False
        link = json.loads(kept)
        if not hmac.compare_digest(str(link["sha256"]), _digest(token)):
            return False
        write_setting(connection, services.site_id, _SETTING, "")
        return now.timestamp() < float(link["ends_at"])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
