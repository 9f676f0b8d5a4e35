"""How one account does, and one agent with all of theirs: parts of the overview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from latesync import messages
from latesync.booking_parts import is_buffer
from latesync.model import FOUGHT_OVER, AccountState, Drift, Mapping
from latesync.sentences import drift_sentences, held_sentences, problem_sentences
from latesync.sentences.provider_words import calendar_product, company
from latesync.store.held import HeldRow
from latesync.store.runs import RunRow
from latesync.store.unreadable import UnreadableRow

LOST_KEY = "secret_unreadable"
NEVER = "never"  # beside AccountState's words: the agent has not signed in yet
# What goes away by itself; everything else waits for somebody (plan/failures.py).
_PASSING = frozenset(
    {"provider_unavailable", "rate_limited", "usage_limited", "site_unavailable", "plugin_unavailable"}
)


@dataclass(frozen=True, slots=True)
class AccountOverview:
    """One agent and how their account at one provider does.

    state: "never", or AccountState's word. waiting: bookings not yet in the calendar as they should be;
    None while the site cannot be read. calendars_read: how many bring busy time.
    drifted: events that somebody changed or deleted, and that stand so still; the owner may want that.
    consent_ends_at: as the provider said, or as experience has it (consent_end_is_inferred).
    has_new_client: the owner replaced the client since; the account goes on with the one it consented to.
    paused_since: they rest, alone or with everybody; what is wrong meanwhile needs nobody.
    writes_to_primary: None where a calendar's id does not tell.
    provider: "" for an agent who never signed in. writes: bookings go here; else it brings busy time only.
    idle_ends_at: when a sign-in ends that is not used any more; None while that is far away.
    """

    agent_id: int
    name: str
    is_active: bool
    state: str
    site_email: str | None = field(repr=False, default=None)
    account_id: int | None = None
    email: str | None = field(repr=False, default=None)
    consent_ends_at: datetime | None = None
    consent_end_is_inferred: bool = False
    has_new_client: bool = False
    waiting: int | None = 0
    mapped: int = 0
    calendars_read: int = 0
    writes_to_primary: bool | None = True
    tentative_blocks: bool = True
    outbound_good_at: datetime | None = None
    inbound_good_at: datetime | None = None
    problem: str | None = None
    problem_since: datetime | None = None
    last_runs: tuple[RunRow, ...] = ()
    held: tuple[HeldRow, ...] = ()
    set_aside: tuple[Mapping, ...] = ()
    unreadable: tuple[UnreadableRow, ...] = ()
    drifted: tuple[Mapping, ...] = ()
    paused_since: datetime | None = None
    provider: str = ""
    writes: bool = True
    idle_ends_at: datetime | None = None

    @property
    def company(self) -> str:
        return company(self.provider)

    @property
    def product(self) -> str:
        """What the agent calls the calendar: "Outlook"."""
        return calendar_product(self.provider)

    @property
    def is_connected(self) -> bool:
        return self.state == AccountState.CONNECTED

    @property
    def is_active_account(self) -> bool:
        return self.state in (AccountState.CONNECTED, AccountState.NEEDS_SIGN_IN)

    @property
    def is_signed_out(self) -> bool:
        return self.state == AccountState.NEEDS_SIGN_IN

    @property
    def has_lost_sign_in(self) -> bool:
        """Whether the key is gone with which the sign-in was kept; a new one heals it."""
        return self.is_connected and self.problem == LOST_KEY

    @property
    def held_wishes(self) -> int:
        """How many bookings would follow their events, if that were not unusually much."""
        return sum(1 for row in self.held if row.operation in drift_sentences.WISHES)

    @property
    def waiting_to_follow(self) -> tuple[Mapping, ...]:
        """Of `drifted`, what its booking is about to follow; what is held is said to be so already."""
        held = {row.booking_id for row in self.held}
        return tuple(
            mapping
            for mapping in self.drifted
            if mapping.booking_id not in held
            and not is_buffer(mapping.booking_id)
            and not mapping.drift_refused
            and (mapping.drift is Drift.DELETED or mapping.drift_span is not None)
        )

    @property
    def needs_person(self) -> bool:
        if self.paused_since is not None:
            return False
        if self.held or self.set_aside or self.unreadable:
            return True
        if self.state == AccountState.NEEDS_SIGN_IN:
            return True
        return self.problem is not None and self.problem not in _PASSING


@dataclass(frozen=True, slots=True)
class AgentOverview(AccountOverview):
    """One agent: as the account does that takes their bookings, and beside it the others they signed in with.

    Of an agent with one account, that one, whatever it does; of one who never signed in, none.
    """

    others: tuple[AccountOverview, ...] = ()

    @property
    def accounts(self) -> tuple[AccountOverview, ...]:
        """All of them, the one that takes the bookings first."""
        return (self, *self.others) if self.account_id is not None else ()

    @property
    def is_connected_anywhere(self) -> bool:
        return any(account.is_connected for account in self.accounts)

    def account_at(self, provider: str) -> AccountOverview | None:
        return next((account for account in self.accounts if account.provider == provider), None)


def attention(account: AccountOverview, *, after_held: str = "") -> Iterable[str]:
    """A sentence for each kind of trouble that keeps bookings from going their way by themselves.

    after_held: what a shell adds about changes that wait.
    """
    for text in held_words(account):
        yield f"{text} {after_held}".strip()
    yield from left_undone(account)


def held_words(account: AccountOverview) -> Iterable[str]:
    """What waits for the owner, a sentence for each cause."""
    for operation, reason in sorted({(row.operation, row.reason) for row in account.held}):
        ids = [row.booking_id for row in account.held if (row.operation, row.reason) == (operation, reason)]
        if operation in drift_sentences.WISHES:
            yield held_sentences.waiting_wishes(operation, ids, account.name)
        else:
            yield held_sentences.waiting(operation, reason, ids, account.name)


def left_undone(account: AccountOverview) -> Iterable[str]:
    fought = [mapping.booking_id for mapping in account.set_aside if mapping.problem == FOUGHT_OVER]
    refused = [mapping.booking_id for mapping in account.set_aside if mapping.problem != FOUGHT_OVER]
    if refused:
        yield problem_sentences.set_aside_bookings(refused, account.provider)
    if fought:
        yield problem_sentences.fought_over(fought)
    for why in sorted({row.why for row in account.unreadable}):
        ids = [row.booking_id for row in account.unreadable if row.why == why]
        yield messages.unreadable_bookings(why, ids)
