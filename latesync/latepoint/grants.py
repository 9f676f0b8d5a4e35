"""The rights LateSync's database user needs: named columns to read, its own two tables to write."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Engine, text

from latesync.errors import WrongInput
from latesync.latepoint.bridge_tables import (
    accounts_table_name,
    busy_table_name,
    create_table_statements,
)
from latesync.latepoint.connection import site_errors
from latesync.latepoint.off_periods import READ_COLUMNS, off_periods_table_name
from latesync.latepoint.schema import OPTIONAL, REQUIRED, VERSION_5, checked_prefix, table_name

_NAME = re.compile(r"[^'\"`\\\x00-\x1f]+")

# Whole, because its columns change from LatePoint 4 to 5 and the grant should survive that; it holds
# neither names nor addresses of people.
_WHOLE_TABLES = ("bookings",)


def grant_statements(prefix: str, database: str, user: str, *, has_orders: bool = True) -> list[str]:
    """The GRANTs, without semicolons, to be run by a database administrator once all tables are there.

    Passwords, activation keys and private notes are in columns that are not among them
    (latepoint-live.md §9; design.md §6).
    user: `name` or `name@host`.
    has_orders: False on LatePoint 4, which has no order tables.

    Raises WrongInput.
    """
    checked_prefix(prefix)
    place, account = _quoted(database, "`"), _account(user)
    statements = [
        f"GRANT {rights} ON {place}.`{table_name(prefix, short_name)}` TO {account}"
        for short_name, rights in _readings(has_orders=has_orders).items()
    ]
    return statements + _own_grants(prefix, place, account)


def own_table_statements(prefix: str, database: str, user: str) -> list[str]:
    """What makes LateSync's own two tables and lets our user write them, without semicolons.

    user: as in grant_statements. Raises WrongInput.
    """
    grants = _own_grants(prefix, _quoted(database, "`"), _account(user))
    return [f"USE {_quoted(database, '`')}", *create_table_statements(prefix), *grants]


def off_periods_grant(prefix: str, database: str, user: str) -> str:
    """The further GRANT, only where LatePoint's off periods were chosen for busy time. Raises WrongInput."""
    columns = ", ".join(f"`{column}`" for column in READ_COLUMNS)
    name = off_periods_table_name(prefix)
    place, account = _quoted(database, "`"), _account(user)
    return f"GRANT SELECT ({columns}), INSERT, DELETE ON {place}.`{name}` TO {account}"


def granted_user(engine: Engine) -> str:
    """`name@host` of our user as the server knows it, to be named in a GRANT. Raises SiteUnavailable."""
    if engine.dialect.name == "sqlite":
        return "latesync"
    with site_errors(), engine.connect() as connection:
        return str(connection.scalar(text("SELECT CURRENT_USER()")))


def _own_grants(prefix: str, place: str, account: str) -> list[str]:
    own = (busy_table_name(prefix), accounts_table_name(prefix))
    return [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {place}.`{name}` TO {account}" for name in own]


def _readings(*, has_orders: bool) -> Mapping[str, str]:
    names = dict.fromkeys([*REQUIRED, *OPTIONAL, *(["order_items", "orders"] if has_orders else [])])
    return {name: "SELECT" if name in _WHOLE_TABLES else _select(name) for name in names}


def _select(short_name: str) -> str:
    columns = [*REQUIRED.get(short_name, ()), *OPTIONAL.get(short_name, ()), *VERSION_5.get(short_name, ())]
    return f"SELECT ({', '.join(f'`{column}`' for column in columns)})"


def _account(user: str) -> str:
    name, _, host = user.rpartition("@") if "@" in user else (user, "", "%")
    return f"{_quoted(name, chr(39))}@{_quoted(host, chr(39))}"


def _quoted(name: str, quote: str) -> str:
    if not _NAME.fullmatch(name):
        raise WrongInput(
            f"{name!r} cannot be used in a GRANT: it is empty, or has quotes or backslashes in it."
        )
    return f"{quote}{name}{quote}"
