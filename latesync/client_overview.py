"""What people ask about the OAuth clients: who uses which, how it is published, when its secret ends, what
it has spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from latesync.errors import SiteError, WrongInput
from latesync.latepoint.settings import read_agents
from latesync.messages import Message
from latesync.options import Publishing
from latesync.plan.publishing import PUBLISHES, Judgement, judge
from latesync.providers.google.budget import PROJECT_PER_DAY, PROJECT_PER_MINUTE
from latesync.sentences import consent_sentences, secret_sentences
from latesync.services import Services
from latesync.store.clients import ClientRow, list_clients
from latesync.store.consents import list_consents
from latesync.store.old_clients import count_accounts_by_client
from latesync.store.quota import QuotaUse, quota_used

PROJECT_QUOTAS = frozenset({"google"})
QUOTA_SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ClientUse:
    """accounts: how many still sign in with it, those that wait for a sign-in included."""

    client: ClientRow
    accounts: int


@dataclass(frozen=True, slots=True)
class ClientOverview:
    """old: clients that were replaced and still have accounts. renew_once: names, of Judgement.renew_once.

    No secret was opened: a client whose secret cannot be read any more is shown too.
    """

    provider: str
    current: ClientUse | None = None
    old: tuple[ClientUse, ...] = ()
    judgement: Judgement | None = None
    renew_once: tuple[str, ...] = ()
    quota: QuotaUse = field(default_factory=QuotaUse)

    @property
    def secret_ends_on(self) -> date | None:
        return self.current.client.secret_ends_on if self.current else None

    def secret_line(self, today: date) -> str:
        """When the secret ends; "" where secrets have no end, or nobody said it."""
        ends_on = self.secret_ends_on
        return f"{secret_sentences.secret_left(self.provider, ends_on, today)}." if ends_on else ""

    @property
    def publishing_status(self) -> Publishing | None:
        return self.current.client.publishing_status if self.current else None

    def judgement_words(self) -> Message | None:
        """What is seen of the publishing status, where that needs a word."""
        if self.judgement is None:
            return None
        return consent_sentences.judgement_words(self.judgement.code, len(self.renew_once))

    def quota_line(self) -> str:
        """ "" where no quota holds for all agents together (microsoft-graph.md L1)."""
        used = self.quota
        if self.provider not in PROJECT_QUOTAS:
            return ""
        return consent_sentences.quota_line(
            used.units, PROJECT_PER_DAY, used.busiest_minute, PROJECT_PER_MINUTE
        )


def read_client_overview(services: Services, provider: str, now: datetime) -> ClientOverview:
    database, site_id = services.database, services.site_id
    users = count_accounts_by_client(database, site_id)
    uses = [ClientUse(row, users.get(row.id, 0)) for row in list_clients(database, site_id, provider)]
    current = next((use for use in uses if use.client.is_current), None)
    old = tuple(use for use in uses if use is not current)
    if current is None:
        return ClientOverview(provider, old=old)
    if provider not in PUBLISHES:
        return ClientOverview(provider, current=current, old=old)
    client = current.client
    judgement = judge(client.publishing_status, list_consents(database, site_id, client.id), now)
    return ClientOverview(
        provider,
        current=current,
        old=old,
        judgement=judgement,
        renew_once=named(judgement.renew_once, read_agent_names(services)) if judgement.renew_once else (),
        quota=quota_used(database, client.id, now - QUOTA_SPAN),
    )


def read_agent_names(services: Services) -> dict[int, str]:
    """The agents' names by id; none while the site cannot be read."""
    try:
        return {
            agent.id: agent.name for agent in read_agents(services.site_engine, services.site.facts().schema)
        }
    except (SiteError, WrongInput):
        return {}


def named(agent_ids: Iterable[int], names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(names.get(agent_id) or f"Agent {agent_id}" for agent_id in agent_ids)
