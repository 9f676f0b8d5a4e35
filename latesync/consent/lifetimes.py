"""How long an account's sign-in lasts: what the provider said, else what earlier sign-ins teach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from latesync.model import AccountState
from latesync.options import Publishing
from latesync.plan.publishing import PUBLISHES, Judgement, infer_end, judge
from latesync.sentences.provider_words import PROVIDERS
from latesync.store.accounts import AccountRow
from latesync.store.clients import list_clients
from latesync.store.consents import list_consents
from latesync.store.database import Database


@dataclass(frozen=True, slots=True)
class ConsentEnd:
    """is_inferred: nobody named this end; it is what experience says."""

    at: datetime | None = None
    is_inferred: bool = False


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """What is known of a provider's clients. current: the one new sign-ins use; judgements: by client_ref.

    No judgements where apps have no publishing status: such sign-ins have no end that anybody knows
    (microsoft-graph.md T5).
    """

    current: int | None
    judgements: Mapping[int, Judgement]

    def end_of(self, account: AccountRow, now: datetime) -> ConsentEnd:
        """When an account's consent ends. A guess that has passed is none any more: it did not come true, or
        the next renewal of the access token tells."""
        judgement = self.judgements.get(account.client_ref)
        if account.consented_at is None or account.state is AccountState.DISCONNECTED or judgement is None:
            return ConsentEnd(account.consent_ends_at)
        ends_at = infer_end(account.consented_at, account.consent_ends_at, judgement)
        is_inferred = ends_at is not None and account.consent_ends_at is None
        if is_inferred and ends_at is not None and ends_at <= now:
            return ConsentEnd()
        return ConsentEnd(ends_at, is_inferred)

    def has_new_client(self, account: AccountRow) -> bool:
        """Whether the owner replaced the client since this account consented to its own."""
        is_active = account.state is not AccountState.DISCONNECTED
        return is_active and self.current is not None and account.client_ref != self.current


def read_all_lifetimes(db: Database, site_id: str, now: datetime) -> dict[str, Lifetimes]:
    """By provider."""
    return {provider: read_lifetimes(db, site_id, provider, now) for provider in PROVIDERS}


def read_lifetimes(db: Database, site_id: str, provider: str, now: datetime) -> Lifetimes:
    clients = list_clients(db, site_id, provider)
    return Lifetimes(
        current=next((client.id for client in clients if client.is_current), None),
        judgements={
            client.id: judge(_said(client.publishing_status), list_consents(db, site_id, client.id), now)
            for client in clients
            if provider in PUBLISHES
        },
    )


def _said(status: str | None) -> Publishing | None:
    """What a newer program may have kept there, and we do not know, counts as nothing said."""
    return Publishing(status) if status in list(Publishing) else None
