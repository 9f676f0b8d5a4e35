"""What waits for a person: released, rejected, grown, survived, and ended by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from latesync.options import Decision, DriftPolicy, SafetyLimits
from latesync.plan.failures import Problem
from latesync.store import held
from latesync.store.choices import write_safety_limits
from latesync.store.held import Choice, HeldRow
from latesync.store.history import Wanted, What, Who, read_history
from latesync.store.readable import read_lost
from latesync.store.refusals import list_refusals
from latesync.store.schema import settings
from latesync.store.site_rules import read_zones
from latesync.store.trust_schema import history
from latesync.sync.outbound import plan_account
from latesync.sync.run import RunResult
from tests.property.machine.scenes import CALENDAR, book, cancel, move, ours, settle_and_check, work
from tests.property.machine.stand import PREFIX, Stand
from tests.property.machine.town import ANNA, Town, opened_town
from tests.property.test_drift_policies import HALF_PAST_TWO, delete, drag, told, with_plugin


@pytest.fixture
def limited(stand: Stand) -> Iterator[Town]:
    """Anna's town with the limits every owner begins with: more than a fifth and more than five."""
    with opened_town(stand, agents=[ANNA], limits=SafetyLimits()) as town:
        yield town


def waiting(town: Town) -> list[HeldRow]:
    return held.list_held(town.database, town.site_id)


def decide(town: Town, decision: Decision, choice: Choice | None = None) -> int:
    done = held.decide(town.database, town.site_id, decision, choice or Choice(), town.clock())
    return len(done)


def release(town: Town, choice: Choice | None = None) -> int:
    return decide(town, Decision.RELEASED, choice)


def reject(town: Town, choice: Choice | None = None) -> int:
    return decide(town, Decision.REJECTED, choice)


def book_days(town: Town, count: int) -> list[int]:
    booked = [book(town, day) for day in range(1, count + 1)]
    town.settle()
    return booked


def told_in_history(town: Town) -> list[tuple[str, int]]:
    with town.database.read() as connection:
        rows = connection.execute(history.select().order_by(history.c.id))
        return [(row.what, row.booking_id) for row in rows if row.what.startswith("plan_")]


# --- released ---------------------------------------------------------------------------------


def test_what_a_person_released_is_done_however_much_it_is(limited: Town) -> None:
    """users-ask.md U37."""
    booked = book_days(limited, 8)
    for booking in booked[:7]:
        cancel(limited, booking)
    work(limited)
    assert (len(waiting(limited)), len(ours(limited))) == (7, 8)
    assert release(limited) == 7
    work(limited)
    assert (waiting(limited), len(ours(limited))) == ([], 1)
    settle_and_check(limited)
    assert held.list_decided(limited.database, limited.site_id) == []


def test_history_tells_each_hold_and_each_answer_once(limited: Town) -> None:
    """Each booking's own, so that its timeline says that it waited."""
    booked = book_days(limited, 7)
    for booking in booked:
        cancel(limited, booking)
    work(limited)
    work(limited)
    release(limited)
    release(limited)
    work(limited)
    whats = (What.PLAN_HELD, What.PLAN_RELEASED)
    assert told_in_history(limited) == [(what, booking) for what in whats for booking in booked]


def test_releasing_one_lets_that_one_go_and_no_other(limited: Town) -> None:
    """Five would not be unusual; but these five have been asked about, and nobody has answered."""
    booked = book_days(limited, 6)
    for booking in booked:
        cancel(limited, booking)
    work(limited)
    assert release(limited, Choice(booking_id=booked[2])) == 1
    work(limited)
    work(limited)
    assert [row.booking_id for row in waiting(limited)] == [*booked[:2], *booked[3:]]
    assert len(ours(limited)) == 5


@pytest.mark.parametrize("steps", [0, 1, 3, 6])
def test_a_release_survives_a_crash_before_all_of_it_is_done(limited: Town, steps: int) -> None:
    for booking in book_days(limited, 7):
        cancel(limited, booking)
    work(limited)
    release(limited)
    fuse = limited.process.fuse
    fuse.light("delete event", steps, fuse.crash, is_before=True)
    work(limited)
    assert fuse.burnt_at == "before delete event"
    assert len(ours(limited)) == 7 - steps
    settle_and_check(limited)
    assert ours(limited) == []


def test_what_came_after_a_release_is_measured_on_its_own(limited: Town) -> None:
    booked = book_days(limited, 20)
    for booking in booked[:7]:
        cancel(limited, booking)
    work(limited)
    release(limited)
    for booking in booked[7:14]:
        cancel(limited, booking)
    work(limited)
    assert [row.booking_id for row in waiting(limited)] == booked[7:14]
    assert len(ours(limited)) == 13


def test_what_is_little_by_itself_goes_on_while_much_waits(limited: Town) -> None:
    booked = book_days(limited, 20)
    for booking in booked[:7]:
        cancel(limited, booking)
    work(limited)
    for booking in booked[7:10]:
        cancel(limited, booking)
    move(limited, booked[10])
    work(limited)
    assert [row.booking_id for row in waiting(limited)] == booked[:7]
    assert len(ours(limited)) == 17


def test_a_release_is_void_when_its_operation_is_planned_no_more(limited: Town) -> None:
    booked = book_days(limited, 7)
    for booking in booked:
        cancel(limited, booking)
    work(limited)
    release(limited)
    for booking in booked:
        limited.site.update("bookings", booking, status="approved")
    work(limited)
    for booking in booked:
        cancel(limited, booking)
    work(limited)
    assert (len(waiting(limited)), len(ours(limited))) == (7, 7)


def test_a_release_goes_for_once_and_not_for_the_next_change_of_the_same_kind(limited: Town) -> None:
    booked = book_days(limited, 7)
    for minute in (840, 900):
        for booking in booked:
            move(limited, booking, minute)
        work(limited)
        assert len(waiting(limited)) == 7
        release(limited)
        work(limited)
        assert waiting(limited) == []
    assert {text[-5:] for text in ours(limited)} == {"14:00"}


def test_two_workers_do_what_was_released_once(limited: Town) -> None:
    for booking in book_days(limited, 7):
        cancel(limited, booking)
    work(limited)
    release(limited)
    second = limited.new_process()
    fuse = limited.process.fuse
    others: list[RunResult] = []
    fuse.light("delete event", 2, lambda: others.extend(second.work()), is_before=True)
    limited.world.forget_requests()
    work(limited)
    deletions = [request for request in limited.world.requests if request.method == "DELETE"]
    assert (len(deletions), ours(limited), others) == (7, [], [])


def test_the_owners_own_limits_count(limited: Town) -> None:
    write_safety_limits(limited.database, limited.site_id, SafetyLimits(0.0, 1), limited.clock())
    booked = book_days(limited, 20)
    for booking in booked[:2]:
        cancel(limited, booking)
    work(limited)
    assert len(waiting(limited)) == 2


# --- rejected ---------------------------------------------------------------------------------


def test_a_rejected_deletion_keeps_the_event_and_finds_it_again(limited: Town) -> None:
    booked = book_days(limited, 7)
    for booking in booked:
        cancel(limited, booking)
    work(limited)
    before = ours(limited)
    assert reject(limited) == 7
    limited.settle()
    assert (waiting(limited), ours(limited)) == ([], before)
    for booking in booked:
        limited.site.update("bookings", booking, status="approved")
    limited.note_site()
    move(limited, booked[0])
    settle_and_check(limited)
    assert len(ours(limited)) == 7


def test_a_rejected_change_leaves_the_event_until_its_booking_changes_again(limited: Town) -> None:
    booked = book_days(limited, 7)
    before = ours(limited)
    for booking in booked:
        move(limited, booking)
    work(limited)
    assert {row.operation for row in waiting(limited)} == {"update"}
    reject(limited)
    limited.settle()
    assert ours(limited) == before
    move(limited, booked[0], minute=900)
    limited.settle()
    assert ours(limited) == ["11-21 14:00", *before[1:]]


def test_a_rejection_survives_a_crash(limited: Town) -> None:
    for booking in book_days(limited, 7):
        cancel(limited, booking)
    work(limited)
    reject(limited)
    fuse = limited.process.fuse
    fuse.light("store write", 0, fuse.crash, is_before=True)
    work(limited)
    limited.settle()
    assert (waiting(limited), len(ours(limited))) == ([], 7)


def test_rejected_restores_leave_what_was_edited(limited: Town) -> None:
    """Anna moved seven events; the owner, who puts such events back, does not want that this time."""
    book_days(limited, 7)
    for number in range(7):
        drag(limited, 0, HALF_PAST_TWO + timedelta(days=20 + number))
    work(limited)
    assert {row.reason for row in waiting(limited)} == {"edited in the calendar"}
    reject(limited)
    limited.settle()
    assert (waiting(limited), ours(limited)[0]) == ([], "12-12 13:30")


# --- wishes -----------------------------------------------------------------------------------


def drag_seven(town: Town) -> None:
    book_days(town, 7)
    for number in range(7):
        drag(town, 0, HALF_PAST_TWO + timedelta(days=20 + number))
    work(town)
    assert {row.operation for row in waiting(town)} == {"move booking"}


def test_released_moves_reach_the_bookings_and_nobody_is_asked_twice(limited: Town) -> None:
    for plugin in with_plugin(limited):
        drag_seven(limited)
        assert plugin.asked == []
        release(limited)
        settle_and_check(limited)
        assert ([verb for verb, _ in plugin.mailed], waiting(limited)) == (["reschedule"] * 7, [])


def test_moves_that_were_released_and_refused_by_the_site_are_put_back(limited: Town) -> None:
    for plugin in with_plugin(limited):
        drag_seven(limited)
        plugin.refuses = "not_bookable"
        release(limited)
        settle_and_check(limited)
        assert len(ours(limited)) == len(told(limited)) == 7
        assert (waiting(limited), ours(limited)[0]) == ([], "11-21 09:00")


def test_rejected_moves_are_put_back_and_the_agent_is_told(limited: Town) -> None:
    """users-ask.md U24: the agent always hears what became of it."""
    for plugin in with_plugin(limited):
        drag_seven(limited)
        reject(limited)
        settle_and_check(limited)
        assert (plugin.asked, waiting(limited), ours(limited)[0]) == ([], [], "11-21 09:00")
        rows = list_refusals(limited.database, limited.site_id, ANNA, limited.clock() - timedelta(days=1))
        assert {(row.wish, row.reason) for row in rows} == {("move", "owner")}
        assert len(rows) == 7
        noted = read_history(limited.database, limited.site_id, Wanted(what=What.WISH_REFUSED))
        assert {row.who for row in noted} == {Who.OWNER}


def test_rejected_cancellations_are_put_back_and_cancel_nobody(limited: Town) -> None:
    """users-ask.md U26: never in bulk."""
    for plugin in with_plugin(limited):
        book_days(limited, 7)
        for _ in range(7):
            delete(limited)
        work(limited)
        reject(limited)
        settle_and_check(limited)
        assert (plugin.asked, waiting(limited), len(ours(limited))) == ([], [], 7)
        assert {row.reason for row in told(limited)} == {"owner"}


# --- the site itself --------------------------------------------------------------------------


def test_an_emptied_site_waits_however_few_events_there_are(limited: Town) -> None:
    """users-ask.md U37; easyappointments-sync.md: a booking must not vanish because a table did."""
    booked = book_days(limited, 2)
    rows = [limited.site.row("bookings", booking) for booking in booked]
    limited.site.execute(f"DELETE FROM {PREFIX}latepoint_bookings")
    work(limited)
    assert (len(waiting(limited)), len(ours(limited))) == (2, 2)
    for row in rows:
        limited.site.restore("bookings", row)
    settle_and_check(limited)
    assert waiting(limited) == []


def test_two_deleted_bookings_among_others_do_not_wait(limited: Town) -> None:
    booked = book_days(limited, 8)
    for booking in booked[:2]:
        limited.site.delete("bookings", booking)
    limited.note_site()
    settle_and_check(limited)
    assert len(ours(limited)) == 6


def test_an_empty_site_where_nothing_was_mapped_is_no_disaster(limited: Town) -> None:
    """users-ask.md U14."""
    work(limited)
    settle_and_check(limited)
    assert waiting(limited) == []


def test_another_zone_moves_no_event_before_a_person_says_so(limited: Town) -> None:
    """users-ask.md U19."""
    book_days(limited, 2)
    limited.site.set_option("timezone_string", "Pacific/Auckland")
    work(limited, timedelta(minutes=2))
    work(limited)
    assert ours(limited) == ["11-21 09:00", "11-22 09:00"]
    assert {row.reason for row in waiting(limited)} == {"the site's time zone changed"}
    zones = [seen.zone for seen in read_zones(limited.database, limited.site_id)]
    assert zones == ["Europe/Berlin", "Pacific/Auckland"]
    release(limited)
    limited.settle()
    assert ours(limited) == ["11-20 21:00", "11-21 21:00"]


def test_a_zone_that_is_set_back_ends_the_wait(limited: Town) -> None:
    book_days(limited, 2)
    for zone in ("Pacific/Auckland", "Europe/Berlin"):
        limited.site.set_option("timezone_string", zone)
        work(limited, timedelta(minutes=2))
        work(limited)
    assert (waiting(limited), ours(limited)) == ([], ["11-21 09:00", "11-22 09:00"])


def test_a_rejected_zone_leaves_events_until_their_bookings_change(limited: Town) -> None:
    booked = book_days(limited, 2)
    limited.site.set_option("timezone_string", "Pacific/Auckland")
    work(limited, timedelta(minutes=2))
    reject(limited)
    limited.settle()
    assert ours(limited) == ["11-21 09:00", "11-22 09:00"]
    move(limited, booked[1], minute=660)
    limited.settle()
    assert ours(limited) == ["11-21 09:00", "11-21 22:00"]


def test_statuses_that_count_no_more_take_no_calendar_by_storm(limited: Town) -> None:
    book_days(limited, 8)
    limited.site.update("settings", 1, value="completed")
    work(limited, timedelta(minutes=2))
    work(limited)
    assert {(row.operation, row.reason) for row in waiting(limited)} == {("delete", "booking cancelled")}
    assert len(ours(limited)) == 8
    limited.site.update("settings", 1, value="approved")
    work(limited, timedelta(minutes=2))
    settle_and_check(limited)
    assert waiting(limited) == []


def test_an_agent_who_vanished_from_the_site_keeps_the_events_until_a_person_says_so(limited: Town) -> None:
    booked = book_days(limited, 8)
    limited.site.delete("agents", ANNA)
    move(limited, booked[0])
    work(limited)
    assert {row.reason for row in waiting(limited)} == {"agent removed"}
    assert len(ours(limited)) == 8


def lose_customers(town: Town) -> None:
    town.site.execute(f"ALTER TABLE {PREFIX}latepoint_customers RENAME TO elsewhere")
    for _ in range(3):
        work(town, timedelta(minutes=2))


@pytest.mark.parametrize("count", [1, 2, 8])
def test_a_table_that_vanished_takes_nothing_out_of_events(limited: Town, count: int) -> None:
    """Customers' names would vanish from every event; of one event as well as of eight."""
    book_days(limited, count)
    lose_customers(limited)
    assert len(waiting(limited)) == count
    _, safe, _ = plan_account(limited.process.parts, limited.account(ANNA))
    assert safe == []
    assert {row.reason for row in waiting(limited)} == {"booking changed"}
    limited.site.execute(f"ALTER TABLE elsewhere RENAME TO {PREFIX}latepoint_customers")
    limited.process = limited.new_process()
    settle_and_check(limited)
    assert waiting(limited) == []


def test_a_new_booking_comes_while_a_table_is_missing(limited: Town) -> None:
    book_days(limited, 2)
    lose_customers(limited)
    book(limited, 3)
    work(limited)
    assert (len(waiting(limited)), len(ours(limited))) == (2, 3)


def test_a_table_that_is_gone_for_good_is_released_once(limited: Town) -> None:
    """What changes after that goes on as usual."""
    booked = book_days(limited, 2)
    lose_customers(limited)
    release(limited)
    settle_and_check(limited)
    move(limited, booked[0])
    settle_and_check(limited)
    assert waiting(limited) == []


def test_a_table_that_was_never_there_makes_nothing_wait(limited: Town) -> None:
    lose_customers(limited)
    booked = book_days(limited, 2)
    move(limited, booked[0])
    settle_and_check(limited)
    assert waiting(limited) == []


def test_a_state_that_remembers_no_columns_notices_a_later_loss(limited: Town) -> None:
    """An older LateSync noted none: the first look of this one does, before anything is due."""
    book_days(limited, 2)
    with limited.database.write() as connection:
        connection.execute(settings.delete().where(settings.c.name.like("readable:%")))
    limited.process = limited.new_process()
    limited.process.look()
    lose_customers(limited)
    assert len(waiting(limited)) == 2


def test_what_was_lost_is_named_until_it_is_back(limited: Town) -> None:
    book_days(limited, 1)
    lose_customers(limited)
    not_granted = limited.process.parts.site.facts().schema.not_granted
    lost = read_lost(limited.database, limited.site_id, not_granted)
    assert {name.rpartition(".")[0] for name in lost} == {f"{PREFIX}latepoint_customers"}
    release(limited)
    work(limited)
    assert read_lost(limited.database, limited.site_id, not_granted) == ()


def test_without_the_bookings_table_nothing_is_touched_and_the_site_is_in_trouble(limited: Town) -> None:
    book_days(limited, 8)
    limited.site.execute(f"ALTER TABLE {PREFIX}latepoint_bookings RENAME TO wp2_latepoint_bookings")
    for _ in range(3):
        work(limited, timedelta(minutes=2))
    assert len(ours(limited)) == 8
    assert waiting(limited) == []
    assert limited.account(ANNA).problem in (None, Problem.SCHEMA_NOT_UNDERSTOOD)
    limited.site.execute(f"ALTER TABLE wp2_latepoint_bookings RENAME TO {PREFIX}latepoint_bookings")
    settle_and_check(limited)


def test_a_policy_of_applying_is_no_way_around_the_limits(limited: Town) -> None:
    """An owner may let bookings follow; seven at once still wait, in the same calendar as before."""
    for plugin in with_plugin(limited):
        drag_seven(limited)
        assert limited.policy is DriftPolicy.APPLY
        assert len([key for key in ours(limited, CALENDAR) if key.startswith("12-")]) == 7
        assert plugin.mailed == []
