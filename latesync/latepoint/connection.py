"""The site's database: an engine for it, and its errors as ours."""

from __future__ import annotations

import re
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymysql.err import OperationalError as NoConversation
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from latesync.errors import SchemaNotUnderstood, SiteUnavailable, WrongInput

# A healthy site with a million rows answers our slowest statement in 0.3 s (clients-and-speed.md §4).
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
WRITE_TIMEOUT_S = 30

# Shared hosts grant a user 15 to 30 connections, and WordPress wants some. Our reads take milliseconds and
# hold no connection afterwards, so 32 worker threads may well take turns.
KEPT_CONNECTIONS = 4
FURTHER_CONNECTIONS = 6
# Below MySQL's wait_timeout of shared hosts, so that the server is not the one to close.
RECYCLE_S = 240

SQLITE_BUSY_TIMEOUT_MS = 5000

# What PyMySQL raises where a server's greeting is none of MySQL's.
_NOT_UNDERSTOOD = (
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    TypeError,
    ValueError,
)
_MALFORMED = 2027

_UNKNOWN_COLUMN = 1054
_UNKNOWN_TABLE = 1146
_TABLE_DENIED = 1142
_COLUMN_DENIED = 1143
_SCHEMA_CODES = frozenset({_UNKNOWN_COLUMN, _UNKNOWN_TABLE, _TABLE_DENIED, _COLUMN_DENIED})

_SENTENCES = {
    0: "the connection was lost",
    1040: "it has no connection free (too many connections)",
    1044: "its user may not use that database",
    1045: "it refuses the user name or password",
    1049: "there is no database of that name",
    1203: "its user has too many connections",
    1205: "a lock was not released in time",
    1213: "two writers waited for each other",
    1226: "its user has used up what it is allowed",
    1290: "it is read-only at the moment",
    2002: "nothing answers at its address",
    2003: "nothing answers at its address",
    2006: "it closed the connection",
    2013: "the connection was lost, or an answer took too long",
    2027: "what answers at its address speaks no MySQL",
}


def open_site_database(url: str, *, read_timeout_s: int = READ_TIMEOUT_S) -> Engine:
    """An engine for the site's database; nothing is connected yet.

    url: `mysql://`, `mariadb://` (both with PyMySQL), or `sqlite:///path`. Further options of the
      address are kept (`?unix_socket=…`, `?ssl_ca=…`).
    Every statement commits by itself: PyMySQL's default would keep showing the rows of the first read
    (clients-and-speed.md §4, drivers).

    Raises WrongInput.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    engine = create_engine(
        _with_pymysql(parsed),
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,
        pool_size=KEPT_CONNECTIONS,
        max_overflow=FURTHER_CONNECTIONS,
        pool_recycle=RECYCLE_S,
        pool_timeout=READ_TIMEOUT_S,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "read_timeout": read_timeout_s,
            "write_timeout": WRITE_TIMEOUT_S,
        },
    )
    event.listen(engine, "do_connect", _connect)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction on an engine that otherwise commits every statement."""
    level = "SERIALIZABLE" if engine.dialect.name == "sqlite" else "READ COMMITTED"
    with engine.execution_options(isolation_level=level).begin() as connection:
        yield connection


@contextmanager
def site_errors() -> Iterator[None]:
    """Turn the driver's errors into ours; the texts hold no password, address or row.

    Raises SiteUnavailable (the same read may succeed later), SchemaNotUnderstood (a table or column is
    missing or not granted).
    """
    try:
        yield
    except PoolTimeout as exc:
        raise SiteUnavailable("the site's database: every connection of ours is busy") from exc
    except IntegrityError as exc:
        raise SiteUnavailable("the site's database: another writer was faster") from exc
    except DBAPIError as exc:
        raise _translated(exc) from exc


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not chained, and the address not repeated: it holds the password.
        raise WrongInput(
            "The site's database address cannot be read. "
            "It looks like mysql://user:password@host:3306/database; a character such as @, / or # in the "
            "password is written as %40, %2F or %23."
        ) from None
    if parsed.drivername not in {"mysql", "mariadb", "mysql+pymysql", "mariadb+pymysql", "sqlite"}:
        raise WrongInput(
            f"The site's database address starts with {parsed.drivername}://. WordPress uses MySQL or "
            "MariaDB: write mysql://user:password@host:3306/database."
        )
    if not parsed.database:
        raise WrongInput(
            "The site's database address names no database. Add its name (DB_NAME in wp-config.php) at the "
            "end: mysql://user:password@host:3306/database."
        )
    return parsed


def _with_pymysql(url: URL) -> URL:
    return url.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"})


def _connect(dialect: Dialect, _record: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """As the dialect would; a greeting that is none of MySQL's becomes an error of the driver's own kind."""
    try:
        return dialect.connect(*args, **options)
    except _NOT_UNDERSTOOD as exc:
        raise NoConversation(_MALFORMED, "malformed greeting") from exc


def _open_sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=KEPT_CONNECTIONS,
        max_overflow=FURTHER_CONNECTIONS,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Let SQLite run the statements written for MySQL, and wait for other writers."""
    connection.create_function("CRC32", 1, _crc32, deterministic=True)
    connection.create_function("CONCAT_WS", -1, _concat_ws, deterministic=True)
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")


def _crc32(value: object) -> int | None:
    return None if value is None else zlib.crc32(str(value).encode())


def _concat_ws(separator: str, *values: object) -> str:
    return separator.join(str(value) for value in values if value is not None)


def _translated(exc: DBAPIError) -> Exception:
    code, text = _code_and_text(exc.orig)
    if code in _SCHEMA_CODES or text.startswith(("no such table", "no such column")):
        return SchemaNotUnderstood([_named(code, text)])
    if isinstance(exc.orig, sqlite3.Error):
        return SiteUnavailable(f"the site's database: {text}")
    sentence = _SENTENCES.get(code, "it refused the statement")
    return SiteUnavailable(f"the site's database: {sentence} (MySQL error {code})")


def _code_and_text(orig: BaseException | None) -> tuple[int, str]:
    arguments: tuple[Any, ...] = orig.args if orig is not None else ()
    if len(arguments) > 1 and isinstance(arguments[0], int):
        return arguments[0], str(arguments[1])
    return 0, str(arguments[0]) if arguments else ""


_QUOTED = re.compile(r"['`]([^'`]+)['`]")


def _named(code: int, text: str) -> str:
    """`table.column` (or what of it is known) out of the server's sentence; never the user's name."""
    if text.startswith("no such"):
        return text.partition(": ")[2]
    names = _QUOTED.findall(text)
    if code == _COLUMN_DENIED and len(names) >= 2:  # … for column 'phone' in table 'wp_latepoint_customers'
        return f"{names[-1]}.{names[-2]}"
    if code == _UNKNOWN_COLUMN and names:  # Unknown column 'b.phone' in 'field list'
        return str(names[0])
    return str(names[-1]).rpartition(".")[2] if names else "a table"
