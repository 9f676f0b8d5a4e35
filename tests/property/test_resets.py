"""Resets against the real rooms and the sandbox: Odoo's matrix cell by cell (odoo-calendar-sync.md §1.3), its
queue (§2.4), and what no reset may touch (L3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.descriptions import NOTES_LINE
from latesync.model import AccountState, MappingState
from latesync.options import DriftPolicy, NextSync, ResetEvents
from latesync.plan.content import event_key
from latesync.plan.failures import Problem
from latesync.plan.reset import Because
from latesync.store import left_out, resets
from latesync.store.history import What, Who
from latesync.store.left_out import read_every_mapping
from latesync.store.mappings import read_mappings
from latesync.store.resets import ResetRow, ResetWish
from latesync.store.trust_schema import history
from latesync.sync.outbound import plan_account
from latesync.sync.reset import Preview, read_preview
from tests.property.machine.people import People
from tests.property.machine.scenes import CALENDAR, book, busy, cancel, move, ours, put_theirs, work
from tests.property.machine.stand import Stand
from tests.property.machine.town import ANNA, BEN, CLEO, Town, opened_town

KEEP, DELETE, CLEAR, BOTH = (
    ResetEvents.KEEP,
    ResetEvents.DELETE_FROM_CALENDAR,
    ResetEvents.CLEAR_BUSY,
    ResetEvents.BOTH,
)
NEW, ALL = NextSync.NEW, NextSync.ALL
OLD, SOON, LATER = "11-21 09:00", "11-22 09:00", "11-23 09:00"
DELETES = {"method": "DELETE", "path": "/events/"}


def ask(town: Town, events: ResetEvents, next_sync: NextSync = ALL, *, leaves: bool = False) -> ResetRow:
    wish = ResetWish(events, next_sync, leaves, max(town.bookings(), default=0))
    account_id = town.account(ANNA).id
    return resets.ask_reset(town.database, account_id, wish, Who.OWNER, town.clock())


def job(town: Town) -> ResetRow:
    found = resets.last_reset(town.database, town.account(ANNA).id)
    assert found is not None
    return found


def preview(town: Town, events: ResetEvents, next_sync: NextSync = ALL) -> Preview:
    claim_wish = ResetWish(events, next_sync, newest_booking_id=max(town.bookings(), default=0))
    account = town.account(ANNA)
    return read_preview(town.process.parts, account, town.calendars_for(account), claim_wish)


def what_happened(town: Town) -> list[str]:
    with town.database.read() as connection:
        rows = connection.execute(history.select().order_by(history.c.id))
        return [row.what for row in rows if row.why in ("reset", *ResetEvents)]


def marked(town: Town, booking_id: int, generation: int, agent_id: int = ANNA) -> dict[str, object]:
    """The body of an event that carries our marker, under the id we derive for it."""
    person = town.account(agent_id).subject
    start = town.clock().replace(hour=9, minute=0) + timedelta(days=1)
    return {
        "id": event_key(town.site_id, booking_id, agent_id, person, generation),
        "summary": "Massage",
        "start": {"dateTime": start.isoformat()},
        "end": {"dateTime": (start + timedelta(hours=1)).isoformat()},
        "extendedProperties": {
            "private": {
                "latesync_site": town.site_id,
                "latesync_booking": str(booking_id),
                "latesync_generation": str(generation),
            }
        },
    }


# Odoo's matrix, cell by cell


@pytest.mark.parametrize("events", [KEEP, DELETE, CLEAR, BOTH])
@pytest.mark.parametrize("next_sync", [NEW, ALL])
def test_each_cell_of_the_matrix_does_what_it_says(
    town: Town, events: ResetEvents, next_sync: NextSync
) -> None:
    """odoo-calendar-sync.md §1.3: what stands now, times what comes afterwards; "only new" is only new."""
    theirs = put_theirs(town, 5)
    book(town, 1)
    town.settle()
    written = {row.event_id for row in read_mappings(town.database, town.account(ANNA).id)}
    ask(town, events, next_sync)
    unwritten = book(town, 2)  # after asking: new in any case
    town.settle()
    book(town, 3)
    town.settle()
    stays = not events.deletes
    comes_again = events.deletes and next_sync is ALL
    assert ours(town) == [OLD] * (stays or comes_again) + [SOON, LATER]
    alive = {event.id for event in People(town).events(CALENDAR, ours=True)}
    assert (written <= alive) == stays  # none was deleted and made anew behind anybody's back
    assert busy(town) == ["11-25 08:00"]  # read anew where it was given up
    assert town.world.event(CALENDAR, theirs).get("status") != "cancelled"
    assert unwritten in {row.booking_id for row in read_mappings(town.database, town.account(ANNA).id)}
    assert not town.world.mails
    assert job(town).is_done


@pytest.mark.parametrize("events", [KEEP, DELETE, CLEAR, BOTH])
def test_only_new_leaves_out_what_has_no_event_and_all_brings_it(town: Town, events: ResetEvents) -> None:
    """users-ask.md U38: the tables are read, so nothing must be saved again by hand."""
    known = book(town, 1)
    ask(town, events, NEW)
    town.settle()
    assert ours(town) == []
    assert left_out.count_left_out(town.database, town.account(ANNA).id) == 1
    town.site.update("bookings", known, start_time=660, end_time=720)
    town.settle()
    assert ours(town) == ["11-21 10:00"]  # it was changed, so it is new
    book(town, 2)
    ask(town, KEEP, NEW)
    ask_again = job(town)
    assert ask_again.is_open
    town.settle()
    ask(town, KEEP, ALL)
    town.settle()
    assert len(ours(town)) == 2


def test_only_new_stays_only_new_after_restarts_zone_and_wording_changes(town: Town) -> None:
    """odoo-calendar-sync.md §1.3, the catch: there, the full sync after a reset ignores "only new"."""
    book(town, 1)
    ask(town, KEEP, NEW)
    town.settle()
    town.process = town.new_process()
    town.world.kill_sync_tokens()
    town.settle()
    town.site.set_option("timezone_string", "America/New_York")
    town.pass_time(timedelta(minutes=2))
    town.settle()
    town.sign_in(ANNA)
    town.settle()
    assert ours(town) == []


def test_a_booking_left_out_comes_when_it_is_taken_back_and_booked_again(town: Town) -> None:
    known = book(town, 1)
    ask(town, KEEP, NEW)
    town.settle()
    cancel(town, known)
    town.settle()
    town.site.update("bookings", known, status="approved")
    town.note_site()
    town.settle()
    assert ours(town) == [OLD]


def test_one_made_while_the_worker_was_away_is_new(town: Town) -> None:
    """Asked for before, worked off after: what was booked in between must not be lost to the calendar."""
    book(town, 1)
    ask(town, KEEP, NEW)
    book(town, 2)
    town.settle()
    assert ours(town) == [SOON]


def test_a_booking_moved_while_the_reset_waits_comes_under_only_new(town: Town) -> None:
    """It was changed from now on, whether its event was still to go then or had gone already."""
    first, *_, last = (book(town, day) for day in (1, 2, 3))
    town.settle()
    ask(town, DELETE, NEW)
    move(town, last)  # to 14:00, before the job begins
    town.world.add_fault(
        "status", **DELETES, after=1, times=1, status=403, reason="rateLimitExceeded", domain="usageLimits"
    )
    work(town)
    assert (job(town).is_open, job(town).done) == (True, 1)
    move(town, first, 900)  # to 15:00, its event is gone
    town.note_site()
    town.settle()
    assert job(town).is_done
    assert ours(town) == ["11-21 14:00", "11-23 13:00"]
    assert not town.world.mails


def test_a_move_that_waited_for_the_owner_before_stays_out_under_only_new(town: Town) -> None:
    moved = [book(town, day) for day in range(1, 8)]
    town.settle()
    for booking in moved:
        move(town, booking)
    town.note_site()
    town.settle()
    ask(town, DELETE, NEW)
    town.settle()
    assert (job(town).is_done, ours(town)) == (True, [])


# What is deleted, and what never is


def test_doubles_and_past_events_go_too_and_nothing_of_anybody_else(stand: Stand) -> None:
    """users-ask.md U28, U37; L3: copies, other agents' events, other sites' and people's own stay."""
    with opened_town(stand, agents=[BEN, CLEO]) as town:
        both = [book(town, 1, BEN), book(town, 2, CLEO)]
        town.settle()
        calendar = town.emails[BEN]
        double = marked(town, both[0], 3, BEN)
        town.world.put_event(calendar, double)
        copy = dict(double) | {"id": "copiedbyhand1"}
        town.world.put_event(calendar, copy)
        other = marked(town, 9, 0, BEN) | {"id": "othersite00001"}
        other["extendedProperties"] = {
            "private": {
                "latesync_site": "fff000fff000",
                "latesync_booking": "9",
                "latesync_generation": "0",
            }
        }
        town.world.put_event(calendar, other)
        put_theirs(town, 4, calendar)
        wish = ResetWish(DELETE, ALL, newest_booking_id=None, then_disconnect=True)
        account = town.account(BEN)
        seen = read_preview(town.process.parts, account, town.calendars_for(account), wish)
        assert (seen.plan.upcoming, seen.plan.past, seen.plan.doubles, seen.plan.others) == (2, 0, 1, 1)
        reasons = {verdict.because for verdict in seen.plan.untouched}
        assert reasons == {Because.COPY, Because.OTHER_AGENT, Because.OTHER_SITE}
        resets.ask_reset(town.database, account.id, wish, Who.AGENT, town.clock())
        work(town)
        alive = {event["id"] for event in town.world.events(calendar)}
        assert {"copiedbyhand1", "othersite00001"} <= alive
        assert double["id"] not in alive
        assert len(alive) == 4  # with Cleo's, and the dentist
        assert town.account(BEN).state is AccountState.DISCONNECTED
        assert town.account(CLEO).state is AccountState.CONNECTED


def test_preview_changes_nothing_and_says_why(town: Town) -> None:
    book(town, 1)
    town.settle()
    town.pass_time(timedelta(days=3))
    coming = book(town, 2)
    town.world.forget_requests()
    seen = preview(town, BOTH, NEW)
    (verdict,) = seen.plan.deletions
    assert (verdict.because, verdict.is_upcoming) == (Because.OF_BOOKING, False)
    assert [booking.id for booking in seen.bookings.left_out] == [coming]
    assert {request.method for request in town.world.requests if "/events" in request.path} <= {"GET"}
    assert resets.last_reset(town.database, town.account(ANNA).id) is None


def test_doubles_alone_are_removed_and_nothing_else_changes(town: Town) -> None:
    """users-ask.md U28: "find and remove doubles of ours"."""
    known = book(town, 1)
    town.settle()
    town.world.put_event(CALENDAR, marked(town, known, 2))
    assert len(ours(town)) == 2
    standing = read_every_mapping(town.database, town.account(ANNA).id)
    assert preview(town, KEEP).plan.doubles == 1
    ask(town, ResetEvents.DOUBLES)
    work(town)
    assert ours(town) == [OLD]
    (before,), (after,) = standing, read_every_mapping(town.database, town.account(ANNA).id)
    assert (after.event_id, after.state) == (before.event_id, MappingState.LIVE)
    assert What.STRAY_DELETED in what_happened(town)


def test_an_event_that_is_newer_than_our_memory_is_no_double(town: Town) -> None:
    """A restored backup knows nothing of it: the next look takes it over."""
    known = book(town, 1)
    town.world.put_event(CALENDAR, marked(town, known, 0))
    seen = preview(town, ResetEvents.DOUBLES)
    assert seen.plan.deletions == ()
    assert [verdict.because for verdict in seen.plan.untouched] == [Because.NOT_YET_KNOWN]


# The queue (odoo-calendar-sync.md §2.4)


def test_each_deletion_counts_at_once_and_the_job_ends_when_nothing_is_left(town: Town) -> None:
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    ask(town, DELETE, NEW)
    work(town)
    ended = job(town)
    assert (ended.is_done, ended.total, ended.done, ended.refused) == (True, 3, 3, 0)
    deleted = [What.EVENT_DELETED] * 3
    assert what_happened(town) == [What.RESET_ASKED, *deleted, What.RESET_DONE]


def test_nothing_to_delete_ends_the_job_at_once(town: Town) -> None:
    town.settle()
    ask(town, DELETE)
    work(town)
    assert (job(town).is_done, job(town).total) == (True, 0)


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"])
def test_a_rate_limit_leaves_the_rest_for_the_next_run(town: Town, reason: str) -> None:
    """odoo-calendar-sync.md PR 264058: their reset died of it."""
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    ask(town, DELETE, NEW)
    town.world.add_fault(
        "status", **DELETES, after=1, times=1, status=403, reason=reason, domain="usageLimits"
    )
    work(town)
    assert (job(town).is_open, job(town).done, len(ours(town))) == (True, 1, 2)
    town.settle()
    assert (job(town).is_done, job(town).done, ours(town)) == (True, 3, [])


@pytest.mark.parametrize(
    ("reason", "domain"), [("forbiddenForNonOrganizer", "calendar"), ("requiredAccessLevel", "calendar")]
)
def test_a_refused_deletion_is_counted_and_the_rest_goes_on(town: Town, reason: str, domain: str) -> None:
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    ask(town, DELETE, NEW)
    town.world.add_fault("status", **DELETES, after=1, times=1, status=403, reason=reason, domain=domain)
    work(town)
    ended = job(town)
    assert (ended.is_done, ended.done, ended.refused) == (True, 2, 1)
    town.settle()
    assert ours(town) == [SOON]  # it stands, and is followed as before


@pytest.mark.parametrize("status", [404, 410])
def test_an_event_that_is_gone_already_counts_as_deleted(town: Town, status: int) -> None:
    book(town, 1)
    town.settle()
    ask(town, DELETE, NEW)
    town.world.add_fault("status", **DELETES, status=status, reason="deleted")
    work(town)
    assert (job(town).is_done, job(town).done) == (True, 1)


def test_cancelling_drops_the_queue_and_what_was_deleted_comes_back(town: Town) -> None:
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    ask(town, DELETE, ALL)
    account_id = town.account(ANNA).id

    def cancel_now() -> None:
        resets.cancel_reset(town.database, account_id, Who.OWNER, town.clock())

    town.process.fuse.light("delete event", 1, cancel_now, is_before=False)
    work(town)
    assert job(town).state == resets.CANCELLED
    assert job(town).done == 2
    town.settle()
    assert ours(town) == [OLD, SOON, LATER]


def test_cancelled_under_only_new_what_was_deleted_stays_out(town: Town) -> None:
    for day in (1, 2):
        book(town, day)
    town.settle()
    ask(town, DELETE, NEW)
    account_id = town.account(ANNA).id

    def cancel_now() -> None:
        resets.cancel_reset(town.database, account_id, Who.AGENT, town.clock())

    town.process.fuse.light("delete event", 0, cancel_now, is_before=False)
    work(town)
    town.settle()
    assert ours(town) == [SOON]


@pytest.mark.parametrize("kind", ["delete event", "store write"])
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
@pytest.mark.parametrize("is_before", [True, False])
def test_a_crash_anywhere_is_mended_by_going_on(town: Town, kind: str, steps: int, is_before: bool) -> None:
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    ask(town, DELETE, NEW)
    town.process.fuse.light(kind, steps, town.process.fuse.crash, is_before=is_before)
    work(town)
    town.settle()
    assert ours(town) == []
    assert job(town).is_done
    assert left_out.count_left_out(town.database, town.account(ANNA).id) == 3


def test_a_lost_answer_is_never_taken_for_the_agents_wish(town: Town) -> None:
    """Our own deletion must cancel no booking, even when its answer was lost and the reset cancelled."""
    plugin = town.bring_plugin()
    town.choose_policy(DriftPolicy.APPLY)
    book(town, 1)
    town.settle()
    ask(town, DELETE, NEW)
    town.world.add_fault("lost_answer", **DELETES, times=2)
    work(town)
    assert job(town).is_open
    resets.cancel_reset(town.database, town.account(ANNA).id, Who.OWNER, town.clock())
    town.settle()
    assert plugin.mailed == []
    assert {row["status"] for row in town.bookings().values()} == {"approved"}
    assert ours(town) == [OLD]


def test_a_second_worker_goes_on_where_the_first_stood(town: Town) -> None:
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    ask(town, DELETE, NEW)
    first = town.process

    def taken_over() -> None:
        town.pass_time(timedelta(minutes=2))  # its lease has passed
        town.new_process().work()

    first.fuse.light("delete event", 1, taken_over, is_before=False)
    work(town)
    town.settle()
    assert (ours(town), job(town).is_done) == ([], True)


def test_nothing_is_written_before_the_reset_is_through(town: Town) -> None:
    """A reset that waits for Google must not write between two of its deletions."""
    for day in (1, 2):
        book(town, day)
    town.settle()
    ask(town, DELETE, ALL)
    town.world.add_fault("status", **DELETES, after=1, times=1, status=403, reason="rateLimitExceeded")
    book(town, 3)
    town.world.forget_requests()
    work(town)
    assert "POST" not in {request.method for request in town.world.requests if "/events" in request.path}
    town.settle()
    assert len(ours(town)) == 3


# Leaving


def test_leaving_with_our_events_disconnects_when_they_are_gone(town: Town) -> None:
    put_theirs(town, 3)
    for day in (1, 2):
        book(town, day)
    town.settle()
    ask(town, DELETE, leaves=True)
    town.world.add_fault("status", **DELETES, after=1, times=1, status=403, reason="rateLimitExceeded")
    work(town)
    assert town.account(ANNA).state is AccountState.CONNECTED  # and counts so until it is done
    town.pass_time(timedelta(minutes=20))
    town.work()
    assert town.account(ANNA).state is AccountState.DISCONNECTED
    assert (ours(town), job(town).is_done) == ([], True)
    assert len(town.world.events(CALENDAR)) == 1


def test_leaving_needs_no_booking_site_that_answers(town: Town) -> None:
    book(town, 1)
    town.settle()
    ask(town, DELETE, leaves=True)
    town.outage.begin()
    work(town)
    assert town.account(ANNA).state is AccountState.DISCONNECTED
    assert ours(town) == []


def test_a_dead_sign_in_leaves_the_reset_open_and_signing_in_goes_on_with_it(town: Town) -> None:
    book(town, 1)
    town.settle()
    ask(town, DELETE, leaves=True)
    town.world.revoke_grants(CALENDAR)
    work(town)
    town.pass_time(timedelta(hours=2))  # the access token lives for an hour
    town.work()
    assert town.account(ANNA).state is AccountState.NEEDS_SIGN_IN
    assert town.account(ANNA).problem == Problem.SIGN_IN_AGAIN
    assert job(town).is_open
    town.sign_in(ANNA)
    work(town)
    assert town.account(ANNA).state is AccountState.DISCONNECTED
    assert ours(town) == []


def test_returning_after_leaving_brings_everything_back_once(town: Town) -> None:
    for day in (1, 2):
        book(town, day)
    town.settle()
    ask(town, DELETE, leaves=True)
    work(town)
    assert ours(town) == []
    town.sign_in(ANNA)
    town.settle()
    assert ours(town) == [OLD, SOON]


# Another calendar


@pytest.mark.parametrize("kind", ["delete event", "create event", "store write"])
@pytest.mark.parametrize("steps", [0, 1, 2])
@pytest.mark.parametrize("is_before", [True, False])
def test_another_calendar_takes_our_events_over_silently_and_once(
    town: Town, kind: str, steps: int, is_before: bool
) -> None:
    """users-ask.md U30, U39: a new target moves our events, also where a crash came between."""
    for day in (1, 2):
        book(town, day)
    town.settle()
    town.choose(ANNA, town.team, [CALENDAR, town.team])
    town.process.fuse.light(kind, steps, town.process.fuse.crash, is_before=is_before)
    work(town)
    town.settle()
    assert (ours(town), ours(town, town.team)) == ([], [OLD, SOON])
    assert not town.world.mails


def test_what_was_left_out_stays_out_of_another_calendar(town: Town) -> None:
    book(town, 1)
    ask(town, KEEP, NEW)
    town.settle()
    town.choose(ANNA, town.team, [CALENDAR])
    town.settle()
    assert (ours(town), ours(town, town.team)) == ([], [])
    account = town.account(ANNA)
    assert plan_account(town.process.parts, account)[0].operations == ()


def test_the_agents_own_lines_come_along_into_another_calendar(town: Town) -> None:
    """users-ask.md U31: what stands below our marker line is the agent's."""
    book(town, 1)
    town.settle()
    (event,) = People(town).events(CALENDAR, ours=True)
    text = f"{event.resource['description']}\n{NOTES_LINE}\nBring the blue towels"
    town.world.patch_event(CALENDAR, event.id, {"description": text})
    town.settle()
    town.choose(ANNA, town.team, [CALENDAR])
    town.settle()
    (moved,) = People(town).events(town.team, ours=True)
    assert moved.resource["description"].endswith("Bring the blue towels")
    assert not town.world.mails
