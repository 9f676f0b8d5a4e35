"""MariaDB, as the booking site's database and as LateSync's own."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.services.server import HOST, NotInstalled, Server, find_program

_OUTSIDE_PATH = ("/usr/sbin", "/usr/local/sbin")


class MariaDBServer(Server):
    name = "mariadb"
    driver = "mysql+pymysql"
    superuser = "root"
    first_database = "mysql"
    options: ClassVar[dict[str, str]] = {"charset": "utf8mb4"}
    superuser_connects_with: ClassVar[dict[str, bool]] = {"ssl_disabled": True}  # reads no authorities' list
    stop_signal = signal.SIGKILL  # one process, and its files are thrown away: nothing to close in order

    @classmethod
    def check_installed(cls) -> None:
        _program("mariadbd")
        _program("mariadb-install-db")

    @classmethod
    def prepare_commands(cls, folder: Path) -> list[list[str]]:
        passwordless = "--auth-root-authentication-method=normal"
        install = [_program("mariadb-install-db"), "--no-defaults", f"--datadir={folder}", passwordless]
        return [[*install, "--skip-test-db", *_as_root()]]

    @classmethod
    def start_command(cls, folder: Path, port: int) -> list[str]:
        place = [f"--datadir={folder}", f"--socket={folder.parent / 's'}", f"--pid-file={folder / 'pid'}"]
        reach = [f"--bind-address={HOST}", f"--port={port}", "--skip-name-resolve", "--max-connections=300"]
        text_format = ["--character-set-server=utf8mb4"]
        fast = [
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--innodb-doublewrite=0",
            "--innodb-buffer-pool-size=128M",
            "--performance-schema=OFF",
        ]
        return [_program("mariadbd"), "--no-defaults", *_as_root(), *place, *reach, *text_format, *fast]

    def drop_database(self, database: str) -> None:
        # A transaction left open holds a metadata lock, for which DROP would wait a day.
        with self.connect() as connection:
            left_open = connection.scalars(
                text("SELECT id FROM information_schema.processlist WHERE db = :database"),
                {"database": database},
            ).all()
            for connection_id in left_open:
                with suppress(OperationalError):  # it ended by itself
                    connection.execute(text(f"KILL {connection_id}"))
            connection.execute(text(f"DROP DATABASE {database}"))


def _program(name: str) -> str:
    found = find_program(name, *_OUTSIDE_PATH)
    if found is None:
        raise NotInstalled(f"needs MariaDB ({name}): apt-get install mariadb-server, or brew install mariadb")
    return found


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
