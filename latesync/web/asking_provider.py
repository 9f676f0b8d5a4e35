"""Whether a provider knows the client there is, in words for the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from latesync.consent.client_test import Verdict, ask_about_client
from latesync.consent.oauth_client import oauth_client
from latesync.messages import Message
from latesync.read_overview import read_current_client
from latesync.sign_in_troubles import words
from latesync.web.context import now, services


@dataclass(frozen=True, slots=True)
class Asked:
    """error: the provider's word for a refusal. uploaded_at: of the client."""

    verdict: Verdict
    error: str
    message: Message
    uploaded_at: datetime


def ask_provider(provider: str) -> Asked | None:
    """None where there is no client, or its secret cannot be read. Asking changes nothing."""
    client = read_current_client(services(), provider)
    if client is None:
        return None
    config, is_google = services().config, provider == "google"
    endpoints = services().google if is_google else services().microsoft
    callback = config.google_callback if is_google else config.microsoft_callback
    verdict, error = ask_about_client(endpoints, oauth_client(client), callback)
    message = _in_words(verdict, error, client.uploaded_at, provider)
    return Asked(verdict, error, message, client.uploaded_at)


def _in_words(verdict: Verdict, error: str, uploaded_at: datetime, provider: str) -> Message:
    if verdict is Verdict.REFUSED:
        return words.client_refused(error, uploaded_at, now(), provider)
    if verdict is Verdict.ACCEPTED:
        return words.client_accepted(provider)
    return words.client_unknown(provider)
