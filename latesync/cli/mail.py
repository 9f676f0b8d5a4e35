"""`mail`: whether LateSync can write mails, what waits and what was sent, and a test."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from latesync.cli.opening import opened, print_json

if TYPE_CHECKING:
    from latesync.notify.mailer import Mailer
    from latesync.services import Services
    from latesync.store.outbox import MailRow

LAST_MAILS = 3  # shown of each agent
MAILS_READ = 500
LATE = timedelta(hours=1)  # as long as the longest pause between two attempts


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def mail(context: click.Context, as_json: bool) -> None:
    """Show whether LateSync can write mails, what waits to be sent, and the last mails to each agent."""
    if context.invoked_subcommand is not None:
        return
    with opened() as services:
        report = _report(services)
        if as_json:
            print_json(report)
        else:
            _print(services, report)
    sys.exit(1 if report["needs_person"] else 0)


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a test mail to ADDRESS."""
    with opened() as services:
        from latesync.errors import WrongInput
        from latesync.mailing.sending import send_test_mail
        from latesync.notify.address import is_email

        if not is_email(address):
            raise WrongInput(f"{address} is no e-mail address. It looks like dana@example.com.")
        _required_mailer(services)
        send_test_mail(services, address)
    click.echo(f"The mail server took a test mail to {address}. Look whether it arrived, also among spam.")


@mail.command()
def check() -> None:
    """Connect to the mail server, encrypt and sign in; send nothing."""
    with opened() as services:
        mailer = _required_mailer(services)
        click.echo(_origin(services))
        mailer.check()
        click.echo(f"It takes mails from {mailer.sender}.")


def _required_mailer(services: Services) -> Mailer:
    """Leave with the remedy: somebody must configure it first."""
    from latesync.sentences.consent_sentences import cannot_mail

    mailer = services.mailer
    if mailer is None:
        click.echo(cannot_mail("not_configured"), err=True)
        sys.exit(1)
    return mailer


def _origin(services: Services) -> str:
    from latesync.sentences.mail_sentences import mail_server_origin

    return mail_server_origin(is_from_environment=services.config.smtp_url is not None)


def _report(services: Services) -> dict[str, Any]:
    from latesync.mailing.sending import waking_hours
    from latesync.plan.waking import waking_hours_text
    from latesync.store.outbox import count_waiting, list_mails, oldest_waiting

    db, site_id = services.database, services.site_id
    hours, mailer = waking_hours(services), services.mailer
    oldest = oldest_waiting(db, site_id)
    is_stuck = oldest is not None and bool(oldest.problem) and services.clock() - oldest.created_at > LATE
    return {
        "needs_person": is_stuck,  # to go without mails may be meant so, as for `doctor`
        "configured": mailer is not None,
        "sender": mailer.sender if mailer else None,
        "set_in": _set_in(services) if mailer else None,
        "waking_hours": waking_hours_text(hours.start, hours.end),
        "zone": str(hours.zone),
        "waiting": count_waiting(db, site_id),
        "oldest_waiting": None if oldest is None else _mail(oldest),
        "agents": _by_agent(list_mails(db, site_id, limit=MAILS_READ)),
    }


def _set_in(services: Services) -> str:
    from latesync.notify.kept_server import FILE_NAME

    return FILE_NAME if services.config.smtp_url is None else "LATESYNC_SMTP_URL"


def _by_agent(rows: list[MailRow]) -> list[dict[str, Any]]:
    """The newest first, a few of each agent."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row.agent_id is not None and len(found.setdefault(row.agent_id, [])) < LAST_MAILS:
            found[row.agent_id].append(_mail(row))
    return [{"agent_id": agent_id, "mails": mails} for agent_id, mails in sorted(found.items())]


def _mail(row: MailRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "step": row.step or None,
        "created_at": row.created_at,
        "due_at": row.due_at,
        "attempts": row.attempts,
        "problem": row.problem,
        "ended_at": row.ended_at,
        "ended_as": row.ended_as,
    }


def _print(services: Services, report: dict[str, Any]) -> None:
    from latesync.messages import age, counted
    from latesync.sentences.consent_sentences import cannot_mail
    from latesync.sentences.mail_sentences import MAY_BE_MEANT_SO, mail_problem

    if report["configured"]:
        click.echo(f"Mails come from {report['sender']}. {_origin(services)}")
        click.echo(f"They go out between the waking hours, {report['waking_hours']} ({report['zone']}).")
    else:
        click.echo(f"{cannot_mail('not_configured')} {MAY_BE_MEANT_SO}")
    oldest = report["oldest_waiting"]
    if oldest is None:
        click.echo("No mail waits to be sent.")
    else:
        waits = counted(report["waiting"], "mail waits", "mails wait")
        click.echo(
            f"{waits} to be sent; the oldest was written {age(oldest['created_at'], services.clock())}."
        )
        if oldest["problem"]:
            click.echo(f"  → {mail_problem(oldest['problem'])}")
    for agent in report["agents"]:
        click.echo(f"Agent {agent['agent_id']}:")
        for one in agent["mails"]:
            click.echo(f"  {_line(services, one)}")


def _line(services: Services, one: dict[str, Any]) -> str:
    from latesync.messages import moment
    from latesync.read_overview import read_zone
    from latesync.sentences.mail_sentences import end_of, subject_of

    at: datetime = one["ended_at"] or one["created_at"]
    subject = subject_of(one["kind"], one["step"] or "")
    return f"{moment(at, read_zone(services))}: {subject} ({end_of(one['ended_as'])})"
