"""The test services keep their own promises: shared by a run, separate per test, gone after the run."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, NullPool, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from tests.services.postgres import PostgresServer
from tests.services.server import Server
from tests.services.shared import OwnedRun, shared_server

# PostgreSQL stands for both where only starting and stopping matters: it starts faster.
A_RUN_OF_ITS_OWN = """
import sys
from tests.services.postgres import PostgresServer
from tests.services.shared import OwnedRun, shared_server
run = OwnedRun.open()
print(run.folder, shared_server(PostgresServer, run.folder).port, flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["mariadb", "postgres"])
def server(request: pytest.FixtureRequest) -> Server:
    running: Server = request.getfixturevalue(request.param)
    return running


@pytest.fixture
def own_run(postgres: PostgresServer) -> Iterator[OwnedRun]:
    """A second run beside the one we are in; `postgres` skips the test where it is not installed."""
    run = OwnedRun.open()
    yield run
    run.close()


def test_a_test_database_starts_empty_and_is_gone_afterwards(server: Server) -> None:
    with server.fresh_database() as url, connect(url) as connection:
        assert inspect(connection).get_table_names() == []
    with pytest.raises(OperationalError):
        connect(url)


def test_two_test_databases_do_not_see_each_other(server: Server) -> None:
    with server.fresh_database() as one, server.fresh_database() as other:
        with connect(one) as connection:
            connection.execute(text("CREATE TABLE booking (id INTEGER)"))
            connection.commit()
        with connect(other) as connection:
            assert inspect(connection).get_table_names() == []


def test_a_database_is_dropped_although_a_transaction_is_open_in_it(server: Server) -> None:
    with server.fresh_database() as url:
        left_open = connect(url)
        left_open.execute(text("CREATE TABLE booking (id INTEGER)"))
        left_open.commit()
        left_open.execute(text("SELECT * FROM booking"))
    with pytest.raises(OperationalError):
        connect(url)
    left_open.invalidate()
    left_open.close()


def test_a_url_can_be_given_for_another_user(server: Server) -> None:
    with server.fresh_database() as url:
        database = url.rpartition("/")[2].partition("?")[0]
        server.execute(*create_reader(server, database))
        with connect(server.url(database, "reader", "s3cr:t")) as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    server.execute(drop_reader(server))


def test_whoever_asks_at_the_same_time_gets_the_same_server(own_run: OwnedRun) -> None:
    with ThreadPoolExecutor() as pool:
        askers = [pool.submit(shared_server, PostgresServer, own_run.folder) for _ in range(3)]
        assert len({asker.result().port for asker in askers}) == 1


def test_the_end_of_a_run_stops_its_servers_and_removes_its_folder(postgres: PostgresServer) -> None:
    run = OwnedRun.open()
    server = shared_server(PostgresServer, run.folder)
    run.close()
    assert not run.folder.exists()
    with pytest.raises(OperationalError):
        server.connect()


def test_the_servers_of_a_killed_run_stop_and_its_folder_goes(postgres: PostgresServer) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", A_RUN_OF_ITS_OWN],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        folder, port = run.stdout.readline().split()
        with Path(folder, "postgres.keeper").open("rb") as keeper:
            run.send_signal(signal.SIGKILL)
            fcntl.flock(keeper, fcntl.LOCK_EX)  # ours when the keeper has ended
    assert not Path(folder).exists()
    with pytest.raises(OperationalError):
        PostgresServer(int(port)).connect()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, which alone ends a child with its parent")
def test_a_server_does_not_outlive_its_killed_keeper(own_run: OwnedRun) -> None:
    server = shared_server(PostgresServer, own_run.folder)
    files = own_run.folder / PostgresServer.name
    server_pid = int((files / "postmaster.pid").read_text().splitlines()[0])
    keeper_pid = int(Path(f"/proc/{server_pid}/stat").read_text().rpartition(")")[2].split()[1])
    server_end = os.pidfd_open(server_pid)
    os.kill(keeper_pid, signal.SIGKILL)
    select.select([server_end], [], [])
    os.close(server_end)
    with pytest.raises(OperationalError):
        server.connect()


def connect(url: str) -> Connection:
    return create_engine(url, poolclass=NullPool).connect()


def create_reader(server: Server, database: str) -> list[str]:
    if server.name == "mariadb":
        create = "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 's3cr:t'"
        return [create.replace(":", r"\:"), f"GRANT SELECT ON {database}.* TO reader@'127.0.0.1'"]
    return [r"CREATE USER reader PASSWORD 's3cr\:t'"]


def drop_reader(server: Server) -> str:
    return "DROP USER reader@'127.0.0.1'" if server.name == "mariadb" else "DROP USER reader"
