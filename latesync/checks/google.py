"""What `doctor` asks about Google: our address, the client file, the quota, and Google itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

import requests

from latesync.checks.clock import clock_finding
from latesync.checks.findings import FINE, NOTE, WRONG, Finding
from latesync.consent.callback import check_callback
from latesync.errors import SecretUnreadable
from latesync.providers.google.budget import PROJECT_PER_DAY, PROJECT_PER_MINUTE
from latesync.sentences import consent_sentences
from latesync.sentences.problem_sentences import client_problem
from latesync.services import Services
from latesync.store.clients import current_client
from latesync.store.quota import quota_used

ANSWER_S = 8  # within the ten seconds the page Health waits
QUOTA_IS_SHORT = 0.8  # of a day's; the rest is gone in hours at such a pace


def check_address(services: Services) -> Iterable[Finding]:
    problems = check_callback(services.config.base_url)
    for problem in problems:
        yield Finding("callback address", WRONG, problem)
    if not problems:
        yield Finding(
            "callback address", FINE, f"{services.config.google_callback} can be registered at Google"
        )


def check_client(services: Services) -> Iterable[Finding]:
    try:
        client = current_client(services.database, services.box, services.site_id, "google")
    except SecretUnreadable:
        yield Finding(
            "client file",
            WRONG,
            "it was stored with another key",
            "Put that key back, or upload the file again.",
        )
        return
    if client is None:
        yield Finding(
            "client file",
            WRONG,
            "none was uploaded",
            "`latesync client import FILE`, or the page Google; for Outlook the page Microsoft. One of "
            "the two is enough.",
        )
    elif client.problem:
        yield Finding("client file", WRONG, client_problem(client.problem, "google"))
    elif not client.redirect_uris:
        yield Finding(
            "client file",
            NOTE,
            "it was downloaded before a redirect URI was registered",
            f"Make sure that {services.config.google_callback} is registered at Google.",
        )
    else:
        yield Finding("client file", FINE, f"client {client.client_id}")


def check_quota(services: Services) -> Iterable[Finding]:
    """What was used of the project's daily budget (google-calendar.md Q1)."""
    try:
        client = current_client(services.database, services.box, services.site_id, "google")
    except SecretUnreadable:
        return  # check_client says so
    if client is None:
        return
    used = quota_used(services.database, client.id, services.clock() - timedelta(hours=24))
    line = consent_sentences.quota_line(used.units, PROJECT_PER_DAY, used.busiest_minute, PROJECT_PER_MINUTE)
    if used.units >= QUOTA_IS_SHORT * PROJECT_PER_DAY:
        yield Finding("quota", NOTE, line, consent_sentences.quota_is_short(used.units, PROJECT_PER_DAY))
    else:
        yield Finding("quota", FINE, line)


def check_google(services: Services) -> Iterable[Finding]:
    """Reachable at all, and does its clock agree with ours?"""
    try:
        answer = requests.get(services.google.token, timeout=ANSWER_S, allow_redirects=False)
    except requests.RequestException as exc:
        yield Finding(
            "Google",
            WRONG,
            f"{urlsplit(services.google.token).netloc} does not answer ({type(exc).__name__})",
            "Check this machine's network, firewall and name resolution.",
        )
        return
    yield Finding("Google", FINE, "answers")
    yield clock_finding(answer.headers.get("Date", ""), services.clock(), "google")
