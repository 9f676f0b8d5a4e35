"""A calendar that cannot be read, in small towns: what the booking form shows, since when, and that it opens
again by itself (users-ask.md U11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from latesync.latepoint.busy import read_busy
from latesync.options import AllDay, BlockingPolicy, UnreadablePolicy, WhenUnreadable
from latesync.store import accounts, trust_schema
from latesync.store.blocking import blocking_of, choose_blocking
from latesync.store.choices import write_unreadable_policy
from latesync.store.history import What
from latesync.store.schema import sites
from latesync.sync.closing import FormCloser
from latesync.sync.form_busy import list_unreadable_agents
from latesync.times import TimeRange, day_in, midnight
from tests.property.machine.scenes import CALENDAR, busy, put_theirs, work
from tests.property.machine.stand import PREFIX, Stand
from tests.property.machine.town import ANNA, BEN, BERLIN, CLEO, EMAILS, Town, opened_town

A_DAY = timedelta(hours=24)
CLOSE = UnreadablePolicy(24, WhenUnreadable.CLOSE)


def choose(town: Town, policy: UnreadablePolicy = CLOSE) -> None:
    write_unreadable_policy(town.database, town.site_id, policy, town.clock())


def sign_out(town: Town) -> None:
    account = town.account(ANNA)
    accounts.record_needs_sign_in(town.database, account.id, "sign_in_again", town.clock())


def shown(town: Town, agent_id: int = ANNA) -> list[TimeRange]:
    return sorted(read_busy(town.site.engine, PREFIX, agent_id).values())


def closing(town: Town) -> TimeRange:
    today = day_in(town.clock(), BERLIN)
    return TimeRange(midnight(today, BERLIN), town.window.end)


def settled(town: Town) -> FormCloser:
    """Somebody else's appointment closes an hour; who closes the form when it comes to that."""
    put_theirs(town, day=4)
    town.settle()
    return FormCloser(town.process.parts)


def told(town: Town) -> list[str]:
    table = trust_schema.history
    codes = [What.CALENDAR_LOST.value, What.CALENDAR_BACK.value]
    with town.database.read() as connection:
        return list(
            connection.scalars(select(table.c.what).where(table.c.what.in_(codes)).order_by(table.c.id))
        )


def closed(town: Town) -> FormCloser:
    """Signed out for so long that the form was closed, as the owner wants it."""
    closer = settled(town)
    choose(town)
    sign_out(town)
    town.pass_time(2 * A_DAY)
    closer.look()
    return closer


def test_the_busy_time_last_known_stays_and_is_said_to_be_so(town: Town) -> None:
    """users-ask.md U11: kept, and since when."""
    settled(town)
    last_look = town.account(ANNA).inbound_good_at
    sign_out(town)
    town.pass_time(3 * A_DAY)
    town.work()
    assert len(busy(town)) == 1
    found = list_unreadable_agents(town.database, town.site_id, town.clock())[ANNA]
    assert (found.since, found.is_overdue, found.is_closed) == (last_look, True, False)


def test_a_calendar_that_is_read_is_not_among_them(town: Town) -> None:
    settled(town)
    assert list_unreadable_agents(town.database, town.site_id, town.clock()) == {}


def test_who_is_signed_out_is_closed_after_the_owners_hours_and_not_before(town: Town) -> None:
    closer = settled(town)
    choose(town)
    sign_out(town)
    town.pass_time(A_DAY - timedelta(minutes=5))
    closer.look()
    assert len(shown(town)) == 1
    town.pass_time(timedelta(minutes=10))
    closer.look()
    assert shown(town)[0] == closing(town)
    assert len(shown(town)) == 2  # what was last known stays beneath


@pytest.mark.parametrize("then", [WhenUnreadable.WARN, WhenUnreadable.STAY_OPEN])
def test_unless_the_owner_says_so_nothing_is_closed(town: Town, then: WhenUnreadable) -> None:
    closer = settled(town)
    choose(town, UnreadablePolicy(1, then))
    sign_out(town)
    town.pass_time(3 * A_DAY)
    closer.look()
    assert len(shown(town)) == 1


def test_as_days_pass_the_closed_time_moves_along(town: Town) -> None:
    closer = closed(town)
    first = shown(town)[0]
    town.pass_time(2 * A_DAY)
    closer.look()
    assert shown(town)[0] == closing(town) != first
    assert len(shown(town)) == 2


def test_the_run_that_reads_again_opens_the_form_at_once(town: Town) -> None:
    """Without anybody having to look whether it is over."""
    closer = closed(town)
    town.sign_in(ANNA)
    work(town)
    assert len(shown(town)) == 1
    closer.look()
    assert len(shown(town)) == 1


def test_a_lost_calendar_closes_and_opens_as_soon_as_it_is_back(town: Town) -> None:
    closer = settled(town)
    choose(town)
    town.world.add_fault("status", method="GET", path="/events", times=None, status=404)
    work(town)
    assert told(town) == [What.CALENDAR_LOST.value]
    for _ in range(30):
        work(town, timedelta(hours=1))
        closer.look()
    assert shown(town)[0] == closing(town)
    assert told(town) == [What.CALENDAR_LOST.value]
    town.world.clear_faults()
    work(town)
    assert len(shown(town)) == 1
    assert told(town) == [What.CALENDAR_LOST.value, What.CALENDAR_BACK.value]


def test_an_outage_of_the_provider_closes_after_the_hours_and_opens_by_itself(town: Town) -> None:
    closer = settled(town)
    choose(town)
    town.world.add_fault("status", times=None, status=503)
    for _ in range(30):
        work(town, timedelta(hours=1))
        closer.look()
    assert shown(town)[0] == closing(town)
    town.world.clear_faults()
    for _ in range(3):
        work(town, timedelta(hours=1))
    assert len(shown(town)) == 1


def test_who_is_paused_is_not_closed(town: Town) -> None:
    closer = settled(town)
    choose(town)
    sign_out(town)
    with town.database.write() as connection:
        pause = {"site_id": town.site_id, "agent_id": ANNA, "since": town.clock()}
        connection.execute(insert(trust_schema.pauses).values(**pause))
    town.pass_time(3 * A_DAY)
    closer.look()
    assert len(shown(town)) == 1


def test_a_site_that_waits_for_an_answer_is_left_alone(town: Town) -> None:
    closer = settled(town)
    choose(town)
    sign_out(town)
    with town.database.write() as connection:
        connection.execute(update(sites).values(stopped_for="other_home"))
    town.pass_time(3 * A_DAY)
    closer.look()
    assert len(shown(town)) == 1


def test_who_disconnected_is_never_closed(town: Town) -> None:
    closer = settled(town)
    choose(town)
    accounts.record_disconnected(town.database, town.account(ANNA).id, town.clock())
    town.pass_time(3 * A_DAY)
    closer.look()
    assert list_unreadable_agents(town.database, town.site_id, town.clock()) == {}
    assert closing(town) not in shown(town)


def test_a_worker_that_comes_later_opens_what_the_owner_wants_open(town: Town) -> None:
    """The choice was changed while none ran, and nobody claims who is signed out."""
    closed(town)
    choose(town, UnreadablePolicy(24, WhenUnreadable.WARN))
    FormCloser(town.process.parts).look()
    assert len(shown(town)) == 1


def test_a_slot_somebody_deleted_on_the_site_stands_again(town: Town) -> None:
    closer = closed(town)
    town.process.parts.site.publish_busy(ANNA, {})
    town.pass_time(timedelta(minutes=11))
    closer.look()
    assert len(shown(town)) == 2


def test_a_site_that_does_not_answer_is_told_later(town: Town) -> None:
    closer = settled(town)
    choose(town)
    sign_out(town)
    town.pass_time(2 * A_DAY)
    town.outage.begin()
    closer.look()
    town.outage.end()
    closer.look()
    assert len(shown(town)) == 2


def test_one_agent_who_cannot_be_read_closes_no_other(stand: Stand) -> None:
    """users-ask.md U11: one calendar cannot be reached, and the whole page shows no free time."""
    with opened_town(stand, agents=[ANNA, BEN]) as town:
        closer = settled(town)
        choose(town)
        sign_out(town)
        for _ in range(30):
            work(town, timedelta(hours=1))
        closer.look()
        assert closing(town) in shown(town)
        assert shown(town, BEN) == []


# What makes whom busy


def test_a_changed_choice_shows_on_the_form_after_the_next_look(town: Town) -> None:
    """users-ask.md U17, U18: recomputed from what is kept, nothing is listed anew."""
    body = {"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"}, "transparency": "transparent"}
    town.world.put_event(CALENDAR, {"summary": "Holiday", **body})
    closer = settled(town)
    account = town.account(ANNA)
    assert len(shown(town)) == 1
    policy = BlockingPolicy(all_day=AllDay.ALWAYS, from_mail_blocks=False)
    choose_blocking(town.database, account.id, policy, town.clock())
    work(town)
    closer.look()
    assert blocking_of(town.account(ANNA)) == policy
    assert len(shown(town)) == 2
    choose_blocking(town.database, account.id, replace(policy, all_day=AllDay.NEVER), town.clock())
    work(town)
    assert len(shown(town)) == 1


def test_a_shared_meeting_makes_both_agents_of_one_account_busy_and_their_bookings_do_not(
    stand: Stand,
) -> None:
    """users-ask.md U22, U39; easyappointments 733: Ben and Cleo use one Google account."""
    with opened_town(stand, agents=[BEN, CLEO]) as town:
        day = str((town.clock() + timedelta(days=2)).date())
        for agent_id in (BEN, CLEO):
            town.site.insert_booking(agent_id=agent_id, start_date=day)
        town.note_site()
        put_theirs(town, day=4, calendar_id=EMAILS[BEN])
        town.settle()
        assert busy(town, BEN) == busy(town, CLEO) == ["11-24 08:00"]
