"""LateSync's own database: connections, transactions, and its drivers' errors in our words.

Statements' values stay out of error texts: they hold addresses and sealed secrets.

SQLite is set up as clients-and-speed.md §5 measured it: WAL, and BEGIN IMMEDIATE for everything that
writes, because a read that turns into a write fails at once where a waiting one would succeed.
"""

from __future__ import annotations

import importlib.util
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, Function, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from latesync.errors import StateUnavailable, WrongInput
from latesync.store.failures import is_unavailable, without_values

POOL_SIZE = 40  # a run per worker thread, each with one connection at a time
BUSY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_S = 5
ANSWER_TIMEOUT_S = 30  # our statements take milliseconds; a server that hangs must not hang the worker
LOCK_WAIT_S = 30

_WRITES = "latesync_writes"  # execution option of a connection that is about to write
_PATIENTLY = "latesync_patiently"


class Database:
    """LateSync's own state. One per process, safe to share between threads.

    Raises WrongInput for an address that cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.url = _normalised(url)
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _server_engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with. Raises StateUnavailable."""
        with _own_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in one transaction: all of it is kept, or after an error nothing.

        Raises StateUnavailable; unless only the answer to the commit was lost, nothing was kept then.
        """
        with _own_errors(), self.engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def write_alone(self, what: str) -> Iterator[Connection]:
        """Like `write`, and no other process is in the same `what` (a short name) meanwhile.

        For the rare work that no unique key protects. Raises StateUnavailable when others do not finish.
        """
        if self.is_sqlite:  # whoever writes is alone, and may take as long over it as on a server
            with _own_errors(), self.engine.connect() as connection:
                connection = connection.execution_options(**{_WRITES: True, _PATIENTLY: True})
                with connection.begin():
                    yield connection
        else:
            # A connection of its own keeps the lock, so that it ends after the transaction's commit.
            with self.read() as keeper:
                _lock(keeper, what)
                try:
                    with self.write() as connection:
                        yield connection
                finally:
                    _unlock(keeper, what)

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def reading(db: Database | Connection) -> Iterator[Connection]:
    """The caller's connection, or one of our own."""
    if isinstance(db, Connection):
        yield db
    else:
        with db.read() as connection:
            yield connection


@contextmanager
def writing(db: Database | Connection) -> Iterator[Connection]:
    """The caller's transaction, or one of our own."""
    if isinstance(db, Connection):
        yield db
    else:
        with db.write() as connection:
            yield connection


def _lock(keeper: Connection, what: str) -> None:
    if keeper.dialect.name == "postgresql":
        keeper.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"latesync {what}"))))
    elif keeper.scalar(select(func.get_lock(_lock_name(what), LOCK_WAIT_S))) != 1:
        raise StateUnavailable(f"another process has been at it ({what}) for too long")


def _unlock(keeper: Connection, what: str) -> None:
    if keeper.dialect.name != "postgresql":  # there it ends with the keeper's transaction
        keeper.execute(select(func.release_lock(_lock_name(what))))


def _lock_name(what: str) -> Function[str]:
    """MySQL's named locks belong to the whole server; their names have at most 64 characters."""
    return func.sha1(func.concat(f"latesync {what} ", func.database()))


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as exc:
        raise StateUnavailable("every connection to LateSync's database is in use") from exc
    except DBAPIError as exc:
        if not is_unavailable(exc):
            raise without_values(exc) from None
        raise StateUnavailable(f"LateSync's database does not answer ({type(exc.orig).__name__})") from exc


def _normalised(url: str) -> URL:
    try:
        given = make_url(url)
    except (ArgumentError, ValueError) as exc:
        raise WrongInput(
            "The address of LateSync's database cannot be read. It looks like sqlite:////var/lib/latesync/"
            "state.db, mysql://user:password@host/database or postgresql://user:password@host/database; "
            "characters like @ or / in the password are written as %40 and %2F."
        ) from exc
    backend = given.get_backend_name()
    if backend == "sqlite":
        return _sqlite_url(given)
    if backend in ("mysql", "mariadb"):
        return given.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"})
    if backend in ("postgresql", "postgres"):
        return _postgresql_url(given)
    raise WrongInput(
        f"LateSync cannot keep its state in {backend}. Use sqlite://, mysql://, mariadb:// or postgresql://."
    )


def _sqlite_url(given: URL) -> URL:
    if given.database in (None, "", ":memory:"):
        raise WrongInput(
            "LateSync keeps its state in a file. Name one: sqlite:////var/lib/latesync/state.db "
            "(four slashes before an absolute path)."
        )
    return given.set(drivername="sqlite+pysqlite")


def _postgresql_url(given: URL) -> URL:
    if importlib.util.find_spec("psycopg") is None:
        raise WrongInput(
            'PostgreSQL needs one more package. Run: pip install "latesync[postgresql]", '
            "or name another database in LATESYNC_DATABASE_URL."
        )
    return given.set(drivername="postgresql+psycopg")


def _server_engine(url: URL) -> Engine:
    """READ COMMITTED: a claim sees what others have just committed, and InnoDB locks no gaps."""
    timeouts: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT_S}
    if url.get_backend_name() == "mysql":
        timeouts |= {"read_timeout": ANSWER_TIMEOUT_S, "write_timeout": ANSWER_TIMEOUT_S}
    else:
        timeouts |= {"options": f"-c statement_timeout={ANSWER_TIMEOUT_S * 1000} -c timezone=UTC"}
    return create_engine(
        url,
        connect_args=timeouts,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_size=POOL_SIZE,
        max_overflow=5,
        pool_pre_ping=True,
        pool_use_lifo=True,
    )


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_size=POOL_SIZE, max_overflow=5)
    event.listen(engine, "do_connect", _make_private_file)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private_file(dialect: Any, record: Any, arguments: list[Any], options: Any) -> None:
    """SQLite gives its journal files the rights of the database file.

    A file that is there is never opened here: closing it would drop every lock this process holds on it
    (POSIX), and another process would then take the journal away under our connections.
    """
    path = str(arguments[0])
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as exc:
        raise StateUnavailable(f"{path} cannot be opened: {exc.strerror}") from exc


def _set_up_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing on its own; `_begin_sqlite` does
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}").close()
    _switch_to_wal(connection)
    for pragma in (
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-512",  # KiB for each of up to 40 connections; the system's own cache serves them all
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Once in the file's life, and every opener tries. Two that try together are refused at once: SQLite
    does not wait here, for each of them holds what the other needs."""
    gives_up_at = monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError:
            if monotonic() > gives_up_at:
                raise
            sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = "BEGIN IMMEDIATE" if options.get(_WRITES, False) else "BEGIN"
    if not options.get(_PATIENTLY, False):
        connection.exec_driver_sql(begin)
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={LOCK_WAIT_S * 1000}")
    try:
        connection.exec_driver_sql(begin)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
