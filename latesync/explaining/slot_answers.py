"""The facts about one time as people read them; the pages and the command show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from latesync.explaining.slots import CalendarAt, MomentFacts, SlotFacts
from latesync.messages import moment
from latesync.model import AccountState, Booking
from latesync.plan.explain_slots import EntryAt
from latesync.sentences import drift_sentences, explain_sentences, slot_sentences
from latesync.sentences.provider_words import company
from latesync.times import Zone


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """One entry of a calendar. provider: whose calendar it is."""

    provider: str
    blocks: bool
    text: str


@dataclass(frozen=True, slots=True)
class MomentAnswer:
    """blocking: what blocks the time, each in a sentence. beside: what stands then and does not block.

    is_blocked: None where nothing known blocks it, and the site's bookings cannot be read.
    entries: what of both stands in the agent's calendars, with the calendars' providers.
    """

    at: datetime
    is_blocked: bool | None
    blocking: tuple[str, ...]
    beside: tuple[str, ...]
    entries: tuple[EntryAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """notes: what else is to know: clock changes, pauses, whether the form hears of it at all.

    site_problem: says that the booking site cannot be read; else "".
    """

    agent_id: int
    agent_name: str
    moments: tuple[MomentAnswer, ...]
    notes: tuple[str, ...]
    looks: tuple[str, ...]
    site_problem: str = ""

    @property
    def is_blocked(self) -> bool | None:
        if any(moment.is_blocked for moment in self.moments):
            return True
        return None if any(moment.is_blocked is None for moment in self.moments) else False

    @staticmethod
    def verdict(moment: MomentAnswer) -> str:
        return slot_sentences.verdict(is_blocked=moment.is_blocked)


def answer(
    facts: SlotFacts,
    name: str,
    calendar_names: Mapping[str, str] | None = None,
    *,
    in_shell: bool = False,
) -> SlotAnswer:
    """calendar_names: for the agent's own eyes; without them calendars are told apart by number (U40).

    in_shell: remedies are commands, not buttons.
    """
    said = _Said(facts, name, calendar_names or {}, in_shell)
    is_unread = any(at.bookings is None for at in facts.moments)
    return SlotAnswer(
        facts.agent_id,
        name,
        tuple(said.moment(each) for each in facts.moments),
        tuple(said.notes()),
        tuple(said.looks()),
        slot_sentences.BOOKINGS_UNKNOWN if is_unread else "",
    )


@dataclass(frozen=True, slots=True)
class _Said:
    facts: SlotFacts
    name: str
    calendar_names: Mapping[str, str]
    in_shell: bool

    @property
    def zone(self) -> Zone:
        return self.facts.zone

    def moment(self, at: MomentFacts) -> MomentAnswer:
        blocking = [self._booking(booking) for booking in at.bookings or ()]
        blocking += self._closed(at)
        entries = tuple(
            self._entry(calendar, entry, len(at.calendars))
            for calendar in at.calendars
            for entry in calendar.entries
        )
        blocking += [entry.text for entry in entries if entry.blocks]
        beside = tuple(entry.text for entry in entries if not entry.blocks)
        if at.slots and not any(entry.blocks for entry in entries):
            blocking += [slot_sentences.slot_of_before(span, self.zone) for span in at.slots]
        is_blocked = None if not blocking and at.bookings is None else bool(blocking)
        said = tuple(blocking) or (slot_sentences.NOTHING_KNOWN,)
        return MomentAnswer(at.at, is_blocked, said, beside, entries)

    def _entry(self, calendar: CalendarAt, entry: EntryAt, count: int) -> EntryAnswer:
        called = self._called(calendar, count)
        if entry.passed_over is None:
            text = slot_sentences.entry_blocks(
                called, entry.span, entry.kinds, is_repeated=entry.is_repeated, zone=self.zone
            )
        else:
            text = slot_sentences.entry_passed_over(called, entry.span, entry.passed_over, zone=self.zone)
        return EntryAnswer(calendar.provider, entry.passed_over is None, text)

    def notes(self) -> list[str]:
        facts, asked = self.facts, f"{self.facts.asked.wall:%H:%M}"
        found = []
        if facts.asked.is_skipped:
            shown = moment(facts.asked.instants[0], self.zone)
            found.append(slot_sentences.SKIPPED.format(asked=asked, shown=shown))
        if facts.asked.is_doubled:
            found.append(slot_sentences.DOUBLED.format(asked=asked))
        if facts.account is None:
            had_one = slot_sentences.DISCONNECTED if facts.was_connected else slot_sentences.NO_ACCOUNT
            found.append(had_one.format(name=self.name))
        found += self._form_notes()
        if any(at.bookings is None for at in facts.moments):
            found.append(slot_sentences.BOOKINGS_UNKNOWN)
        return found

    def looks(self) -> list[str]:
        """When each calendar was read last."""
        if not self.facts.moments:
            return []
        calendars = self.facts.moments[0].calendars
        return [
            slot_sentences.looked_at(
                self._called(calendar, len(calendars)),
                calendar.good_at,
                self.facts.now,
                is_lost=calendar.is_lost,
            )
            for calendar in calendars
        ]

    def _form_notes(self) -> list[str]:
        facts, rest = self.facts, self.facts.rest
        calendars = [calendar for at in facts.moments for calendar in at.calendars]
        found = []
        if calendars and not facts.way_works:
            found.append(slot_sentences.NOT_ON_FORM["plugin"])
        for code, since in (
            ("site_stopped", rest.stopped_at if rest.stopped_for else None),
            ("all_paused", rest.all_paused_since),
            ("paused", rest.paused_since),
        ):
            if since is not None:
                agent_id = facts.agent_id if self.in_shell else None
                found.append(
                    explain_sentences.waits(
                        code, self.name, moment(since, self.zone), agent_id=agent_id, provider=""
                    )
                )
        signed_out = [each for each in facts.accounts if each.state is AccountState.NEEDS_SIGN_IN]
        found += [
            slot_sentences.SIGNED_OUT.format(name=self.name, company=company(each.provider))
            for each in signed_out
        ]
        if not found and any(calendar.is_unpublished for calendar in calendars):
            found.append(slot_sentences.NOT_ON_FORM["unpublished"])
        return found

    def _closed(self, at: MomentFacts) -> list[str]:
        unreadable = self.facts.unreadable
        if unreadable is None or not unreadable.is_closed:
            return []
        return [slot_sentences.CLOSED.format(since=moment(unreadable.since, self.zone))]

    def _booking(self, booking: Booking) -> str:
        which = drift_sentences.booking_words(booking.id, booking.code, None, self.zone, booking.service_name)
        return slot_sentences.booked(which, booking.span, self.zone)

    def _called(self, calendar: CalendarAt, count: int) -> str:
        provider = calendar.provider if len(self.facts.accounts) > 1 else ""
        known = self.calendar_names.get(calendar.calendar_id)
        if known is not None:
            return slot_sentences.own_calendar(known, provider)
        return slot_sentences.calendar_of(self.name, calendar.number, count, provider)
