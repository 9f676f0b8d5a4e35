"""What several of the tables' modules say in SQL in the same way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    delete,
    insert,
    null,
    select,
    update,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite

from latesync.store.schema import sites

Value = TypeVar("Value")

CHUNK = 500  # values in one IN (…): far below every server's limit


def chunks(values: Collection[Value]) -> Iterator[list[Value]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def lock_site(connection: Connection, site_id: str) -> None:
    """Let one transaction at a time look whether a row of the site is there, and insert it if not.

    Inserting first and updating after a duplicate would deadlock on InnoDB, where both keep a shared
    lock on the row that was there. On SQLite a writing transaction is alone anyway.
    """
    connection.execute(select(sites.c.id).where(sites.c.id == site_id).with_for_update())


def put_row(
    connection: Connection, table: Table, site_id: str, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Update the site's row of that key or insert it; safe when two do it at once."""
    lock_site(connection, site_id)
    whole_key = {"site_id": site_id, **key}
    matches = and_(*(table.c[name] == value for name, value in whole_key.items()))
    if not connection.execute(update(table).where(matches).values(**values)).rowcount:
        connection.execute(insert(table).values(**whole_key, **values))


def upsert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], new_values: Collection[str]
) -> None:
    """Insert rows; where one of that primary key is there, overwrite its `new_values` columns.

    One statement, which locks nothing but these rows: for transactions that go on to lock others, where
    `put_row`'s lock on the site could close a circle.
    """
    if connection.dialect.name == "mysql":
        on_mysql = mysql.insert(table)
        replaced = {name: on_mysql.inserted[name] for name in new_values}
        connection.execute(on_mysql.on_duplicate_key_update(replaced), rows)
        return
    elsewhere = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    replaced = {name: elsewhere.excluded[name] for name in new_values}
    key = list(table.primary_key.columns)
    connection.execute(elsewhere.on_conflict_do_update(index_elements=key, set_=replaced), rows)


def delete_found(connection: Connection, table: Table, *wanted: ColumnElement[bool]) -> int:
    """Delete rows that will never be other than wanted, of a table with an `id`; how many.

    In two statements: a DELETE that looks into another table locks that one's rows too (InnoDB), which
    whoever signs in locks in the other order.
    """
    deleted = 0
    for ids in chunks(list(connection.scalars(select(table.c.id).where(*wanted)))):
        deleted += connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount
    return deleted


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row; returns the number it was given."""
    made = connection.execute(insert(table).values(**values)).inserted_primary_key
    return int(cast("tuple[int]", made)[0])


def problem_values(table: Table) -> list[tuple[Column[Any], Any]]:
    """SET problem and problem_since, for `ordered_values`; takes :new_problem and :at.

    The time stays while the same problem lasts. It comes first: MySQL assigns from left to right and
    would compare with the new problem.
    """
    return [
        (table.c.problem_since, _since(table)),
        (table.c.problem, bindparam("new_problem", type_=table.c.problem.type)),
    ]


def _since(table: Table) -> ColumnElement[datetime]:
    new_problem = bindparam("new_problem", type_=table.c.problem.type)
    at = bindparam("at", type_=table.c.problem_since.type)
    return case(
        (new_problem.is_(None), null()), (table.c.problem == new_problem, table.c.problem_since), else_=at
    )
