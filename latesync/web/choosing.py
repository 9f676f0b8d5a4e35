"""Which calendars an agent may choose from, over all of their accounts, and what they chose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from latesync.consent.flow import ConsentDesk, read_calendar_list
from latesync.errors import ProviderError, SecretUnreadable, WrongInput
from latesync.model import AccountState, Calendar
from latesync.sentences.provider_words import calendar_product, company
from latesync.store.accounts import AccountRow
from latesync.store.calendars import read_calendars


@dataclass(frozen=True, slots=True)
class CalendarChoice:
    """key: names it on a form, among the calendars of all accounts."""

    key: str
    id: str
    name: str
    is_writable: bool
    is_written: bool
    reads_busy: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """One account's calendars. is_fresh: False while the provider does not show the list; then it holds what
    was chosen before.
    """

    account: AccountRow
    calendars: tuple[CalendarChoice, ...]
    is_fresh: bool

    @property
    def company(self) -> str:
        return company(self.account.provider)

    @property
    def product(self) -> str:
        return calendar_product(self.account.provider)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What becomes of one account. write_to: "" where it brings busy time only."""

    account: AccountRow
    write_to: str
    read_from: tuple[str, ...]


def read_choices(desk: ConsentDesk, account: AccountRow) -> Choices:
    """The calendars as the provider shows them now (users-ask.md U39), with what the agent chose."""
    read_now = {row.calendar_id for row in read_calendars(desk.database, account.id) if row.reads_busy}
    listed, is_fresh = _listed(desk, account)
    known = {calendar.id for calendar in listed}
    chosen_before = read_now | ({account.write_calendar_id} if account.is_written else set())
    for calendar_id in sorted(chosen_before - known):
        listed.append(_remembered(calendar_id, account, is_fresh))
    choices = (
        CalendarChoice(
            f"{account.provider}:{calendar.id}",
            calendar.id,
            _name(calendar, account),
            calendar.is_writable,
            account.is_written and calendar.id == account.write_calendar_id,
            calendar.id in read_now,
        )
        for calendar in listed
    )
    return Choices(account, tuple(choices), is_fresh)


def chosen(lists: Sequence[Choices], write_to: str, busy: Collection[str]) -> list[Chosen]:
    """What is to become of each account, the one that is to take the bookings first.

    write_to, busy: keys of the form. Raises WrongInput for anything not offered.
    """
    offered = {choice.key: choice for choices in lists for choice in choices.calendars}
    if write_to not in offered or not offered[write_to].is_writable:
        raise WrongInput("Bookings cannot go into that calendar. Choose one from the list and save again.")
    if not set(busy) <= offered.keys():
        raise WrongInput("One of the calendars is no longer there. Look at the list and save again.")
    wishes = [_of_account(choices, write_to, busy) for choices in lists]
    return sorted(wishes, key=lambda wish: not wish.write_to)


def _of_account(choices: Choices, write_to: str, busy: Collection[str]) -> Chosen:
    written = next((choice.id for choice in choices.calendars if choice.key == write_to), "")
    read_from = tuple(choice.id for choice in choices.calendars if choice.key in busy)
    return Chosen(choices.account, written, read_from)


def _listed(desk: ConsentDesk, account: AccountRow) -> tuple[list[Calendar], bool]:
    if account.state is not AccountState.CONNECTED:
        return [], False
    try:
        return read_calendar_list(desk, account), True
    except (ProviderError, SecretUnreadable):
        return [], False


def _remembered(calendar_id: str, account: AccountRow, is_fresh: bool) -> Calendar:
    """A calendar that was chosen but is not listed: unknown now, or gone when the list is fresh."""
    name = "A calendar that is gone" if is_fresh else "A calendar you chose"
    return Calendar(calendar_id, name, calendar_id == account.email, not is_fresh, None)


def _name(calendar: Calendar, account: AccountRow) -> str:
    if calendar.is_primary:
        return f"Main calendar ({account.email})"
    return calendar.name
