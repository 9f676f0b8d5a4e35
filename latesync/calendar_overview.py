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
    """By agent, each. sharing: agents with the same account, in groups. compared: their last comparison."""

    names: Mapping[int, str] = field(default_factory=dict)
    unreadable: Mapping[int, UnreadableAgent] = field(default_factory=dict)
    policy: UnreadablePolicy = field(default_factory=UnreadablePolicy)
    sharing: tuple[tuple[int, ...], ...] = ()
    blocking: Mapping[int, BlockingPolicy] = field(default_factory=dict)
    compared: Mapping[int, ComparisonRow] = field(default_factory=dict)

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
            calendar_sentences.sharing([self._name(one) for one in group])
            for group in self.sharing
            if agent_id in (None, *group)
        ]

    def own_sharing(self, agent_id: int) -> str:
        """For one of these agents; "" for all others."""
        others = [
            self._name(one) for group in self.sharing if agent_id in group for one in group if one != agent_id
        ]
        return calendar_sentences.own_sharing(others) if others else ""

    def what_blocks(self, agent_id: int) -> str:
        """For the owner, in a sentence."""
        return blocking_sentences.what_blocks(self.blocking.get(agent_id, BlockingPolicy()))

    def lines(self, zone: Zone) -> list[str]:
        """What is worth knowing of all agents, for the dashboard and `status`."""
        unread = [self.not_read(agent_id, zone) for agent_id in sorted(self.unreadable)]
        return [*unread, *self.sharing_lines()]

    def last_comparison(self, zone: Zone) -> str:
        """After "Last full comparison: ", of all agents together."""
        rows = list(self.compared.values())
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
    agents = {account.id: account.agent_id for account in active}
    compared = last_comparisons(database, site_id)
    return CalendarOverview(
        names=names,
        unreadable=unreadable_agents(looks_by_agent(database, site_id), policy, now),
        policy=policy,
        sharing=agents_sharing(active),
        blocking={account.agent_id: blocking_of(account) for account in active},
        compared={agents[one]: row for one, row in compared.items() if one in agents},
    )


def agents_sharing(active: Iterable[AccountRow]) -> tuple[tuple[int, ...], ...]:
    """Groups of agents who signed in with the same account of a provider."""
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    for account in active:
        groups[account.provider, account.subject].add(account.agent_id)
    return tuple(sorted(tuple(sorted(agents)) for agents in groups.values() if len(agents) > 1))
