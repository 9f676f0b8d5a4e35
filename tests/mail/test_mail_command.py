"""`latesync mail`, from a shell, against real mail servers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import click
import pytest
from click.testing import CliRunner, Result

from latesync.cli import main
from latesync.notify.address import SmtpAddress
from latesync.notify.kept_server import write_kept_server
from latesync.notify.mail_server import MailServer
from latesync.store.database import Database
from latesync.store.migrate import migrate
from latesync.store.outbox import claim_mail, put_mail, record_mail_ended, record_mail_failed
from latesync.store.sites import ensure_site
from tests.mail.smtp_servers import authority_pem, closed_port, mail_server

Run = Callable[..., Result]

USER, PASSWORD = "postman", "pass/word@salon"
LOGIN = {"user": USER, "password": quote(PASSWORD, safe="")}
DANA = "dana@example.com"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def _as_installed(arguments: tuple[str, ...]) -> None:
    """With the sentences and exit codes that `main` makes of errors."""
    main(list(arguments))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    migrate(database)
    database.dispose()
    authority = tmp_path / "authority.pem"
    authority.write_text(authority_pem())

    def run(*arguments: str, url: str = "", trusts: bool = True) -> Result:
        monkeypatch.setenv("LATESYNC_HOME", str(tmp_path))
        monkeypatch.setenv("LATESYNC_MAIL_FROM", "bookings@salon.example")
        for name, value in (("LATESYNC_SMTP_URL", url), ("SSL_CERT_FILE", str(authority) if trusts else "")):
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        outcome = CliRunner().invoke(_as_installed, ["mail", *arguments])
        assert PASSWORD not in outcome.output
        assert LOGIN["password"] not in outcome.output
        return outcome

    return run


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_test_mail_goes_out_encrypted_and_signed_in(run: Run, tls: str) -> None:
    with mail_server(tls=tls, users={USER: PASSWORD}) as server:
        outcome = run("test", DANA, url=server.url(tls, **LOGIN))
    assert outcome.exit_code == 0, outcome.output
    assert f"took a test mail to {DANA}" in outcome.output
    (mail,) = server.received
    assert (mail.user, mail.was_encrypted, mail.recipients) == (USER, True, (DANA,))
    assert "test mail from LateSync" in str(mail.message["Subject"])


def test_a_check_signs_in_and_sends_nothing(run: Run) -> None:
    with mail_server(tls="starttls", users={USER: PASSWORD}) as server:
        outcome = run("check", url=server.url("starttls", **LOGIN))
    assert outcome.exit_code == 0
    assert "takes mails from bookings@salon.example" in outcome.output
    assert server.received == []


def test_a_wrong_password_is_said_without_it(run: Run) -> None:
    with mail_server(tls="starttls", users={USER: "another"}) as server:
        outcome = run("check", url=server.url("starttls", **LOGIN))
    assert outcome.exit_code == 1
    assert "does not accept user and password" in outcome.output


def test_a_certificate_nobody_vouches_for_is_refused(run: Run) -> None:
    with mail_server(tls="implicit") as server:
        outcome = run("test", DANA, url=server.url("implicit"), trusts=False)
    assert outcome.exit_code == 1
    assert "certificate is not valid" in outcome.output
    assert server.received == []


@pytest.mark.parametrize("command", [("test", DANA), ("check",)])
def test_a_server_that_is_away_is_named_with_the_remedy(run: Run, command: tuple[str, ...]) -> None:
    with closed_port() as server:
        outcome = run(*command, url=server.url("none"))
    assert outcome.exit_code == 1
    assert "does not answer" in outcome.output


@pytest.mark.parametrize("command", [("test", DANA), ("check",)])
def test_without_a_mail_server_nothing_can_be_tried(run: Run, command: tuple[str, ...]) -> None:
    outcome = run(*command)
    assert outcome.exit_code == 1
    assert "LATESYNC_SMTP_URL" in outcome.output


def test_to_go_without_a_mail_server_is_told_and_is_no_failure(run: Run) -> None:
    outcome = run()
    assert outcome.exit_code == 0
    assert "or set LATESYNC_SMTP_URL" in outcome.output
    assert "If that is meant so, there is nothing to do." in outcome.output
    assert "They go out" not in outcome.output
    report = json.loads(run("--json").output)
    assert (report["configured"], report["needs_person"]) == (False, False)


def test_an_address_that_is_none_is_wrong_use(run: Run) -> None:
    with mail_server() as server:
        assert run("test", "dana", url=server.url("none")).exit_code == 2


def test_what_waits_and_what_was_sent_is_shown(run: Run, tmp_path: Path) -> None:
    with mail_server() as server:
        _fill(tmp_path)
        shown = run(url=server.url("none"))
        report = json.loads(run("--json", url=server.url("none")).output)
    assert shown.exit_code == 1  # it has waited for long
    assert "Mails come from bookings@salon.example." in shown.output
    assert "08:00-20:00 (UTC)" in shown.output
    assert "1 mail waits to be sent; the oldest was written 2 hours ago." in shown.output
    assert "→ The mail server does not answer." in shown.output
    assert "the sign-in has ended (sent)" in shown.output
    assert "the sign-in ends within a day (waits to be sent)" in shown.output
    assert (report["configured"], report["waiting"], report["needs_person"]) == (True, 1, True)
    (agent,) = report["agents"]
    assert [(mail["step"], mail["ended_as"]) for mail in agent["mails"]] == [
        ("one_day", None), ("ended", "sent"),
    ]  # fmt: skip


def test_where_the_mail_server_comes_from_is_said(run: Run, tmp_path: Path) -> None:
    with mail_server() as server:
        for command in ((), ("check",)):
            assert "LATESYNC_SMTP_URL" in run(*command, url=server.url("none")).output
        address = SmtpAddress(server.host, server.port, None, None, "none")
        write_kept_server(tmp_path, MailServer(address, "kept@salon.example"))
        for command in ((), ("check",)):
            assert "set on the page Set-up, step E-mail" in run(*command).output
        assert json.loads(run("--json").output)["set_in"] == "mail_server.json"
        assert json.loads(run("--json", url=server.url("none")).output)["set_in"] == "LATESYNC_SMTP_URL"


def test_an_empty_outbox_is_fine(run: Run) -> None:
    with mail_server() as server:
        shown = run(url=server.url("none"))
    assert shown.exit_code == 0
    assert "No mail waits to be sent." in shown.output


def _fill(home: Path) -> None:
    """One mail sent, and one that failed, of two hours ago."""
    database, now = Database(f"sqlite:///{home}/state.db"), datetime.now(UTC)
    then = now - timedelta(hours=2)
    site_id = ensure_site(database, then)
    for step, due_at in (("ended", then), ("one_day", now)):
        put_mail(database, site_id, step, "reminder", step=step, agent_id=3, now=then, due_at=due_at)
        row = claim_mail(database, site_id, "worker-1", due_at)
        assert row is not None
        if step == "ended":
            record_mail_ended(database, row, "sent", then)
        else:
            record_mail_failed(database, row, "no_answer", now + timedelta(minutes=1))
    database.dispose()
