"""The owner's settings, what agents are told, and where calendar and booking differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.cli.report import status_report
from latesync.model import Drift, DriftPolicy, MappingState
from latesync.read_overview import read_overview
from latesync.store.bridges import record_heard
from latesync.store.choices import read_drift_policy, write_drift_policy
from latesync.store.drift import record_seen
from latesync.store.held import HeldOperation, replace_held
from latesync.store.mappings import NewIntent, record_intents, record_written
from latesync.store.refusals import record_refusal
from latesync.times import TimeRange
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


def test_a_choice_without_the_pages_token_is_refused(salon: Salon) -> None:
    assert salon.owner().post("/settings/drift", data={"policy": "apply"}).status_code == 400
    assert policy_of(salon) is DriftPolicy.RESTORE


def test_the_page_says_when_the_plugin_was_heard_from(salon: Salon) -> None:
    database, site_id = salon.services.database, salon.services.site_id
    write_drift_policy(database, site_id, DriftPolicy.APPLY, NOW)
    owner = salon.owner()
    assert "cannot follow their events yet" in owner.get("/settings").text
    record_heard(database, site_id, NOW)
    page = owner.get("/settings").text
    assert "last heard from on" in page
    assert "cannot follow their events yet" not in page


def test_an_agent_reads_what_could_not_be_taken_over(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    assert "What could not be taken over" not in client.get("/connect").text
    database, site_id = salon.services.database, salon.services.site_id
    ten_past = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
    record_refusal(
        database, site_id, DANA, 41, wish="move", reason="not_bookable", wanted_starts_at=ten_past, now=NOW
    )
    record_refusal(database, site_id, DANA, 42, wish="cancel", reason="past", now=NOW - timedelta(days=31))
    record_refusal(database, site_id, DANA + 1, 43, wish="cancel", reason="past", now=NOW)
    page = client.get("/connect").text
    assert (
        "Booking 41: you moved it to Tue 24 Nov, 10:10. LatePoint does not offer that time, so the event was "
        "put back." in page
    )
    assert "Booking 42" not in page
    assert "Booking 43" not in page


@pytest.mark.parametrize("policy", [DriftPolicy.LEAVE, DriftPolicy.APPLY])
def test_the_dashboard_shows_where_calendar_and_booking_differ(salon: Salon, policy: DriftPolicy) -> None:
    salon.upload()
    salon.connect()
    tuesday_ten = MONDAY_NINE + timedelta(days=1, hours=1)
    drifted(salon, 41, Drift.EDITED, TimeRange(tuesday_ten, tuesday_ten + HOUR))
    drifted(salon, 42, Drift.DELETED)
    drifted(salon, 43, Drift.EDITED)
    write_drift_policy(salon.services.database, salon.services.site_id, policy, NOW)
    page = salon.owner().get("/").text
    assert "Booking 41 of Dana Reyes: the calendar says Tue 24 Nov, 10:00–11:00, " in page
    assert "the booking Mon 23 Nov, 09:00–10:00." in page
    assert "Booking 42 of Dana Reyes: its event was deleted in the calendar" in page
    assert "Booking 43 of Dana Reyes: its event was changed in the calendar" in page
    assert "Nothing needs you" in page


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


def test_held_cancellations_name_the_way_out(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    rows = [HeldOperation(number, "cancel booking", "taken out of the calendar") for number in range(1, 8)]
    replace_held(salon.services.database, account.id, rows, NOW)
    page = salon.owner().get("/").text
    assert "LateSync would cancel 7 bookings, because their events were deleted" in page
    assert "choose “Put it back” on the settings page" in page
