"""What cannot work is said in a sentence, with the remedy, and by the exit code; never by a traceback."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from latesync.config import read_config
from latesync.sandbox.site.database import open_site
from latesync.sandbox.site.seed import prepare_site
from latesync.services import open_services
from latesync.store.migrate import migrate
from tests.services.ports import free_port
from tests.site.builders import Site
from tests.system.installation import Installation, day
from tests.system.programs import Ended, run_command


def run(environment: dict[str, str], *arguments: str) -> Ended:
    ended = run_command(arguments, environment)
    assert "Traceback" not in ended.text, ended.text
    return ended


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A home and nothing else: no site, no Google."""
    return {"LATESYNC_HOME": str(tmp_path / "home"), "LATESYNC_BASE_URL": f"http://localhost:{free_port()}"}


@pytest.fixture
def migrated(home: dict[str, str]) -> dict[str, str]:
    services = open_services(read_config(home), require_schema=False)
    migrate(services.database)
    services.close()
    return home


@pytest.mark.parametrize("command", ["web", "worker", "sync", "status"])
def test_without_its_tables_nothing_starts_and_one_line_says_what_to_run(
    home: dict[str, str], command: str
) -> None:
    ended = run(home, command)
    assert ended.code == 1
    assert ended.out == ""
    assert len(ended.err.splitlines()) == 1
    assert "latesync migrate" in ended.err


@pytest.mark.parametrize("command", ["web", "worker"])
def test_tables_of_another_version_are_refused_in_one_line(migrated: dict[str, str], command: str) -> None:
    services = open_services(read_config(migrated))
    with services.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    services.close()
    ended = run(migrated, command)
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert "version 9999" in ended.err


@pytest.mark.parametrize("command", ["web", "sync"])
def test_every_fault_of_the_environment_is_reported_at_once(
    home: dict[str, str], tmp_path: Path, command: str
) -> None:
    wrong = {
        "LATESYNC_BASE_URL": "sync.example.com",
        "LATESYNC_SITE_DATABASE_URL": "oracle://reader:hunter2@db/wordpress",
        "LATESYNC_TABLE_PREFIX": "wp-",
        "LATESYNC_ENCRYPTION_KEYS_FILE": str(tmp_path / "nowhere"),
    }
    ended = run(home | wrong, command)
    assert ended.code == 2
    assert not [name for name in wrong if name not in ended.err]
    assert "hunter2" not in ended.text


def test_wrong_client_files_are_refused_with_a_sentence(migrated: dict[str, str], tmp_path: Path) -> None:
    service_account = {"type": "service_account", "private_key": "very secret key"}
    elsewhere = {
        "web": {"client_id": "a", "client_secret": "b", "redirect_uris": ["https://other.example/x"]}
    }
    files = {
        "not JSON": "<html>",
        "service account": json.dumps(service_account),
        "/oauth/google/callback": json.dumps(elsewhere),
        "does not exist": None,
    }
    for sentence, content in files.items():
        path = tmp_path / f"{len(sentence)}.json"
        if content is not None:
            path.write_text(content)
        ended = run(migrated, "client", "import", str(path))
        assert ended.code == 2
        assert sentence in ended.err
        assert "very secret key" not in ended.text


def test_a_site_that_was_never_configured_is_asked_for(migrated: dict[str, str]) -> None:
    ended = run(migrated, "agents", "link", "1")
    assert ended.code == 2
    assert "LATESYNC_SITE_DATABASE_URL" in ended.err
    assert run(migrated, "status").code == 1


def test_statements_for_the_site_are_printed_before_anything_exists(tmp_path: Path) -> None:
    nothing = {"LATESYNC_HOME": str(tmp_path / "home"), "LATESYNC_TABLE_PREFIX": "wp_7_"}
    printed = run(nothing, "doctor", "--print-sql")
    assert printed.code == 0
    assert printed.out.count("CREATE TABLE IF NOT EXISTS `wp_7_latesync_") == 2
    assert not (tmp_path / "home").exists()


def test_grants_are_for_no_database_that_was_not_named(tmp_path: Path) -> None:
    nothing = {"LATESYNC_HOME": str(tmp_path / "home")}
    for address in ("", "mysql://reader@localhost", "mysql://reader:hunter2@localhost:port/x"):
        more = {"LATESYNC_SITE_DATABASE_URL": address} if address else {}
        refused = run(nothing | more, "doctor", "--print-grants", "latesync@localhost")
        assert (refused.code, refused.out) == (2, "")
        assert "LATESYNC_SITE_DATABASE_URL" in refused.err
        assert "hunter2" not in refused.text


def test_doctor_before_the_tables_are_made_checks_the_rest_and_says_so_once(
    home: dict[str, str], tmp_path: Path
) -> None:
    with closing(open_site(tmp_path / "site.db")) as site:
        prepare_site(site, datetime.now(UTC))
    home["LATESYNC_SITE_DATABASE_URL"] = f"sqlite:///{tmp_path}/site.db"
    home["LATESYNC_GOOGLE_BASE_URL"] = f"http://127.0.0.1:{free_port()}"
    ended = run(home, "doctor")
    assert ended.code == 1
    assert ended.err == ""
    assert (
        "✗ LateSync's own tables: LateSync's tables have not been made yet. Run: latesync migrate"
        in ended.out
    )
    assert ended.out.count("further checks") == 1
    assert "✓ booking site: wp_latepoint_… tables are readable" in ended.out
    assert "✓ agents: 3 agents found" in ended.out
    for subject in ("WordPress plugin:", "client file:", "worker:", "booking form:"):
        assert subject not in ended.out


def test_own_database_that_does_not_answer_is_named(home: dict[str, str]) -> None:
    home["LATESYNC_DATABASE_URL"] = f"mysql://latesync:hunter2@127.0.0.1:{free_port()}/latesync"
    for command in ("web", "worker", "migrate"):
        ended = run(home, command)
        assert ended.code == 1
        assert "LATESYNC_DATABASE_URL" in ended.err
        assert "hunter2" not in ended.text


def test_unknown_agents_are_refused(installation: Installation) -> None:
    for arguments in (("agents", "link", "99"), ("sync", "--agent", "99"), ("plan", "--agent", "99")):
        ended = installation.latesync(*arguments)
        assert ended.code == 2
        assert "99" in ended.err
        assert "latesync agents" in ended.err


def test_site_that_does_not_answer_is_named_and_nothing_is_deleted(
    installation: Installation, site: Site
) -> None:
    calendar = installation.connect()
    booking = site.insert_booking(start_date=day(2))
    installation.fine("sync")
    reachable = installation.environment["LATESYNC_SITE_DATABASE_URL"]
    host, _, database = reachable.rpartition("/")
    down = f"{host.rpartition(':')[0]}:{free_port()}/{database}"

    for command, remedy_in in (("sync", "out"), ("status", "out"), ("plan", "err"), ("doctor", "out")):
        ended = installation.latesync(command, LATESYNC_SITE_DATABASE_URL=down)
        assert ended.code == 1
        assert "LATESYNC_SITE_DATABASE_URL" in getattr(ended, remedy_in), ended.text
    assert installation.google.bookings(calendar) == [booking]
    installation.fine("sync")
    assert installation.json("status")["site_problem"] is None


def test_doctor_says_once_that_the_site_refuses_the_password(installation: Installation) -> None:
    reachable = installation.environment["LATESYNC_SITE_DATABASE_URL"]
    wrong = reachable.replace(f"{installation.user}:", f"{installation.user}:x")
    assert wrong != reachable
    ended = installation.latesync("doctor", LATESYNC_SITE_DATABASE_URL=wrong)
    assert ended.code == 1
    assert ended.out.count("it refuses the user name or password") == 1
    assert "✗ booking site: " in ended.out
    for name in ("bridge tables", "busy way", "site:", "WordPress plugin", "booking form"):
        assert f"✗ {name}" not in ended.out
    assert "%40" not in ended.out


def test_doctor_explains_an_at_sign_in_the_password(installation: Installation) -> None:
    reachable = installation.environment["LATESYNC_SITE_DATABASE_URL"]
    unescaped = reachable.replace(f"{installation.user}:", f"{installation.user}:hunter2@")
    ended = installation.latesync("doctor", LATESYNC_SITE_DATABASE_URL=unescaped)
    assert ended.code == 1
    assert "write it as %40" in ended.out
    assert "hunter2" not in ended.text


def test_the_list_of_agents_says_how_to_get_a_link(installation: Installation) -> None:
    hint = "`latesync agents link ID` prints an agent's personal link."
    assert installation.fine("agents").rstrip().endswith(hint)
    assert isinstance(json.loads(installation.fine("agents", "--json")), list)
