"""What MariaDB and PostgreSQL have in common for tests: databases to make, drop and connect to."""

from __future__ import annotations

import secrets
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, text

HOST = "127.0.0.1"


class NotInstalled(Exception):
    """Its text says what to install."""


class Server(ABC):
    """A running server that every test of the run shares; tests keep apart by databases of their own."""

    name: ClassVar[str]
    driver: ClassVar[str]
    superuser: ClassVar[str]
    first_database: ClassVar[str]  # exists in every server of this kind
    options: ClassVar[dict[str, str]] = {}
    superuser_connects_with: ClassVar[dict[str, bool]] = {}
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, port: int) -> None:
        self.port = port

    @classmethod
    @abstractmethod
    def check_installed(cls) -> None:
        """Raises NotInstalled."""

    @classmethod
    @abstractmethod
    def prepare_commands(cls, folder: Path) -> list[list[str]]:
        """What fills an empty folder with a new server's files."""

    @classmethod
    @abstractmethod
    def start_command(cls, folder: Path, port: int) -> list[str]: ...

    @classmethod
    def account(cls) -> str | None:
        """The system account the server must run as; None: ours."""
        return None

    @property
    def admin_url(self) -> str:
        return self.url(self.first_database)

    def url(self, database: str, user: str | None = None, password: str | None = None) -> str:
        url = URL.create(
            self.driver, user or self.superuser, password, HOST, self.port, database, query=self.options
        )
        return url.render_as_string(hide_password=False)

    def create_database(self) -> str:
        """Make an empty database under a name nobody else has; whoever asked for it drops it."""
        database = f"test_{secrets.token_hex(8)}"
        self.execute(f"CREATE DATABASE {database}")
        return database

    @abstractmethod
    def drop_database(self, database: str) -> None:
        """Drop it, even if a test left a connection in it open."""

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Give the URL of an empty database that is dropped afterwards."""
        database = self.create_database()
        try:
            yield self.url(database)
        finally:
            self.drop_database(database)

    def execute(self, *statements: str) -> None:
        """Run statements as the superuser, each committed at once."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def connect(self) -> Connection:
        """Connect as the superuser; every statement is committed at once."""
        return self._engine.connect()

    @cached_property
    def _engine(self) -> Engine:
        return create_engine(
            self.admin_url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=self.superuser_connects_with,
        )


def find_program(name: str, *places: str) -> str | None:
    """Look on PATH, then in places (patterns) that are not always on it; the newest version wins."""
    found = shutil.which(name)
    if found:
        return found
    candidates = [path for place in places for path in Path("/").glob(f"{place.lstrip('/')}/{name}")]
    return str(max(candidates, key=_version)) if candidates else None


def _version(program: Path) -> list[int]:
    return [int(part) for part in program.parts if part.isdigit()]
