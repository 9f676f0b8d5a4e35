"""Pausing everything or one agent: shown everywhere, and caught up afterwards (law L9)."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from latesync.cli.report import print_status, status_report
from latesync.cli.run_report import print_sync, sync_report
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.overview import Overview
from latesync.read_overview import read_overview
from latesync.sandbox.site.database import open_site, writing
from latesync.store.accounts import list_accounts
from latesync.store.calendars import read_slots
from latesync.store.delays import read_delays
from latesync.store.leases import EVERYBODY
from latesync.store.pauses import record_paused, record_resumed
from latesync.sync.now import SyncedNow, sync_now
from latesync.sync.outbound import plan_account
from tests.web.salon import BEN, DANA, NOW, Salon, post

HOUR = timedelta(hours=1)
CALENDAR = "dana@example.com"
IN_THREE_DAYS = NOW + timedelta(days=3)


@pytest.fixture
def connected(salon: Salon) -> Salon:
    """Dana and Ben, everything in step."""
    create_bridge_tables(salon.services.site_engine, "wp_")
    salon.upload()
    salon.connect(DANA, CALENDAR)
    salon.connect(BEN, "ben@example.com")
    sync(salon)
    return salon


def sync(salon: Salon) -> SyncedNow:
    rows = list_accounts(salon.services.database, salon.services.site_id)
    return sync_now(salon.services.sync_parts(), "sync-1", rows)


def look(salon: Salon) -> Overview:
    return read_overview(salon.services, salon.clock())


def pass_time(salon: Salon, by: timedelta = HOUR) -> None:
    salon.clock.advance(by)
    salon.google.freeze(salon.clock())


def pause(salon: Salon, whom: int) -> None:
    assert record_paused(salon.services.database, salon.services.site_id, whom, salon.clock())


def resume(salon: Salon, whom: int) -> None:
    assert record_resumed(salon.services.database, salon.services.site_id, whom, salon.clock())


def change_site(salon: Salon, statement: str, *values: object) -> None:
    address = salon.services.site_database_url()
    assert address is not None
    with closing(open_site(Path(address.removeprefix("sqlite:///")))) as site, writing(site):
        site.execute(statement, values)


def enter_appointment(salon: Salon) -> None:
    """Dana writes something into her own calendar, three days ahead."""
    times = {"start": IN_THREE_DAYS, "end": IN_THREE_DAYS + HOUR}
    salon.google.put_event(CALENDAR, {side: {"dateTime": at.isoformat()} for side, at in times.items()})


def booking_of(salon: Salon, agent_id: int = DANA) -> int:
    """One of the agent's that stands in the calendar."""
    account = salon.account(agent_id)
    assert account is not None
    parts = salon.services.sync_parts()
    plan, _, _ = plan_account(parts, account)
    assert plan.operations == ()
    bookings = parts.site.read_snapshot(agent_id).bookings.values()
    return min(each.id for each in bookings if each.status == "approved" and each.span.start > salon.clock())


def is_in_step(salon: Salon, agent_id: int = DANA) -> bool:
    account = salon.account(agent_id)
    assert account is not None
    plan, _, _ = plan_account(salon.services.sync_parts(), account)
    return not plan.operations


@pytest.mark.parametrize("whom", [DANA, EVERYBODY])
def test_what_happens_during_a_pause_is_caught_up(connected: Salon, whom: int) -> None:
    """Law L9."""
    booking = booking_of(connected)
    before = connected.google.events(CALENDAR)
    pause(connected, whom)
    pass_time(connected)
    change_site(connected, "UPDATE wp_latepoint_bookings SET status = 'cancelled' WHERE id = ?", booking)
    change_site(
        connected,
        "UPDATE wp_latepoint_bookings SET start_time = start_time + 15, end_time = end_time + 15 "
        "WHERE agent_id = ? AND id <> ?",
        DANA,
        booking,
    )
    enter_appointment(connected)
    sync(connected)
    assert not is_in_step(connected)
    assert len(connected.google.events(CALENDAR)) == len(before) + 1

    resume(connected, whom)
    sync(connected)

    assert is_in_step(connected)
    assert len(connected.google.events(CALENDAR)) == len(before)  # one cancelled, one of Dana's own
    slots = read_slots(connected.services.database, DANA).values()
    assert IN_THREE_DAYS in {span.start for span in slots}


@pytest.fixture
def measured(connected: Salon) -> Salon:
    """In step for a while: what comes now is noticed live."""
    assert delays(connected) == {"outbound": [], "inbound": []}, "a first sync is no measure"
    pass_time(connected)
    sync(connected)
    pass_time(connected)
    return connected


def move_booking(salon: Salon, booking: int) -> None:
    """As LatePoint saves it."""
    change_site(
        salon,
        "UPDATE wp_latepoint_bookings SET start_time = start_time + 5, updated_at = ? WHERE id = ?",
        salon.clock().strftime("%Y-%m-%d %H:%M:%S"),
        booking,
    )
    pass_time(salon, timedelta(seconds=3))


def test_what_was_caught_up_after_a_pause_is_no_delay(measured: Salon) -> None:
    booking = booking_of(measured)
    pause(measured, DANA)
    move_booking(measured, booking)
    enter_appointment(measured)
    resume(measured, DANA)
    pass_time(measured, timedelta(seconds=1))
    sync(measured)
    assert is_in_step(measured)
    assert delays(measured) == {"outbound": [], "inbound": []}
    pass_time(measured)
    move_booking(measured, booking)
    sync(measured)
    assert delays(measured)["outbound"] == [3000]


def delays(salon: Salon) -> dict[str, list[int]]:
    return read_delays(salon.services.database, salon.services.site_id, NOW - HOUR)


def test_a_change_noticed_live_is_measured_from_its_rows_own_stamp(measured: Salon) -> None:
    """users-ask.md U9."""
    move_booking(measured, booking_of(measured))
    sync(measured)
    assert delays(measured) == {"outbound": [3000], "inbound": []}


def test_a_change_in_the_calendar_is_measured_up_to_the_form(measured: Salon) -> None:
    enter_appointment(measured)
    pass_time(measured, timedelta(seconds=34))
    sync(measured)
    assert delays(measured) == {"outbound": [], "inbound": [34_000]}


def test_sync_leaves_out_who_is_paused_and_says_so(
    connected: Salon, capsys: pytest.CaptureFixture[str]
) -> None:
    pause(connected, DANA)
    rows = list_accounts(connected.services.database, connected.services.site_id)
    synced = sync(connected)
    assert {result.agent_id for result in synced.results} == {BEN}
    report = sync_report(connected.services, rows, synced)
    assert [entry["agent_id"] for entry in report["paused"]] == [DANA]
    print_sync(report)
    said = capsys.readouterr().out
    assert "1 account looked at" in said
    assert "Dana Reyes is paused since Fri 20 Nov, 14:05" in said


def test_who_is_paused_needs_nobody_and_is_not_late(connected: Salon) -> None:
    pause(connected, EVERYBODY)
    pass_time(connected, timedelta(days=2))
    overview = look(connected)
    assert overview.work_late_since is None
    assert [agent.paused_since for agent in overview.agents if agent.is_connected] == [NOW, NOW]
    assert not overview.needs_person
    resume(connected, EVERYBODY)
    assert look(connected).work_late_since is None


def test_status_says_who_is_paused_and_what_is_promised(
    connected: Salon, capsys: pytest.CaptureFixture[str]
) -> None:
    report = status_report(look(connected))
    assert report["promise"]["outbound"] == {"seconds": None, "kept": 0, "measured": 0}
    assert report["paused_since"] is None
    pause(connected, EVERYBODY)
    report = status_report(look(connected))
    assert report["paused_since"] == NOW
    print_status(look(connected))
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("│ paused │") == 2
    assert said.count("Everything is paused since") == 1
    assert "`latesync resume`" in said


def test_the_owner_pauses_everything_and_goes_on_from_the_dashboard(connected: Salon) -> None:
    owner = connected.owner()
    assert "Pause everything" in owner.get("/").text
    assert post(owner, "/pause", page="/").location == "/"
    shown = owner.get("/").text
    assert "Everything is paused since Fri 20 Nov, 14:05" in shown
    assert "Pause everything" not in shown
    post(owner, "/resume", page="/")
    assert look(connected).health.paused_since is None


def test_the_owner_pauses_one_agent_and_goes_on_from_their_page(connected: Salon) -> None:
    owner, page = connected.owner(), f"/agents/{DANA}"
    post(owner, f"{page}/pause", page=page)
    shown = owner.get(page).text
    assert "Dana Reyes is paused since Fri 20 Nov, 14:05" in shown
    assert "Sync now" not in shown
    assert ">Paused<" in shown
    assert "has paused your calendar since" in connected.agent(DANA).get("/connect").text
    post(owner, f"{page}/resume", page=page)
    assert "Sync now" in owner.get(page).text


def test_an_agent_paused_alone_rests_on_when_everybody_goes_on(connected: Salon) -> None:
    owner = connected.owner()
    pause(connected, DANA)
    pause(connected, EVERYBODY)
    post(owner, "/resume", page="/")
    assert "Dana Reyes stays paused" in owner.get("/").text
    assert look(connected).health.resting.since(DANA) == NOW


def test_a_pause_of_nobody_we_know_is_refused(connected: Salon) -> None:
    owner = connected.owner()
    assert post(owner, "/agents/99/pause", page="/").status_code == 404
    assert look(connected).health.resting.since(99) is None
