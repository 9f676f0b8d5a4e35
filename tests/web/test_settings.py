"""The owner's settings, what agents are told, and where calendar and booking differ."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from latesync.cli.report import print_status, status_report
from latesync.cli.run_report import print_sync, sync_report
from latesync.model import Drift, MappingState
from latesync.options import DriftPolicy
from latesync.read_overview import read_overview
from latesync.store.bridges import record_heard
from latesync.store.choices import read_drift_policy, read_waking_hours, write_drift_policy
from latesync.store.drift import record_seen
from latesync.store.held import HeldOperation, replace_held
from latesync.store.mappings import NewIntent, record_intents, record_written
from latesync.store.refusals import record_refusal
from latesync.store.schema import accounts
from latesync.sync.now import SyncedNow
from latesync.sync.parts import RunCounts
from latesync.sync.run import RunResult
from latesync.times import TimeRange
from tests.web.plugins import LISTED, UNLISTED, listed
from tests.web.salon import DANA, NOW, Salon, post

MONDAY_NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def policy_of(salon: Salon) -> DriftPolicy:
    return read_drift_policy(salon.services.database, salon.services.site_id)


def drifted(salon: Salon, booking_id: int, drift: Drift, to: TimeRange | None = None) -> None:
    """A written event of Dana's that she has changed since."""
    account = salon.account()
    assert account is not None
    database, span = salon.services.database, TimeRange(MONDAY_NINE, MONDAY_NINE + HOUR)
    intent = NewIntent(
        salon.services.site_id,
        booking_id,
        DANA,
        account.id,
        "dana@example.com",
        f"e{booking_id}",
        0,
        span,
        "h",
    )
    (mapping_id,) = record_intents(database, [intent], NOW)
    record_written(
        database, mapping_id, state=MappingState.LIVE, etag="1", content_hash="h", echo_hash="h",
        has_agent_notes=False, span=span, now=NOW,
    )  # fmt: skip
    record_seen(database, mapping_id, etag="2", has_agent_notes=False, drift=drift, now=NOW, drift_span=to)


def test_events_are_put_back_until_the_owner_chooses_otherwise(salon: Salon) -> None:
    page = salon.owner().get("/settings").text
    assert 'value="restore" checked' in page
    assert "LatePoint tells the customer" in page.replace("\n", " ")
    assert "has not been heard from yet" in page


@pytest.mark.parametrize("policy", DriftPolicy)
def test_a_choice_is_kept_and_makes_every_account_due(salon: Salon, policy: DriftPolicy) -> None:
    salon.upload()
    salon.connect()
    owner = salon.owner()
    salon.clock.advance(HOUR)
    answer = post(owner, "/settings/drift", {"policy": policy.value}, page="/settings")
    assert answer.location == "/settings"
    assert policy_of(salon) is policy
    account = salon.account()
    assert account is not None
    assert account.outbound_due_at is not None
    assert account.outbound_due_at <= salon.clock()
    page = owner.get("/settings").text
    assert "Saved" in page
    assert f'value="{policy.value}" checked' in page


def test_a_choice_nobody_offered_changes_nothing(salon: Salon) -> None:
    owner = salon.owner()
    for data in ({"policy": "forget"}, {}):
        post(owner, "/settings/drift", data, page="/settings")
        assert "Choose one of the three" in owner.get("/settings").text
    assert policy_of(salon) is DriftPolicy.RESTORE


def test_nobody_but_the_owner_may_choose(salon: Salon) -> None:
    salon.make_owner()
    assert salon.visitor().get("/settings").location == "/sign-in"
    assert salon.agent().get("/settings").status_code == 403
    salon.upload()
    answer = post(salon.agent(), "/settings/drift", {"policy": "apply"}, page="/connect")
    assert answer.status_code == 403


def test_mails_go_out_by_day_until_the_owner_chooses_other_hours(salon: Salon) -> None:
    owner = salon.owner()
    page = owner.get("/settings").text
    assert 'name="start" value="08:00"' in page
    assert 'name="end" value="20:00"' in page
    post(owner, "/settings/waking-hours", {"start": "09:30", "end": "18:00:00"}, page="/settings")
    assert read_waking_hours(salon.services.database, salon.services.site_id) == (time(9, 30), time(18))
    page = owner.get("/settings").text
    assert "Saved: mails are sent between 09:30 and 18:00" in page
    assert 'name="start" value="09:30"' in page


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"start": "20:00", "end": "08:00"}, "at least one hour"),
        ({"start": "08:00"}, "like 08:00-20:00"),
        ({"start": "eight", "end": "20:00"}, "like 08:00-20:00"),
    ],
)
def test_hours_that_cannot_be_used_change_nothing(salon: Salon, data: dict[str, str], why: str) -> None:
    owner = salon.owner()
    post(owner, "/settings/waking-hours", data, page="/settings")
    assert why in owner.get("/settings").text
    assert read_waking_hours(salon.services.database, salon.services.site_id) == (time(8), time(20))


def test_a_choice_without_the_pages_token_is_refused(salon: Salon) -> None:
    assert salon.owner().post("/settings/drift", data={"policy": "apply"}).status_code == 400
    assert policy_of(salon) is DriftPolicy.RESTORE


def test_the_page_says_when_the_plugin_was_heard_from(salon: Salon) -> None:
    database, site_id = salon.services.database, salon.services.site_id
    write_drift_policy(database, site_id, DriftPolicy.APPLY, NOW)
    listed(salon, LISTED)
    owner = salon.owner()
    assert "cannot follow their events yet" in owner.get("/settings").text
    record_heard(database, site_id, NOW)
    page = owner.get("/settings").text
    assert "last heard from on" in page
    assert "cannot follow their events yet" not in page
    listed(salon, UNLISTED)
    page = owner.get("/settings").text
    assert "switched off in WordPress" in page
    assert "cannot follow their events yet" in page


def refuse(salon: Salon, booking_id: int, agent_id: int = DANA, **changes: Any) -> None:
    values: dict[str, Any] = {"wish": "cancel", "reason": "past", "now": NOW, **changes}
    record_refusal(salon.services.database, salon.services.site_id, agent_id, booking_id, **values)


def test_agent_and_owner_read_what_could_not_be_taken_over(salon: Salon) -> None:
    salon.upload()
    agent, owner = salon.connect(), salon.owner()
    pages = [(agent, "/connect"), (owner, f"/agents/{DANA}")]
    for client, address in pages:
        assert "What could not be taken over" not in client.get(address).text
    known = next(iter(salon.services.site.read_snapshot(DANA).bookings.values()))
    refuse(
        salon, known.id, wish="move", reason="not_bookable", booking_code="JBJPLLW", starts_at=MONDAY_NINE,
        wanted_starts_at=datetime(2026, 11, 24, 9, 10, tzinfo=UTC), now=NOW - timedelta(days=6),
    )  # fmt: skip
    refuse(salon, known.id, wish="cancel", starts_at=MONDAY_NINE)  # whose code nobody had read
    refuse(salon, 9042, now=NOW - timedelta(days=8))
    refuse(salon, 9043, DANA + 1)
    for client, address in pages:
        page = client.get(address).text
        assert (
            f"Booking JBJPLLW ({known.service_name}, Mon 23 Nov, 09:00) was moved to Tue 24 Nov, 10:10 "
            "in the calendar. LatePoint does not offer that time" in page
        )
        assert "Choose another time. <small>on Sat 14 Nov</small>" in page
        assert (
            f"Booking {known.code} ({known.service_name}, Mon 23 Nov, 09:00): its event was deleted" in page
        )
        assert "<small>on Fri 20 Nov</small>" in page
        assert "Booking 9042" not in page
        assert "Booking 9043" not in page


def test_refusals_are_shown_while_the_site_is_away(salon: Salon) -> None:
    salon.upload()
    agent = salon.connect()
    agent.get("/connect")
    refuse(salon, 41)
    (salon.services.config.home.parent / "site.db").rename(salon.services.config.home / "away.db")
    salon.services.site.doubt()
    salon.services.site_engine.dispose()
    assert "Booking 41: its event was deleted in the calendar." in agent.get("/connect").text


def moved_deleted_renamed(salon: Salon) -> None:
    tuesday_ten = MONDAY_NINE + timedelta(days=1, hours=1)
    drifted(salon, 41, Drift.EDITED, TimeRange(tuesday_ten, tuesday_ten + HOUR))
    drifted(salon, 42, Drift.DELETED)
    drifted(salon, 43, Drift.EDITED)


def test_the_dashboard_shows_what_was_left_to_differ(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    moved_deleted_renamed(salon)
    write_drift_policy(salon.services.database, salon.services.site_id, DriftPolicy.LEAVE, NOW)
    page = salon.owner().get("/").text
    assert "Calendar and booking differ" in page
    assert "you chose to leave them" in page
    assert "Booking 41 of Dana Reyes: the calendar says Tue 24 Nov, 10:00–11:00, " in page
    assert "the booking Mon 23 Nov, 09:00–10:00." in page
    assert "Booking 42 of Dana Reyes: its event was deleted in the calendar" in page
    assert "Booking 43 of Dana Reyes: its event was changed in the calendar" in page
    assert "Nothing needs you" in page


def test_the_dashboard_shows_what_waits_to_be_taken_over_and_why(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    write_drift_policy(salon.services.database, salon.services.site_id, DriftPolicy.APPLY, NOW)
    moved_deleted_renamed(salon)
    owner = salon.owner()
    page = owner.get("/").text
    assert "Waiting to be taken over" in page
    assert "you chose to leave them" not in page
    assert "let them stand" not in page
    assert "Booking 41 of Dana Reyes" in page
    assert "Booking 42 of Dana Reyes" in page
    assert "Booking 43 of Dana Reyes" not in page  # a title is put back
    assert "WordPress does not answer" not in page
    with salon.services.database.write() as connection:
        connection.execute(accounts.update().values(problem="plugin_unavailable", problem_since=NOW))
    assert "WordPress does not answer" in owner.get("/").text


def test_what_was_refused_does_not_wait_to_be_taken_over(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    database, site_id = salon.services.database, salon.services.site_id
    drifted(salon, 42, Drift.DELETED)
    write_drift_policy(database, site_id, DriftPolicy.APPLY, NOW)  # it differed before that choice
    assert "Waiting to be taken over" not in salon.owner().get("/").text


def test_what_is_put_back_anyway_is_no_difference(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    drifted(salon, 42, Drift.DELETED)
    assert "differ" not in salon.owner().get("/").text


def test_status_names_what_has_drifted(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    tuesday_ten = MONDAY_NINE + timedelta(days=1, hours=1)
    drifted(salon, 41, Drift.EDITED, TimeRange(tuesday_ten, tuesday_ten + HOUR))
    report = status_report(read_overview(salon.services, NOW))
    assert report["drift_policy"] == "restore"
    assert report["drifted"] == [
        {
            "booking_id": 41,
            "agent_id": DANA,
            "drift": "edited",
            "booking_starts_at": MONDAY_NINE,
            "booking_ends_at": MONDAY_NINE + HOUR,
            "calendar_starts_at": tuesday_ten,
            "calendar_ends_at": tuesday_ten + HOUR,
            "refused": None,
        }
    ]


def test_held_wishes_are_named_once_and_the_agent_is_told(salon: Salon) -> None:
    salon.upload()
    agent = salon.connect()
    account = salon.account()
    assert account is not None
    write_drift_policy(salon.services.database, salon.services.site_id, DriftPolicy.APPLY, NOW)
    assert "owner’s decision" not in agent.get("/connect").text
    for number in range(1, 8):
        drifted(salon, number, Drift.DELETED)
    rows = [HeldOperation(number, "cancel booking", "taken out of the calendar") for number in range(1, 8)]
    replace_held(salon.services.database, account.id, rows, NOW)
    page = salon.owner().get("/").text
    assert "In Dana Reyes’s calendar the events of 7 bookings were deleted." in page
    assert "Decide on the page “Waiting changes”" in page
    assert page.count("“Waiting changes”") == 1
    assert "Booking 1 of" not in page
    assert "Waiting to be taken over" not in page
    assert "7 changes you made in the calendar wait for the owner’s decision" in agent.get("/connect").text


def test_status_names_held_wishes_once(salon: Salon, capsys: pytest.CaptureFixture[str]) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    write_drift_policy(salon.services.database, salon.services.site_id, DriftPolicy.APPLY, NOW)
    for number in (41, 42):
        drifted(salon, number, Drift.DELETED)
    row = HeldOperation(41, "cancel booking", "taken out of the calendar")
    replace_held(salon.services.database, account.id, [row], NOW)
    print_status(read_overview(salon.services, NOW))
    printed = capsys.readouterr().out
    assert "the event of 1 booking was deleted" in printed
    assert "Note: Agents changed these events, and bookings follow." in printed
    assert "Note: Booking 42 of Dana Reyes" in printed
    assert "Note: Booking 41" not in printed


def test_sync_says_how_many_bookings_followed(salon: Salon, capsys: pytest.CaptureFixture[str]) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    counts = (RunCounts(bookings_moved=1), RunCounts(bookings_moved=1, bookings_cancelled=1))
    synced = SyncedNow([RunResult(account.id, DANA, each) for each in counts])
    report = sync_report(salon.services, [account], synced)
    assert (report["bookings_moved"], report["bookings_cancelled"]) == (2, 1)
    print_sync(report)
    assert "in the calendar: 2 bookings moved, 1 booking cancelled." in capsys.readouterr().out
    print_sync(sync_report(salon.services, [account], SyncedNow()))
    assert "bookings moved" not in capsys.readouterr().out
