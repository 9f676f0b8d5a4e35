"""An agent with an account at each of two providers, who changes their mind: law L2 with two calendars.

Both providers are played by one stand-in; what matters here is that they are two accounts.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from latesync.descriptions import plain_text
from latesync.latepoint.bridge_tables import accounts_table
from latesync.model import AccountState, MappingState
from latesync.options import DriftPolicy, NextSync, ResetEvents
from latesync.plan.event_settings import EventChoices, EventSettings
from latesync.sandbox.google.state import Event
from latesync.store import accounts, mappings, resets
from latesync.store.history import Who
from latesync.store.left_out import count_left_out
from latesync.store.resets import ResetWish
from latesync.sync.event_preview import count_rewritten
from latesync.sync.outbound import plan_account, read_policy
from latesync.sync.reset import counted_together, read_preview
from latesync.sync.tell_site import SiteTeller
from tests.property.machine.people import People
from tests.property.machine.scenes import book, busy, cancel, move, ours, put_theirs, work
from tests.property.machine.stand import PREFIX, Stand
from tests.property.machine.town import ANNA, EMAILS, SECOND_EMAILS, Town, opened_town

GOOGLE, SECOND = "google", "microsoft"
FIRST_CALENDAR, SECOND_CALENDAR = EMAILS[ANNA], SECOND_EMAILS[ANNA]
CALENDARS = {GOOGLE: FIRST_CALENDAR, SECOND: SECOND_CALENDAR}


def write_to(town: Town, provider: str) -> None:
    account = town.account(ANNA, provider)
    accounts.promote(town.database, account.id, CALENDARS[provider], town.clock())
    town.note_site()


def sign_in(town: Town, provider: str = SECOND, *, writes: bool = False) -> None:
    town.sign_in(ANNA, provider, writes=writes)
    town.note_site()


def disconnect(town: Town, provider: str) -> None:
    accounts.record_disconnected(town.database, town.account(ANNA, provider).id, town.clock())
    town.note_site()


def sign_out(town: Town, provider: str) -> None:
    """The provider ends the consent."""
    account = town.account(ANNA, provider)
    accounts.record_needs_sign_in(town.database, account.id, "sign_in_again", town.clock())


def write_notes(town: Town, provider: str, event: Event, line: str) -> None:
    description = event.resource.get("description", "")
    town.world.patch_event(CALENDARS[provider], event.id, {"description": f"{description}{line}\n"})


def ours_in(town: Town, provider: str) -> list[Event]:
    return People(town).events(CALENDARS[provider], ours=True)


def notes_of(event: Event) -> str:
    return plain_text(event.resource.get("description", ""))


# --- scenes -----------------------------------------------------------------------------------


def test_a_second_account_gets_no_events(town: Town) -> None:
    """odoo-calendar-sync.md §4, PR 241997: Google and Outlook at one person, and copies multiplied."""
    book(town)
    sign_in(town)
    town.settle()
    assert (ours(town, FIRST_CALENDAR), ours(town, SECOND_CALENDAR)) == (["11-21 09:00"], [])


def test_busy_time_comes_from_both(town: Town) -> None:
    sign_in(town)
    put_theirs(town, 1, FIRST_CALENDAR)
    put_theirs(town, 2, SECOND_CALENDAR)
    town.settle()
    assert busy(town) == ["11-21 08:00", "11-22 08:00"]
    disconnect(town, SECOND)
    SiteTeller(town.process.parts).take_back()
    assert busy(town) == ["11-21 08:00"]


def test_everything_moves_with_the_agent(town: Town) -> None:
    for day in range(1, 12):
        book(town, day)
    town.settle()
    sign_in(town)
    write_to(town, SECOND)
    town.settle()
    assert len(ours(town, SECOND_CALENDAR)) == 11
    assert ours(town, FIRST_CALENDAR) == []
    assert list(town.world.mails) == []
    assert not town.wrong_deletions


def test_unusually_many_move_without_asking_anybody(stand: Stand) -> None:
    from latesync.options import SafetyLimits

    with opened_town(stand, agents=[ANNA], limits=SafetyLimits(share=0.1, count=2)) as town:
        for day in range(1, 9):
            book(town, day)
        town.settle()
        sign_in(town, writes=True)
        town.settle()
        assert (len(ours(town, SECOND_CALENDAR)), len(ours(town, FIRST_CALENDAR))) == (8, 0)


def test_what_the_new_account_does_not_have_yet_stays_in_the_old_one(town: Town) -> None:
    """Nothing is lost while somebody changes the provider."""
    book(town)
    town.settle()
    sign_in(town, writes=True)
    sign_out(town, SECOND)
    for _ in range(3):
        work(town)
    assert ours(town, FIRST_CALENDAR) == ["11-21 09:00"]
    town.settle()
    assert (ours(town, FIRST_CALENDAR), ours(town, SECOND_CALENDAR)) == ([], ["11-21 09:00"])


def test_while_the_written_account_is_signed_out_bookings_wait_and_busy_time_goes_on(town: Town) -> None:
    """Law L9."""
    sign_in(town)
    town.settle()
    sign_out(town, GOOGLE)
    book(town)
    put_theirs(town, 2, SECOND_CALENDAR)
    for _ in range(3):
        work(town, timedelta(minutes=3))
    assert (ours(town, FIRST_CALENDAR), ours(town, SECOND_CALENDAR)) == ([], [])
    assert busy(town) == ["11-22 08:00"]
    town.settle()
    assert ours(town, FIRST_CALENDAR) == ["11-21 09:00"]


def test_the_agents_own_lines_come_along(town: Town) -> None:
    book(town)
    town.settle()
    write_notes(town, GOOGLE, ours_in(town, GOOGLE)[0], "Ring twice & bring <b>towels</b>")
    sign_in(town, writes=True)
    town.settle()
    (event,) = ours_in(town, SECOND)
    assert "Ring twice & bring towels" in notes_of(event)
    write_to(town, GOOGLE)
    town.settle()
    assert "Ring twice & bring towels" in notes_of(ours_in(town, GOOGLE)[0])
    assert ours_in(town, SECOND) == []


def test_lines_that_cannot_be_carried_keep_their_event(town: Town) -> None:
    book(town)
    town.settle()
    write_notes(town, GOOGLE, ours_in(town, GOOGLE)[0], "Ring twice")
    sign_in(town, writes=True)
    made = run_until_made(town, SECOND)
    town.world.revoke_grants(SECOND_CALENDAR)
    for _ in range(3):
        work(town, timedelta(minutes=20))
    assert "Ring twice" not in notes_of(made)
    assert len(ours_in(town, GOOGLE)) == 1
    town.settle()
    assert "Ring twice" in notes_of(ours_in(town, SECOND)[0])
    assert ours_in(town, GOOGLE) == []


def run_until_made(town: Town, provider: str) -> Event:
    """Only that account is worked at."""
    for claim in claims_of(town, provider):
        town.process.run(claim)
    (made,) = ours_in(town, provider)
    return made


def test_whoever_asked_for_new_bookings_only_does_not_get_all_by_changing(town: Town) -> None:
    book(town, 1)
    wish = ResetWish(ResetEvents.BOTH, NextSync.NEW, newest_booking_id=1_000_000)
    town.settle()
    resets.ask_reset(town.database, town.account(ANNA).id, wish, Who.AGENT, town.clock())
    town.settle()
    sign_in(town, writes=True)
    town.settle()
    assert ours(town, SECOND_CALENDAR) == []
    book(town, 2)
    town.settle()
    assert ours(town, SECOND_CALENDAR) == ["11-22 09:00"]


@pytest.mark.parametrize("policy", list(DriftPolicy))
def test_who_tidies_up_the_old_calendar_by_hand_cancels_nothing(town: Town, policy: DriftPolicy) -> None:
    """Deleting what was left over is tidying up, and no wish."""
    plugin = town.bring_plugin()
    town.choose_policy(policy)
    booking = book(town)
    town.settle()
    sign_in(town, writes=True)
    town.world.delete_event(FIRST_CALENDAR, ours_in(town, GOOGLE)[0].id)
    town.settle()
    assert town.bookings()[booking]["status"] == "approved"
    assert plugin.mailed == []
    assert ours(town, SECOND_CALENDAR) == ["11-21 09:00"]


def test_two_runs_of_one_agent_at_once_leave_the_form_with_what_both_found(town: Town) -> None:
    sign_in(town)
    town.settle()
    put_theirs(town, 1, FIRST_CALENDAR)
    put_theirs(town, 2, SECOND_CALENDAR)
    town.pass_time(timedelta(hours=1))
    other = town.new_process()

    def the_other_one_runs() -> None:
        other.work()

    town.process.fuse.light("publish busy", 0, the_other_one_runs, is_before=True)
    first, *_ = claims_of(town, GOOGLE)
    town.process.run(first)
    assert busy(town) == ["11-21 08:00", "11-22 08:00"]


def told(town: Town) -> dict[str, str]:
    """What the site's staff read of Anna's accounts: the state by provider."""
    with town.site.engine.connect() as connection:
        rows = connection.execute(select(accounts_table(PREFIX))).mappings().all()
    return {row["provider"]: row["state"] for row in rows if row["agent_id"] == ANNA}


def test_the_site_is_told_of_each_account_and_not_of_one_that_was_given_up(town: Town) -> None:
    teller = SiteTeller(town.process.parts)
    sign_in(town)
    sign_out(town, GOOGLE)
    teller.tell(ANNA)
    assert told(town) == {GOOGLE: "needs_sign_in", SECOND: "connected"}
    disconnect(town, GOOGLE)
    teller.take_back()
    assert told(town) == {SECOND: "connected"}


def test_what_is_told_of_one_account_does_not_hide_news_of_the_other(town: Town) -> None:
    """users-ask.md U8."""
    teller = SiteTeller(town.process.parts)
    sign_in(town)
    teller.tell(ANNA)
    sign_out(town, SECOND)
    teller.tell(ANNA)
    assert told(town) == {GOOGLE: "connected", SECOND: "needs_sign_in"}
    sign_out(town, GOOGLE)
    teller.tell(ANNA)
    assert told(town) == {GOOGLE: "needs_sign_in", SECOND: "needs_sign_in"}
    sign_in(town)
    teller.tell(ANNA)
    assert told(town) == {GOOGLE: "needs_sign_in", SECOND: "connected"}
    sign_in(town, GOOGLE)
    teller.tell(ANNA)
    assert told(town) == {GOOGLE: "connected", SECOND: "connected"}


def test_another_process_takes_back_what_was_told_of_an_account_given_up_before(town: Town) -> None:
    disconnect(town, GOOGLE)
    SiteTeller(town.process.parts).take_back()
    assert told(town) == {GOOGLE: "disconnected"}
    sign_in(town)
    SiteTeller(town.process.parts).tell(ANNA)
    assert told(town) == {SECOND: "connected"}


def test_what_was_told_of_an_account_is_taken_back_once_its_agent_goes_on_with_another(town: Town) -> None:
    teller = SiteTeller(town.process.parts)
    disconnect(town, GOOGLE)
    teller.take_back()
    assert told(town) == {GOOGLE: "disconnected"}
    sign_in(town)
    teller.tell(ANNA)
    assert told(town) == {SECOND: "connected"}


def test_what_a_choice_would_rewrite_is_not_counted_where_only_busy_time_comes_from(town: Town) -> None:
    site_day = str((town.clock() + timedelta(days=1)).date())
    town.site.insert_booking(agent_id=ANNA, start_date=site_day, buffer_after=15)
    town.note_site()
    sign_in(town)
    town.settle()
    parts = town.process.parts
    with_buffers = EventChoices.for_all(EventSettings(buffers=True))
    assert count_rewritten(parts, replace(read_policy(parts), events=with_buffers)) == 1


def test_a_reset_of_both_leaves_no_event_and_no_booking_out_twice(town: Town) -> None:
    book(town, 1)
    town.settle()
    sign_in(town, writes=True)
    run_until_made(town, SECOND)
    wish = ResetWish(ResetEvents.BOTH, NextSync.NEW, newest_booking_id=1_000_000)
    for provider in (GOOGLE, SECOND):
        resets.ask_reset(town.database, town.account(ANNA, provider).id, wish, Who.OWNER, town.clock())
    town.settle()
    assert (ours(town, FIRST_CALENDAR), ours(town, SECOND_CALENDAR)) == ([], [])
    assert [count_left_out(town.database, town.account(ANNA, name).id) for name in CALENDARS] == [0, 1]


def test_a_preview_of_both_is_counted_together(town: Town) -> None:
    for day in (1, 2):
        book(town, day)
    put_theirs(town, 3, SECOND_CALENDAR)
    sign_in(town)
    town.settle()
    wish = ResetWish(ResetEvents.BOTH, NextSync.ALL)
    rows = [town.account(ANNA, provider) for provider in CALENDARS]
    previews = [read_preview(town.process.parts, row, town.calendars_for(row), wish) for row in rows]
    counts = counted_together(previews)
    assert (counts.upcoming, counts.coming, counts.busy) == (2, 2, 1)
    assert [preview.counts.coming for preview in previews] == [2, 0]


def claims_of(town: Town, provider: str) -> list[Any]:
    from latesync.store import leases
    from latesync.sync.crew import LEASE

    account_id = town.account(ANNA, provider).id
    return leases.claim_due(
        town.process.database,
        town.process.owner,
        town.clock(),
        lease=LEASE,
        limit=1,
        account_ids=[account_id],
    )


# --- whatever happens -------------------------------------------------------------------------

Step = tuple[str, tuple[Any, ...]]
PROVIDERS = st.sampled_from([GOOGLE, SECOND])
NUMBERS = st.integers(0, 3)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("sign_in"), st.tuples(PROVIDERS, st.booleans())),
    st.tuples(st.just("write_to"), st.tuples(PROVIDERS)),
    st.tuples(st.just("disconnect"), st.tuples(PROVIDERS)),
    st.tuples(st.just("sign_out"), st.tuples(PROVIDERS)),
    st.tuples(st.just("book"), st.tuples(st.integers(1, 5))),
    st.tuples(st.just("cancel"), st.tuples(NUMBERS)),
    st.tuples(st.just("move"), st.tuples(NUMBERS, st.sampled_from([660, 840]))),
    st.tuples(st.just("notes"), st.tuples(PROVIDERS, NUMBERS)),
    st.tuples(st.just("delete"), st.tuples(PROVIDERS, NUMBERS)),
    *[st.tuples(st.just("work"), st.just(()))] * 3,
    st.tuples(st.just("write_to"), st.tuples(PROVIDERS)),
    st.tuples(
        st.just("crash"),
        st.tuples(
            st.sampled_from(["", "store write", "create event", "delete event", "update event"]),
            st.integers(0, 6),
            st.booleans(),
        ),
    ),
)


@dataclass
class Story:
    """One agent's changes of mind. lines: what the agent wrote, by booking, that must not be lost."""

    town: Town
    people: People
    booked: list[int] = field(default_factory=list)
    lines: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def happen(self, steps: Sequence[Step]) -> None:
        for name, values in steps:
            getattr(self, name)(*values)

    def sign_in(self, provider: str, writes: bool) -> None:
        sign_in(self.town, provider, writes=writes)

    def write_to(self, provider: str) -> None:
        if self._is_active(provider):
            write_to(self.town, provider)

    def disconnect(self, provider: str) -> None:
        if self._is_active(provider):
            disconnect(self.town, provider)

    def sign_out(self, provider: str) -> None:
        if self._is_active(provider):
            sign_out(self.town, provider)

    def book(self, day: int) -> None:
        self.booked.append(book(self.town, day))

    def cancel(self, number: int) -> None:
        if self.booked:
            booking = self.booked[number % len(self.booked)]
            cancel(self.town, booking)
            self.lines.pop(booking, None)

    def move(self, number: int, minute: int) -> None:
        if self.booked:
            move(self.town, self.booked[number % len(self.booked)], minute)
            self.town.note_site()

    def notes(self, provider: str, number: int) -> None:
        found = ours_in(self.town, provider)
        if found:
            event, line = found[number % len(found)], f"Line {next(self._numbers)} of mine."
            if _booking(event) in self._wanted():
                write_notes(self.town, provider, event, line)
                self.lines[_booking(event)].add(line)

    def delete(self, provider: str, number: int) -> None:
        found = ours_in(self.town, provider)
        if found:
            event = found[number % len(found)]
            self.lines[_booking(event)] -= {
                line for line in self.lines[_booking(event)] if line in notes_of(event)
            }
            self.town.world.delete_event(CALENDARS[provider], event.id)

    def work(self) -> None:
        work(self.town)

    def crash(self, kind: str, steps: int, is_before: bool) -> None:
        fuse = self.town.process.fuse
        fuse.light(kind, steps, fuse.crash, is_before=is_before)
        work(self.town)

    def check(self) -> None:
        town = self.town
        town.settle()
        active = accounts.active_accounts(town.database, town.site_id, ANNA)
        written = [account for account in active if account.is_written]
        assert len(written) == 1
        standing = {account.provider: ours_in(town, account.provider) for account in active}
        for provider, events in standing.items():
            expected = sorted(self._wanted()) if provider == written[0].provider else []
            assert sorted(map(_booking, events)) == expected, f"{provider} has other events"
        self._check_times(standing[written[0].provider])
        self._check_lines(standing[written[0].provider])
        self._check_quiet(active)

    def _check_times(self, events: list[Event]) -> None:
        rows = self.town.bookings()
        for event in events:
            starts = datetime.fromtimestamp(event.start_ts, UTC) + timedelta(hours=1)  # Berlin in winter
            row = rows[_booking(event)]
            assert (str(starts.date()), starts.hour * 60) == (row["start_date"], row["start_time"])

    def _check_lines(self, events: list[Event]) -> None:
        """Each line is with its booking, or where nobody lets us look any more."""
        beyond = [
            event
            for provider in (GOOGLE, SECOND)
            if not self._is_active(provider)
            for event in ours_in(self.town, provider)
        ]
        for booking, lines in self.lines.items():
            texts = [notes_of(event) for event in (*events, *beyond) if _booking(event) == booking]
            for line in lines:
                assert any(line in text for text in texts), f"a line of booking {booking} is lost"

    def _check_quiet(self, active: Sequence[accounts.AccountRow]) -> None:
        self.people.check_untouched()
        assert list(self.town.world.mails) == []
        assert not self.town.wrong_deletions, self.town.wrong_deletions
        for account in active:
            plan, *_ = plan_account(self.town.process.parts, account)
            assert (plan.operations, plan.staying) == ((), 0)
            states = {mapping.state for mapping in mappings.read_mappings(self.town.database, account.id)}
            assert account.is_written or MappingState.LIVE not in states

    def _wanted(self) -> set[int]:
        rows = self.town.bookings()
        return {booking for booking in self.booked if rows[booking]["status"] == "approved"}

    def _is_active(self, provider: str) -> bool:
        found = accounts.active_account(self.town.database, self.town.site_id, ANNA, provider)
        return found is not None and found.state is not AccountState.DISCONNECTED


def _booking(event: Event) -> int:
    return int(event.resource["extendedProperties"]["private"]["latesync_booking"])


@settings(max_examples=25)
@given(st.lists(STEPS, max_size=12), PROVIDERS)
def test_whatever_an_agent_with_two_accounts_does_each_booking_stands_once(
    stand: Stand, steps: list[Step], last: str
) -> None:
    """Laws L1, L2, L3, L4, L9, L10, and the agent's own lines."""
    with opened_town(stand, agents=[ANNA]) as town:
        people = People(town)
        for calendar_id in (FIRST_CALENDAR, SECOND_CALENDAR):
            put_theirs(town, 3, calendar_id)
        people.left = people.theirs()
        story = Story(town, people)
        story.happen([("book", (1,)), ("book", (2,)), ("work", ()), ("sign_in", (SECOND, False))])
        story.happen([("notes", (GOOGLE, 0)), *steps, ("write_to", (last,))])
        story.check()
