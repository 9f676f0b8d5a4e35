"""What a language must have: every text of the mails and of the pages their links open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from latesync.times import Zone


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter's wording before it is filled: {{variables}} in the subject and in the body's paragraphs."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class RenewPage:
    """The page behind a mail's button. Filled with {provider}, {email}, {site}, {ends}."""

    title: str
    title_first: str  # for an agent who never signed in
    lead: str
    lead_first: str
    account: str  # which account to choose
    no_password: str
    nothing_lost: str
    why_ending: str
    why_ended: str
    why_new_client: str
    done_title: str  # a sign-in has used the link up, and the calendar is connected
    done_text: str
    used_title: str  # otherwise: it has done its work, or is too old
    used_text: str


@dataclass(frozen=True, slots=True)
class StopPage:
    """The page behind “no more of these mails”. Filled with {site}."""

    title: str
    text: str
    button: str
    stopped_title: str
    stopped_text: str
    resume: str  # the button that takes it back
    resumed_title: str
    resumed_text: str


@dataclass(frozen=True, slots=True)
class Language:
    """weekdays begin with Monday. moment: filled with {weekday}, {day}, {month}, {hour}, {minute}, {zone}.

    first_day: how the first of a month is written. waiting_…: no full stop at the end; filled with {count}.
    The letters' fixed parts are filled with {provider} and {site}.
    """

    code: str
    name: str
    weekdays: tuple[str, str, str, str, str, str, str]
    months: tuple[str, str, str, str, str, str, str, str, str, str, str, str]
    moment: str
    waiting_one: str
    waiting_many: str
    sign_in: str
    sign_in_again: str
    address_below: str
    why: str
    ask: str
    stop: str
    letters: Mapping[str, Draft]  # by step of a reminder, and "invitation"
    alarms: Mapping[str, Draft]  # "calendar_lost" and "calendar_back"; the owner does not word them
    renew_page: RenewPage
    stop_page: StopPage
    first_day: str = "1"

    def moment_words(self, instant: datetime, zone: Zone) -> str:
        """Day and time in the site's zone, which is named: the reader may be elsewhere."""
        local = instant.astimezone(zone.tzinfo)
        return self.moment.format(
            weekday=self.weekdays[local.weekday()],
            day=self.first_day if local.day == 1 else local.day,
            month=self.months[local.month - 1],
            hour=f"{local.hour:02d}",
            minute=f"{local.minute:02d}",
            zone=zone.name or f"UTC{zone}",
        )

    def waiting_words(self, count: int | None) -> str:
        """ "3 bookings are not yet in your calendar"; "" when none waits or nobody knows."""
        if not count:
            return ""
        return (self.waiting_one if count == 1 else self.waiting_many).format(count=count)
