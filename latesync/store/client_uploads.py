"""A client file between its upload and the owner's "yes": sealed, and forgotten within the hour."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from latesync.store.consent_schema import client_uploads
from latesync.store.database import Database, reading, writing
from latesync.store.secrets import SecretBox

UPLOAD_LIFE = timedelta(hours=1)
_C = client_uploads.c


def keep_upload(
    db: Database | Connection, box: SecretBox, site_id: str, provider: str, content: str, now: datetime
) -> str:
    """Keep a client file's text; returns the random name under which only this upload is found."""
    upload_id = secrets.token_hex(16)
    row = {"id": upload_id, "site_id": site_id, "provider": provider, "uploaded_at": now}
    with writing(db) as connection:
        connection.execute(insert(client_uploads).values(**row, content=box.seal(content)))
    return upload_id


def read_upload(
    db: Database | Connection, box: SecretBox, site_id: str, upload_id: str, now: datetime
) -> str | None:
    """The text; None when it is too old, taken or unknown. Raises SecretUnreadable."""
    query = select(_C.content).where(
        _C.site_id == site_id, _C.id == upload_id, _C.uploaded_at > now - UPLOAD_LIFE
    )
    with reading(db) as connection:
        sealed: str | None = connection.scalar(query)
    return None if sealed is None else box.open(sealed)


def forget_upload(db: Database | Connection, site_id: str, upload_id: str) -> bool:
    """False when it was forgotten before: two who press the same button are told apart by it."""
    with writing(db) as connection:
        gone = delete(client_uploads).where(_C.site_id == site_id, _C.id == upload_id)
        return connection.execute(gone).rowcount == 1


def prune_uploads(db: Database | Connection, now: datetime) -> int:
    with writing(db) as connection:
        old = delete(client_uploads).where(_C.uploaded_at <= now - UPLOAD_LIFE)
        return connection.execute(old).rowcount
