"""What people ask about agents' calendars: since when one cannot be read, who shares an account, what makes
whom busy, and what the last full comparison found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from latesync.model import AccountState
from latesync.options import BlockingPolicy, UnreadablePolicy, WhenUnreadable
from latesync.sentences import blocking_sentences, calendar_sentences
from latesync.store.accounts import AccountRow
from latesync.store.blocking import blocking_of
from latesync.store.choices import read_unreadable_policy
from latesync.store.comparisons import ComparisonRow, last_comparisons
from latesync.store.database import Database
from latesync.sync.form_busy import UnreadableAgent, looks_by_agent, unreadable_agents
from latesync.times import Zone


@dataclass(frozen=True, slots=True)
class CalendarOverview:
    """By agent, each. sharing: agents with the same account, in groups, by provider. compared: the last
    comparison of each of their accounts. blocking: of the one that takes their bookings."""

    names: Mapping[int, str] = field(default_factory=dict)
    unreadable: Mapping[int, UnreadableAgent] = field(default_factory=dict)
    policy: UnreadablePolicy = field(default_factory=UnreadablePolicy)
    sharing: tuple[tuple[str, tuple[int, ...]], ...] = ()
    blocking: Mapping[int, BlockingPolicy] = field(default_factory=dict)
    compared: Mapping[int, tuple[ComparisonRow, ...]] = field(default_factory=dict)

    def not_read(self, agent_id: int, zone: Zone) -> str:
        """For the owner; "" while the agent's calendars are read."""
        found = self.unreadable.get(agent_id)
        if found is None:
            return ""
        return calendar_sentences.not_read(
            self._name(agent_id),
            found.since,
            zone,
            is_closed=found.is_closed,
            closes_at=self._closes_at(found),
        )

    def own_not_read(self, agent_id: int, zone: Zone) -> str:
        """The same for the agent."""
        found = self.unreadable.get(agent_id)
        if found is None:
            return ""
        return calendar_sentences.own_not_read(
            found.since, zone, is_closed=found.is_closed, closes_at=self._closes_at(found)
        )

    def is_closed(self, agent_id: int) -> bool:
        """Whether the form offers none of the agent's times."""
        return agent_id in self.unreadable and self.unreadable[agent_id].is_closed

    def sharing_lines(self, agent_id: int | None = None) -> list[str]:
        """For the owner, a sentence for each account that several agents use; agent_id: only theirs."""
        return [
            calendar_sentences.sharing([self._name(one) for one in group], provider)
            for provider, group in self.sharing
            if agent_id in (None, *group)
        ]

    def own_sharing(self, agent_id: int) -> str:
        """For one of these agents, a sentence for each account; "" for all others."""
        return " ".join(
            calendar_sentences.own_sharing([self._name(one) for one in group if one != agent_id], provider)
            for provider, group in self.sharing
            if agent_id in group
        )

    def what_blocks(self, agent_id: int) -> str:
        """For the owner, in a sentence."""
        return blocking_sentences.what_blocks(self.blocking.get(agent_id, BlockingPolicy()))

    def lines(self, zone: Zone) -> list[str]:
        """What is worth knowing of all agents, for the dashboard and `status`."""
        unread = [self.not_read(agent_id, zone) for agent_id in sorted(self.unreadable)]
        return [*unread, *self.sharing_lines()]

    def last_comparison(self, zone: Zone) -> str:
        """After "Last full comparison: ", of all agents together."""
        rows = [row for of_agent in self.compared.values() for row in of_agent]
        if not rows:
            return calendar_sentences.NEVER_COMPARED
        return calendar_sentences.compared(
            max(row.at for row in rows),
            zone,
            events=sum(row.events_wrong for row in rows),
            busy=sum(row.busy_wrong for row in rows),
            form=sum(row.form_wrong for row in rows),
        )

    def _closes_at(self, found: UnreadableAgent) -> datetime | None:
        closes = self.policy.then is WhenUnreadable.CLOSE and not found.is_overdue
        return found.since + timedelta(hours=self.policy.hours) if closes else None

    def _name(self, agent_id: int) -> str:
        return self.names.get(agent_id, f"Agent {agent_id}")


def read_calendar_overview(
    database: Database,
    site_id: str,
    accounts: Collection[AccountRow],
    names: Mapping[int, str],
    now: datetime,
) -> CalendarOverview:
    """accounts: all of the site's. names: of the agents the site shows, by id."""
    policy = read_unreadable_policy(database, site_id)
    active = [account for account in accounts if account.state is not AccountState.DISCONNECTED]
    return CalendarOverview(
        names=names,
        unreadable=unreadable_agents(looks_by_agent(database, site_id), policy, now),
        policy=policy,
        sharing=agents_sharing(active),
        blocking={
            account.agent_id: blocking_of(account)
            for account in sorted(active, key=lambda account: account.is_written)
        },
        compared=_compared(active, last_comparisons(database, site_id)),
    )


def _compared(
    active: Iterable[AccountRow], rows: Mapping[int, ComparisonRow]
) -> dict[int, tuple[ComparisonRow, ...]]:
    """By agent; rows: by account."""
    found: dict[int, tuple[ComparisonRow, ...]] = {}
    for account in active:
        if account.id in rows:
            found[account.agent_id] = (*found.get(account.agent_id, ()), rows[account.id])
    return found


def agents_sharing(active: Iterable[AccountRow]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """(provider, agents) of each account with which several agents signed in."""
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    for account in active:
        groups[account.provider, account.subject].add(account.agent_id)
    shared = [(provider, agents) for (provider, _), agents in groups.items() if len(agents) > 1]
    return tuple(sorted((provider, tuple(sorted(agents))) for provider, agents in shared))
