"""Sign-ins on their way: the OAuth state, kept here, used once, in the browser that began it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from latesync.errors import SecretUnreadable, SignInRefused
from latesync.options import NextSync
from latesync.store.database import Database, writing
from latesync.store.schema import sign_ins
from latesync.store.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class SignInRow:
    """code_verifier: what the provider's return needs (consent/providers.py: SignInStart.kept).

    writes: the bookings go to the account from then on, though the agent had another one.
    """

    site_id: str
    agent_id: int
    provider: str
    client_ref: int
    code_verifier: str = field(repr=False)
    created_at: datetime
    next: NextSync = NextSync.ALL
    writes: bool = False


_C = sign_ins.c
_USE = (
    update(sign_ins)
    .where(
        _C.state_hash == bindparam("state"),
        _C.browser == bindparam("from_browser"),
        _C.created_at > bindparam("oldest", type_=_C.created_at.type),
        _C.used_at.is_(None),
    )
    .values(used_at=bindparam("at", type_=_C.used_at.type))
)


def record_sign_in(
    db: Database | Connection,
    box: SecretBox,
    state: str,
    *,
    site_id: str,
    agent_id: int,
    provider: str,
    client_ref: int,
    code_verifier: str,
    browser: str,
    now: datetime,
    next_sync: NextSync = NextSync.ALL,
    writes: bool = False,
) -> None:
    """Remember a sign-in that is about to begin.

    state: random, of this sign-in. browser: a secret only the session of this browser holds.
    next_sync: which bookings it brings, should it be the account's first. code_verifier, writes: see
      SignInRow.
    """
    values = {
        "state_hash": _hash(state),
        "site_id": site_id,
        "agent_id": agent_id,
        "provider": provider,
        "client_ref": client_ref,
        "code_verifier": box.seal(code_verifier),
        "next": next_sync.value,
        "writes": writes,
        "browser": _hash(browser),
        "created_at": now,
    }
    with writing(db) as connection:
        connection.execute(insert(sign_ins), values)


def claim_sign_in(
    db: Database, box: SecretBox, state: str, browser: str, now: datetime, max_age: timedelta
) -> SignInRow:
    """The sign-in that returns with this state, once.

    Raises SignInRefused: "state_unknown", "other_browser", "state_used", "state_expired", "key_lost". A
    wrong browser does not use it up: the right one may still be on its way.
    """
    state_hash, browser_hash = _hash(state), _hash(browser)
    values = {"state": state_hash, "from_browser": browser_hash, "oldest": now - max_age, "at": now}
    with db.write() as connection:
        claimed = connection.execute(_USE, values).rowcount == 1
        row = connection.execute(select(sign_ins).where(_C.state_hash == state_hash)).first()
    if row is None:
        raise SignInRefused("state_unknown")
    if not hmac.compare_digest(row.browser, browser_hash):
        raise SignInRefused("other_browser")
    if not claimed:
        raise SignInRefused("state_used" if row.used_at is not None else "state_expired")
    try:
        code_verifier = box.open(row.code_verifier)
    except SecretUnreadable as exc:  # begun under a key that is gone: it has to begin anew
        raise SignInRefused("key_lost") from exc
    return SignInRow(
        site_id=row.site_id,
        agent_id=row.agent_id,
        provider=row.provider,
        client_ref=row.client_ref,
        code_verifier=code_verifier,
        created_at=row.created_at,
        next=NextSync(row.next) if row.next else NextSync.ALL,
        writes=bool(row.writes),
    )


def prune_sign_ins(db: Database | Connection, older_than: datetime) -> int:
    with writing(db) as connection:
        return connection.execute(delete(sign_ins).where(_C.created_at < older_than)).rowcount


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
