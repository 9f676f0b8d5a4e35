"""Which calendars an agent may choose from, and what they chose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from latesync.consent.flow import ConsentDesk, read_calendar_list
from latesync.errors import ProviderError, SecretUnreadable, WrongInput
from latesync.model import Calendar
from latesync.store.accounts import AccountRow
from latesync.store.calendars import read_calendars


@dataclass(frozen=True, slots=True)
class CalendarChoice:
    id: str
    name: str
    is_writable: bool
    is_written: bool
    reads_busy: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """is_fresh: False while Google does not show the list; then it holds what was chosen before."""

    calendars: tuple[CalendarChoice, ...]
    is_fresh: bool


def read_choices(desk: ConsentDesk, account: AccountRow) -> Choices:
    """The calendars as Google shows them now (users-ask.md U39), with what the agent chose."""
    read_now = {row.calendar_id for row in read_calendars(desk.database, account.id) if row.reads_busy}
    try:
        listed, is_fresh = read_calendar_list(desk, account), True
    except (ProviderError, SecretUnreadable):
        listed, is_fresh = [], False
    known = {calendar.id for calendar in listed}
    for calendar_id in sorted((read_now | {account.write_calendar_id}) - known):
        listed.append(_remembered(calendar_id, account, is_fresh))
    choices = (
        CalendarChoice(
            calendar.id,
            _name(calendar, account),
            calendar.is_writable,
            calendar.id == account.write_calendar_id,
            calendar.id in read_now,
        )
        for calendar in listed
    )
    return Choices(tuple(choices), is_fresh)


def chosen(
    choices: Collection[CalendarChoice], write_to: str, busy: Collection[str]
) -> tuple[str, list[str]]:
    """(the calendar to write to, those to read). Raises WrongInput for anything not offered."""
    offered = {choice.id: choice for choice in choices}
    if write_to not in offered or not offered[write_to].is_writable:
        raise WrongInput("Bookings cannot go into that calendar. Choose one from the list and save again.")
    if not set(busy) <= offered.keys():
        raise WrongInput("One of the calendars is no longer there. Look at the list and save again.")
    return write_to, [choice_id for choice_id in offered if choice_id in busy]


def _remembered(calendar_id: str, account: AccountRow, is_fresh: bool) -> Calendar:
    """A calendar that was chosen but is not listed: unknown now, or gone when the list is fresh."""
    name = "A calendar that is gone" if is_fresh else "A calendar you chose"
    return Calendar(calendar_id, name, calendar_id == account.email, not is_fresh, None)


def _name(calendar: Calendar, account: AccountRow) -> str:
    if calendar.is_primary:
        return f"Main calendar ({account.email})"
    return calendar.name
