"""What `doctor` asks about Microsoft: our address, the app and its secret, and Microsoft itself."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import requests

from latesync.checks.clock import clock_finding
from latesync.checks.findings import FINE, NOTE, WRONG, Finding
from latesync.consent.client_test import Verdict, ask_about_client
from latesync.consent.microsoft_callback import check_microsoft_callback
from latesync.consent.oauth_client import oauth_client
from latesync.errors import SecretUnreadable
from latesync.model import AccountState
from latesync.plan.failures import Problem
from latesync.plan.failures import client_problem as problem_of_reason
from latesync.plan.secrets import Stage, secret_stage
from latesync.providers.microsoft.transport import http_session
from latesync.read_overview import read_zone
from latesync.sentences import secret_sentences, telling_sentences
from latesync.sentences.problem_sentences import client_problem
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.clients import ClientRow, current_client
from latesync.store.subscriptions import accounts_told, list_subscriptions
from latesync.times import day_in

PROVIDER = "microsoft"
ANSWER_S = 8  # within the ten seconds the page Health waits
_APP, _SECRET, _CHANGES = "Microsoft app", "app's secret", "changes in Outlook"


def check_microsoft_address(services: Services) -> Iterable[Finding]:
    """The rules U1 to U5."""
    client = _client(services)
    callback = services.config.microsoft_callback
    problems = check_microsoft_callback(callback, client.account_type if client else None)
    for problem in problems:
        yield Finding("callback address", WRONG, problem)
    if not problems:
        yield Finding("callback address", FINE, f"{callback} can be registered at Microsoft")


def check_app(services: Services) -> Iterable[Finding]:
    """What is stored of it, and whether Microsoft knows it now; nothing is granted by asking."""
    client = _client(services)
    if client is None:
        yield Finding(
            _APP,
            WRONG,
            "its secret was stored with another key",
            "Put that key back, or paste the secret again on the page Microsoft.",
        )
        return
    if client.problem:
        yield Finding(_APP, WRONG, client_problem(client.problem, PROVIDER))
        return
    verdict, reason = ask_about_client(
        services.microsoft, oauth_client(client), services.config.microsoft_callback
    )
    if verdict is Verdict.REFUSED:
        said = f"Microsoft does not accept it ({reason})"
        yield Finding(_APP, WRONG, said, client_problem(problem_of_reason(reason), PROVIDER))
    elif verdict is Verdict.ACCEPTED:
        yield Finding(_APP, FINE, f"application {client.client_id}, and Microsoft accepts it")
    else:
        yield Finding(
            _APP, NOTE, f"application {client.client_id}; Microsoft did not say whether it accepts it"
        )


def check_secret_end(services: Services) -> Iterable[Finding]:
    """The day its secret ends (microsoft-graph.md M2)."""
    client = _client(services)
    if client is None or client.problem == Problem.SECRET_EXPIRED:
        return  # check_app says so, and Microsoft knows better than whoever noted the day
    if client.secret_ends_on is None:
        yield Finding(_SECRET, NOTE, secret_sentences.end_not_said(PROVIDER))
        return
    today = day_in(services.clock(), read_zone(services))
    stage = secret_stage(client.secret_ends_on, today)
    if stage is None:
        yield Finding(_SECRET, FINE, secret_sentences.secret_left(PROVIDER, client.secret_ends_on, today))
        return
    level = WRONG if stage in (Stage.ENDED, Stage.DAY) else NOTE
    yield Finding(_SECRET, level, secret_sentences.secret_ends(PROVIDER, client.secret_ends_on, today))


def check_microsoft(services: Services) -> Iterable[Finding]:
    """Whether it answers at all, knows the tenant, and its clock agrees with ours."""
    client = _client(services)
    tenant = oauth_client(client).tenant if client else "common"
    login = services.microsoft.login
    host = urlsplit(login).netloc
    try:
        with http_session(services.microsoft) as session:
            answer = session.get(
                f"{login}/{tenant}/v2.0/.well-known/openid-configuration",
                timeout=ANSWER_S,
                allow_redirects=False,
            )
    except requests.RequestException as exc:
        yield Finding(
            "Microsoft",
            WRONG,
            f"{host} does not answer ({type(exc).__name__})",
            "Check this machine's network, firewall and name resolution.",
        )
        return
    yield _tenant_finding(answer.status_code, tenant)
    yield clock_finding(answer.headers.get("Date", ""), services.clock(), PROVIDER)


def check_telling(services: Services) -> Iterable[Finding]:
    """Whether Microsoft tells of changes at once; polling finds them in any case (microsoft-graph.md §9)."""
    url = services.notify_urls().get(PROVIDER)
    if url is None:
        yield Finding(_CHANGES, NOTE, telling_sentences.polled_for_want_of_https())
        return
    people = list_accounts(services.database, services.site_id)
    connected = {one.id for one in people if _is_connected(one)}
    rows = list_subscriptions(services.database, services.site_id)
    living = [row.account_id for row in rows if row.expires_at > services.clock() and row.tells(url)]
    untold = connected - accounts_told(services.database, services.site_id, living)
    if untold:
        said, remedy = telling_sentences.polled_so_far(len(untold), len(connected), urlsplit(url).path)
        yield Finding(_CHANGES, NOTE, said, remedy)
        return
    yield Finding(_CHANGES, FINE, telling_sentences.told_at_once())


def _is_connected(account: AccountRow) -> bool:
    return account.provider == PROVIDER and account.state is AccountState.CONNECTED


def _tenant_finding(status: int, tenant: str) -> Finding:
    if status == 200:
        return Finding("Microsoft", FINE, f"answers, and knows the tenant {tenant}")
    if 400 <= status < 500 and status != 429:
        return Finding(
            "Microsoft",
            WRONG,
            f"it does not know the tenant {tenant}",
            "Compare “Directory (tenant) ID” in Entra, App registrations, with the page Microsoft.",
        )
    return Finding(
        "Microsoft", NOTE, f"it answers with an error of its own (status {status})", "Try again later."
    )


def _client(services: Services) -> ClientRow | None:
    """None also where its secret cannot be read any more."""
    try:
        return current_client(services.database, services.box, services.site_id, PROVIDER)
    except SecretUnreadable:
        return None
