"""Runs against a calendar that makes the ids, freezes what it lists and takes writes together.

Small towns with one agent; the booking site, the store and the runs are the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from latesync.errors import (
    AuthorizationLost,
    EventRefused,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from latesync.latepoint.busy import read_busy
from latesync.model import Drift, Mapping, MappingState
from latesync.options import DriftPolicy, NextSync, ResetEvents
from latesync.store import calendars, mappings, resets
from latesync.store.calendars import CalendarRow
from latesync.store.history import Who
from latesync.store.schema import calendars as calendars_table
from latesync.store.schema import mappings as mappings_table
from latesync.sync.run import RunResult
from latesync.times import TimeRange
from tests.builders.outlook import OutlookCalendar
from tests.builders.plan import an_item
from tests.property.machine.fuse import Crash
from tests.property.machine.scenes import CALENDAR, book, busy, cancel
from tests.property.machine.stand import PREFIX
from tests.property.machine.town import ANNA, Town

DAY = timedelta(days=1)
SOON = timedelta(seconds=50)


@dataclass
class Place:
    """Anna's town with Outlook in place of Google."""

    town: Town
    outlook: OutlookCalendar

    def work(self, after: timedelta = SOON) -> RunResult:
        self.town.pass_time(after)
        process = self.town.process
        process.parts = replace(process.parts, connect=lambda claim: self.outlook)
        (result,) = self.town.work()
        return result

    def die(self) -> None:
        """The process is killed, and another begins when its lease has ended."""
        self.town.process.fuse.is_dead = True
        raise Crash

    def settle(self) -> None:
        for _ in range(20):
            result = self.work(timedelta(minutes=6))
            if not (result.verdicts or result.counts.changed_anything):
                return
        raise AssertionError("LateSync does not become quiet")

    def mappings(self) -> dict[int, Mapping]:
        return {row.booking_id: row for row in mappings.read_mappings(self.town.database, self.account_id)}

    @property
    def account_id(self) -> int:
        return self.town.account(ANNA).id

    def standing(self) -> list[int]:
        """The bookings whose events stand, one number for each event."""
        found = [event.marker.booking_id for event in self.outlook.ours() if event.marker is not None]
        return sorted(found)

    def calendar(self) -> CalendarRow:
        (row,) = calendars.read_calendars(self.town.database, self.account_id)
        return row


@pytest.fixture
def place(town: Town) -> Place:
    return Place(town, OutlookCalendar(CALENDAR))


def booked(place: Place, number: int = 1) -> list[int]:
    """Bookings whose events stand; the first of them is the next."""
    found = [book(place.town, day=day) for day in range(2, 2 + number)]
    place.settle()
    return found


def at(place: Place, day: int) -> TimeRange:
    start = (place.town.clock() + day * DAY).replace(hour=6, minute=0, second=0, microsecond=0)
    return TimeRange(start, start + timedelta(hours=1))


def event_id_of(place: Place, booking_id: int) -> str:
    (event,) = [one for one in place.outlook.ours() if one.marker and one.marker.booking_id == booking_id]
    return event.item.event_id


# --- ids and keys -----------------------------------------------------------------------------


def test_the_id_the_provider_gave_is_remembered_and_kept_after_the_end(place: Place) -> None:
    (booking,) = booked(place)
    own_id = event_id_of(place, booking)
    assert (place.mappings()[booking].event_id, place.mappings()[booking].state) == (
        own_id,
        MappingState.LIVE,
    )
    cancel(place.town, booking)
    place.settle()
    assert (place.mappings()[booking].event_id, place.mappings()[booking].state) == (
        own_id,
        MappingState.GONE,
    )
    assert place.standing() == []


def test_our_events_never_make_the_agent_busy(place: Place) -> None:
    booked(place, 3)
    assert busy(place.town) == []


def test_a_copy_a_person_made_blocks_and_is_left_alone(place: Place) -> None:
    (booking,) = booked(place)
    place.outlook.copy(event_id_of(place, booking), "AAMk-copy")
    place.settle()
    assert len(busy(place.town)) == 1
    assert "AAMk-copy" in place.outlook.events
    assert len(place.outlook.ours()) == 2


def test_a_state_that_knows_of_nothing_finds_its_events_by_their_keys(place: Place) -> None:
    """An older state was restored: nothing is doubled."""
    bookings = booked(place, 3)
    before = set(place.outlook.events)
    with place.town.database.write() as connection:
        connection.execute(delete(mappings_table))
        connection.execute(update(calendars_table).values(sync_token=None))
    new = book(place.town, day=30)
    place.settle()
    assert place.standing() == [*bookings, new]
    assert before < set(place.outlook.events)
    assert {row.event_id for row in place.mappings().values()} == set(place.outlook.events)


# --- "removed" is no proof --------------------------------------------------------------------


def test_our_event_that_was_moved_out_of_the_listed_span_was_not_deleted(place: Place) -> None:
    """microsoft-graph.md D5: the agent dragged it far away; its booking's time is put back."""
    (booking,) = booked(place)
    own_id = event_id_of(place, booking)
    place.outlook.move(own_id, at(place, 600))
    place.town.choose_policy(DriftPolicy.LEAVE)
    place.work()
    mapping = place.mappings()[booking]
    assert (mapping.drift, mapping.drift_span) == (Drift.EDITED, at(place, 600))
    place.town.choose_policy(DriftPolicy.RESTORE)
    place.settle()
    assert list(place.outlook.events) == [own_id]
    assert place.outlook.events[own_id].item.starts == mapping.span.start


@pytest.mark.parametrize("finds_removed", [False, True])
def test_our_event_that_is_gone_indeed_was_deleted(place: Place, finds_removed: bool) -> None:
    """Also where its id still finds it, in Deleted Items or in another calendar (microsoft-graph.md E11)."""
    place.outlook.finds_removed = finds_removed
    (booking,) = booked(place)
    place.outlook.remove(event_id_of(place, booking))
    place.settle()
    assert place.standing() == [booking]
    assert place.mappings()[booking].generation == 1


def test_our_event_that_a_full_listing_misses_was_deleted_though_its_id_still_finds_it(place: Place) -> None:
    """E11: while nobody listened."""
    place.outlook.finds_removed = True
    (booking,) = booked(place)
    own_id = event_id_of(place, booking)
    place.outlook.remove(own_id)
    with place.town.database.write() as connection:
        connection.execute(update(calendars_table).values(sync_token=None))
    place.settle()
    assert place.standing() == [booking]
    assert own_id not in place.outlook.events


def test_our_event_in_the_bin_cancels_its_booking_where_that_is_wished_though_its_id_still_finds_it(
    place: Place,
) -> None:
    """E11: the bin proves nothing against its agent's wish."""
    place.outlook.finds_removed = True
    place.town.bring_plugin()
    place.town.choose_policy(DriftPolicy.APPLY)
    (booking,) = booked(place)
    place.outlook.remove(event_id_of(place, booking))
    place.settle()
    assert place.town.site.row("bookings", booking)["status"] == "cancelled"


def test_the_night_finds_an_event_in_the_bin_gone_though_its_id_still_finds_it(place: Place) -> None:
    """E11: a change that nobody was told of."""
    place.outlook.finds_removed = True
    (booking,) = booked(place)
    place.outlook.remove_unseen(event_id_of(place, booking))
    for _ in range(20):
        place.work(timedelta(hours=3))
    assert place.standing() == [booking]


def test_nobody_asks_after_events_of_others_that_are_called_removed(place: Place) -> None:
    place.outlook.put(an_item("dentist", f"{at(place, 5).start:%Y-%m-%d %H:%M}"))
    place.settle()
    assert len(busy(place.town)) == 1
    asked = place.outlook.calls["confirm_removed"]
    place.outlook.remove("dentist")
    place.settle()
    assert busy(place.town) == []
    assert place.outlook.calls["confirm_removed"] == asked


# --- the frozen span --------------------------------------------------------------------------


def test_a_listing_is_renewed_before_it_runs_short_and_shows_what_lay_beyond(place: Place) -> None:
    """microsoft-graph.md D3."""
    place.settle()
    until = place.calendar().listed_until
    place.outlook.put(an_item("congress", f"{at(place, 365 + 40).start:%Y-%m-%d %H:%M}"))
    for _ in range(5):
        place.work(9 * DAY)
    assert place.calendar().listed_until != until
    shown = read_busy(place.town.site.engine, PREFIX, ANNA).values()
    assert [f"{span.start:%m-%d}" for span in shown] == [f"{at(place, 365 - 5).start:%m-%d}"]


def test_a_renewal_forgets_nothing_that_was_seen_before_it(place: Place) -> None:
    """An agent's wish in the hour of a renewal is a wish all the same."""
    (booking,) = booked(place)
    anew = place.outlook.calls["list_anew"]
    with place.town.database.write() as connection:
        connection.execute(update(calendars_table).values(listed_until=at(place, 300).start))
    place.town.choose_policy(DriftPolicy.LEAVE)
    place.outlook.move(event_id_of(place, booking), at(place, 6))
    place.work()
    mapping = place.mappings()[booking]
    assert place.outlook.calls["list_anew"] == anew + 1
    assert (mapping.drift, mapping.drift_refused) == (Drift.EDITED, "")


def test_a_renewal_comes_once(place: Place) -> None:
    place.settle()
    with place.town.database.write() as connection:
        connection.execute(update(calendars_table).values(listed_until=at(place, 300).start))
    anew = place.outlook.calls["list_anew"]
    for _ in range(3):
        place.work()
    assert place.outlook.calls["list_anew"] == anew + 1


def test_an_event_of_ours_beyond_the_listed_span_is_not_missing(place: Place) -> None:
    """A booking was moved beyond the window, its event along with it; a full listing does not show it."""
    (booking,) = booked(place)
    far = f"{at(place, 600).start:%Y-%m-%d}"
    place.town.site.update("bookings", booking, start_date=far, end_date=far)
    place.town.note_site()
    place.settle()
    asked = place.outlook.calls["confirm_removed"]
    place.outlook.tokens_are_dead = True
    place.work()
    assert place.outlook.calls["confirm_removed"] == asked
    assert place.standing() == [booking]
    assert place.mappings()[booking].drift is None


def test_the_nightly_comparison_takes_what_lies_beyond_for_no_difference(place: Place) -> None:
    """The listings of the nights reach days further than the one that is kept."""
    booked(place)
    place.outlook.put(an_item("dentist", f"{at(place, 5).start:%Y-%m-%d %H:%M}"))
    place.outlook.put(an_item("congress", f"{at(place, 365 + 34).start:%Y-%m-%d %H:%M}"))
    place.settle()
    listing, compared = place.calendar().listing, place.outlook.calls["list_anew"]
    for _ in range(8):
        place.work(DAY)
    assert place.outlook.calls["list_anew"] > compared
    assert place.calendar().listing == listing  # none of them was made to mend anything


# --- writes together --------------------------------------------------------------------------


def many(place: Place, number: int = 25) -> list[int]:
    return [book(place.town, day=day) for day in range(2, 2 + number)]


def test_many_events_are_made_in_few_requests(place: Place) -> None:
    bookings = many(place, 45)
    place.settle()
    assert place.standing() == bookings
    assert place.outlook.batches == [20, 20, 5]
    assert place.outlook.calls["create_event"] == 0
    assert {row.state for row in place.mappings().values()} == {MappingState.LIVE}


def test_many_events_are_deleted_in_few_requests(place: Place) -> None:
    bookings = many(place, 21)
    place.settle()
    for booking in bookings:
        cancel(place.town, booking)
    place.settle()
    assert place.standing() == []
    assert place.outlook.batches == [20, 20]  # and the one that is left each time goes alone
    assert (place.outlook.calls["create_event"], place.outlook.calls["delete_event"]) == (1, 1)


def test_a_provider_that_takes_one_write_at_a_time_is_asked_one_by_one(place: Place) -> None:
    place.outlook.writes_together = 1
    bookings = many(place, 5)
    place.settle()
    assert place.standing() == bookings
    assert (place.outlook.batches, place.outlook.calls["create_event"]) == ([], 5)


def test_one_refused_event_is_set_aside_and_the_others_stand(place: Place) -> None:
    bookings = many(place, 5)
    place.outlook.ends = lambda number: EventRefused("microsoft") if number == 2 else None
    place.work()
    assert [row.booking_id for row in place.mappings().values() if row.state is MappingState.SET_ASIDE] == [
        bookings[2]
    ]
    assert place.standing() == [booking for booking in bookings if booking != bookings[2]]


def test_an_event_that_stands_already_is_taken_over(place: Place) -> None:
    bookings = many(place, 5)
    place.work()
    with place.town.database.write() as connection:
        connection.execute(delete(mappings_table).where(mappings_table.c.booking_id == bookings[1]))
    book(place.town, day=40)
    place.settle()
    assert len(place.standing()) == 6
    assert len(set(place.standing())) == 6


@pytest.mark.parametrize(
    "trouble",
    [
        RateLimited("microsoft"),
        AuthorizationLost("microsoft"),
        ProviderUnavailable("microsoft"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_what_became_of_the_others_is_recorded_whatever_became_of_one(
    place: Place, trouble: ProviderError
) -> None:
    """And nothing is doubled or lost when it is over (L2)."""
    bookings = many(place, 25)
    place.outlook.ends = lambda number: trouble if number == 3 else None
    place.work()
    known = place.mappings()
    others = [booking for number, booking in enumerate(bookings[:20]) if number != 3]
    assert {known[booking].state for booking in others} == {MappingState.LIVE}
    assert known[bookings[3]].state is not MappingState.LIVE
    place.outlook.ends = None
    place.town.sign_in(ANNA)
    place.settle()
    assert place.standing() == bookings


def test_what_was_turned_away_owes_no_answer(place: Place) -> None:
    """microsoft-graph.md L4: 429 inside a batch. They are asked for together once more."""
    bookings = many(place, 20)
    place.outlook.ends = lambda number: RateLimited("microsoft") if number > 3 else None
    place.work()
    assert {place.mappings()[booking].state for booking in bookings[4:]} == {MappingState.GONE}
    place.outlook.ends = None
    place.settle()
    assert place.standing() == bookings
    assert (place.outlook.batches, place.outlook.calls["get_event"]) == ([20, 16], 0)


def test_a_request_that_fails_as_a_whole_failed_once(place: Place) -> None:
    """Three in a row are an outage: until then sixty events were asked for, and no more are."""
    many(place, 100)
    place.outlook.ends = lambda number: ProviderUnavailable("microsoft")
    place.work()
    assert place.outlook.batches == [20, 20, 20]
    states = [row.state for row in place.mappings().values()]
    assert states.count(MappingState.INTENT) == 60
    assert states.count(MappingState.GONE) == 40


def test_a_process_that_is_to_stop_records_the_batch_it_is_at_and_begins_no_other(place: Place) -> None:
    bookings = many(place, 45)
    place.outlook.after_batch = place.town.process.brake.stopping.set
    place.work()
    states = [place.mappings()[booking].state for booking in bookings]
    assert place.outlook.batches == [20]
    assert states == [MappingState.LIVE] * 20 + [MappingState.GONE] * 25


@pytest.mark.parametrize("what", ["made", "deleted"])
def test_a_crash_in_the_middle_of_a_batch_doubles_and_loses_nothing(place: Place, what: str) -> None:
    """L2: nobody was told what became of twenty writes."""
    bookings = many(place, 25)
    if what == "deleted":
        place.settle()
        for booking in bookings:
            cancel(place.town, booking)
    place.outlook.after_batch = place.die
    place.town.pass_time(SOON)
    place.town.process.parts = replace(place.town.process.parts, connect=lambda claim: place.outlook)
    assert place.town.work() == []
    place.outlook.after_batch = None
    place.settle()
    assert place.standing() == (bookings if what == "made" else [])


@pytest.mark.parametrize("trouble", [None, RateLimited("microsoft"), ProviderUnavailable("microsoft")])
def test_a_reset_deletes_in_few_requests_and_ends_whatever_comes_between(
    place: Place, trouble: ProviderError | None
) -> None:
    bookings = many(place, 25)
    place.settle()
    place.outlook.batches.clear()
    ask_for_reset(place)
    place.outlook.ends = lambda number: trouble if number == 3 else None
    place.work()
    if trouble is None:
        assert place.outlook.batches[:2] == [20, 5]
    else:
        assert len(place.outlook.ours()) < 7
    place.outlook.ends = None
    place.settle()
    assert place.standing() == bookings  # made anew: the owner asked for all of them again


def ask_for_reset(place: Place) -> None:
    wish = resets.ResetWish(ResetEvents.DELETE_FROM_CALENDAR, NextSync.ALL)
    resets.ask_reset(place.town.database, place.account_id, wish, Who.OWNER, place.town.clock())
