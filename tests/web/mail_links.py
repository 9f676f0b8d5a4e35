"""Links as mails carry them."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from latesync.consent.links import consent_stamp, make_mail_token, make_stop_token
from latesync.store.accounts import record_needs_sign_in
from latesync.store.people import link_serial
from latesync.store.schema import metadata
from latesync.sync.now import sync_now
from tests.web.salon import DANA, Salon, post

RENEW = "/connect/renew"


def mail_link(salon: Salon, agent_id: int = DANA) -> str:
    """The path of the link that a mail sent now would hold."""
    services, account = salon.services, salon.account(agent_id)
    token = make_mail_token(
        services.secret_key,
        services.site_id,
        agent_id,
        link_serial(services.database, services.site_id, agent_id),
        account_id=account.id if account else 0,
        consent=consent_stamp(account.consented_at) if account else 0,
        now=salon.clock(),
    )
    return f"/connect/{token}"


def stop_link(salon: Salon, who: str = f"agent:{DANA}") -> str:
    return f"/mail/stop/{make_stop_token(salon.services.secret_key, salon.services.site_id, who)}"


def reader(salon: Salon, link: str | None = None) -> FlaskClient:
    """A browser that has opened a mail's link and nothing else."""
    client = salon.visitor()
    answer = client.get(link or mail_link(salon))
    assert (answer.status_code, answer.location) == (302, RENEW), answer.text
    return client


def google_return(salon: Salon, client: FlaskClient, email: str = "dana@example.com") -> str:
    """Press the page's button; the path and query with which Google sends the browser back."""
    started = post(client, RENEW)
    assert started.status_code == 302, started.text
    return salon.consent(started.location, email)


def sign_out(salon: Salon, agent_id: int = DANA) -> None:
    """As the worker records that Google ended the consent."""
    account = salon.account(agent_id)
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", salon.clock())


def signed_out(salon: Salon) -> str:
    """Dana's sign-in has ended; the link of the mail that tells her so."""
    salon.upload()
    salon.connect()
    sign_out(salon)
    return mail_link(salon)


def run_now(salon: Salon, agent_id: int = DANA) -> None:
    """What the worker does as soon as something is due."""
    account = salon.account(agent_id)
    assert account is not None
    sync_now(salon.services.sync_parts(), "test", [account])


def everything_stored(salon: Salon) -> dict[str, list[Any]]:
    """All of LateSync's own rows."""
    with salon.services.database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }
