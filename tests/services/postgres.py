"""PostgreSQL, as LateSync's own database."""

from __future__ import annotations

import os
import pwd
import signal
from pathlib import Path

from tests.services.server import HOST, NotInstalled, Server, find_program

_OUTSIDE_PATH = (
    "/usr/lib/postgresql/*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)


class PostgresServer(Server):
    name = "postgres"
    driver = "postgresql+psycopg"
    superuser = "postgres"
    first_database = "postgres"
    stop_signal = signal.SIGQUIT  # "immediate shutdown": it ends its own processes and saves nothing

    @classmethod
    def check_installed(cls) -> None:
        _program("initdb")
        _program("postgres")

    @classmethod
    def account(cls) -> str | None:
        """Debian's own account for it when we are root, as which it refuses to run."""
        if os.geteuid() != 0:
            return None
        accounts = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in accounts else "nobody"

    @classmethod
    def prepare_commands(cls, folder: Path) -> list[list[str]]:
        initdb = [_program("initdb"), "-D", str(folder), "-U", cls.superuser, "--auth=trust"]
        return [[*initdb, "--encoding=UTF8", "--no-locale", "--no-sync"]]

    @classmethod
    def start_command(cls, folder: Path, port: int) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "300",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
        }
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [_program("postgres"), "-D", str(folder), *given]

    def drop_database(self, database: str) -> None:
        self.execute(f"DROP DATABASE {database} WITH (FORCE)")


def _program(name: str) -> str:
    found = find_program(name, *_OUTSIDE_PATH)
    if found is None:
        raise NotInstalled(
            f"needs PostgreSQL ({name}): apt-get install postgresql, or brew install postgresql"
        )
    return found
