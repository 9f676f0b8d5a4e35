"""Who may come in: admins, and the serial numbers that make personal links replaceable."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from latesync.errors import WrongInput
from latesync.store.database import Database, reading, writing
from latesync.store.schema import admins, personal_links
from latesync.store.statements import insert_row, lock_site, put_row

FIRST_SERIAL = 1  # of an agent whose link was never replaced; such an agent needs no row


@dataclass(frozen=True, slots=True)
class AdminRow:
    id: int
    email: str = field(repr=False)
    password_hash: str = field(repr=False)
    created_at: datetime


def create_admin(db: Database | Connection, email: str, password_hash: str, now: datetime) -> int:
    """Raises WrongInput when there is one with this address; capitals make no difference."""
    try:
        with writing(db) as connection, connection.begin_nested():
            row = {"email": _address(email), "password_hash": password_hash, "created_at": now}
            return insert_row(connection, admins, row)
    except IntegrityError as exc:
        raise WrongInput(
            "There is an admin with this e-mail address already. Use another address, or sign in with it."
        ) from exc


def find_admin(db: Database | Connection, email: str) -> AdminRow | None:
    with reading(db) as connection:
        row = connection.execute(select(admins).where(admins.c.email == _address(email))).first()
    return None if row is None else AdminRow(**row._mapping)


def read_admin(db: Database | Connection, admin_id: int) -> AdminRow | None:
    with reading(db) as connection:
        row = connection.execute(select(admins).where(admins.c.id == admin_id)).first()
    return None if row is None else AdminRow(**row._mapping)


def list_admins(db: Database | Connection) -> list[AdminRow]:
    with reading(db) as connection:
        return [AdminRow(**row._mapping) for row in connection.execute(select(admins).order_by(admins.c.id))]


def count_admins(db: Database | Connection) -> int:
    with reading(db) as connection:
        return int(connection.scalar(select(func.count()).select_from(admins)) or 0)


def set_password_hash(db: Database | Connection, admin_id: int, password_hash: str) -> None:
    with writing(db) as connection:
        connection.execute(update(admins).where(admins.c.id == admin_id).values(password_hash=password_hash))


def link_serial(db: Database | Connection, site_id: str, agent_id: int) -> int:
    """The serial a personal link of this agent must carry."""
    query = select(personal_links.c.serial).where(
        personal_links.c.site_id == site_id, personal_links.c.agent_id == agent_id
    )
    with reading(db) as connection:
        return int(connection.scalar(query) or FIRST_SERIAL)


def replace_link(db: Database | Connection, site_id: str, agent_id: int) -> int:
    """End every personal link the agent has; returns the serial of the next one."""
    with writing(db) as connection:
        lock_site(connection, site_id)
        serial = link_serial(connection, site_id, agent_id) + 1
        put_row(connection, personal_links, site_id, {"agent_id": agent_id}, {"serial": serial})
        return serial


def _address(email: str) -> str:
    return email.strip().casefold()
