"""What the pages about Google's console show: lines to paste, and what the owner says of the project."""

from __future__ import annotations

from dataclasses import dataclass

from latesync.consent.callback import check_callback
from latesync.consent.google_sign_in import SCOPES
from latesync.options import Publishing
from latesync.sentences.consent_sentences import PUBLISHING
from latesync.store.clients import write_publishing_status
from latesync.store.set_up import write_early_publishing
from latesync.web.context import overview, services


@dataclass(frozen=True, slots=True)
class GooglePlace:
    """address_problems: why Google would refuse our address, each with its remedy."""

    callback: str
    origin: str
    address_problems: tuple[str, ...]
    addresses: tuple[str, ...]
    scopes: tuple[str, ...] = SCOPES


def google_place() -> GooglePlace:
    config = services().config
    agents = overview().agents
    return GooglePlace(
        callback=config.google_callback,
        origin=origin_of(config.base_url),
        address_problems=() if config.google_base_url else tuple(check_callback(config.base_url)),
        addresses=tuple(agent.site_email for agent in agents if agent.site_email and agent.is_active),
    )


def origin_of(base_url: str) -> str:
    """Scheme, host and port, without a path (google-calendar.md R8)."""
    scheme, _, rest = base_url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def publishing_choices() -> list[tuple[str, str, str]]:
    """(value, title, one sentence of consequences) of each."""
    return [(status.value, words.title, words.text) for status, words in PUBLISHING.items()]


def keep_publishing(status: Publishing, client_ref: int | None) -> None:
    """client_ref: the current client, None before there is one."""
    if client_ref is not None:
        write_publishing_status(services().database, client_ref, status)
    else:
        write_early_publishing(services().database, services().site_id, status)
