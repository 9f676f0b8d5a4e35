"""The drivers' errors: which mean "the database does not answer now"; the others, fit for a log."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

# SQLITE_ERROR (bad SQL), CONSTRAINT, MISMATCH, MISUSE, RANGE and the like are ours; these are not.
_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
    }
)
# MySQL and MariaDB: refused, full, shutting down, lock wait, deadlock, read-only. 2000-2999: no connection.
_MYSQL = frozenset(
    {0, 1021, 1040, 1041, 1044, 1045, 1049, 1053, 1077, 1079, 1114, 1129, 1130, 1158, 1159, 1160, 1161}
    | {1203, 1205, 1213, 1226, 1290, 1698, 1836, 1927, 3024, 3572}
)
# PostgreSQL, classes: connection, authorisation, no such database, rolled back, resources, not in the
# right state, intervention (shutdown, timeout), system. 25006: read-only.
_POSTGRESQL = ("08", "28", "3D", "40", "53", "55", "57", "58", "25006")


def is_unavailable(exc: DBAPIError) -> bool:
    """Whether the same statement may succeed later, or after somebody has seen to the server."""
    if exc.connection_invalidated:
        return True
    cause = exc.orig
    if isinstance(cause, sqlite3.Error):
        code: int | None = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _SQLITE
    if hasattr(type(cause), "sqlstate"):
        state: str | None = getattr(cause, "sqlstate", None)
        # A connection that was never made, or that broke, has no state to report.
        return type(cause).__name__ == "OperationalError" if state is None else state.startswith(_POSTGRESQL)
    number = cause.args[0] if cause is not None and cause.args else None
    return isinstance(number, int) and (number in _MYSQL or 2000 <= number < 3000)


def without_values(exc: DBAPIError) -> DBAPIError:
    """The same error without the row that the server's own text repeats ("Failing row contains …")."""
    cause = exc.orig
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    if code is None and cause is not None and cause.args:
        code = cause.args[0]
    told = Exception(f"{type(cause).__name__} {code}")
    return type(exc)(exc.statement, None, told, hide_parameters=True)
