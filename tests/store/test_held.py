"""What waits for a person, what that person decided, and what is remembered of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from latesync.model import Drift, MappingState
from latesync.options import Decision, SafetyLimits
from latesync.store.accounts import record_disconnected
from latesync.store.choices import read_safety_limits, write_safety_limits
from latesync.store.drift import record_seen
from latesync.store.held import (
    Choice,
    HeldOperation,
    HeldSince,
    count_held,
    count_rewritten,
    decide,
    forget_held,
    list_decided,
    list_held,
    read_known,
    record_left_as_is,
    record_retired_undeleted,
    replace_held,
)
from latesync.store.history import What
from latesync.store.mappings import mappings_of_bookings, record_gone
from latesync.store.site_rules import read_zones, record_site_rules, zone_before
from latesync.store.sites import read_site, write_setting
from latesync.store.trust_schema import history
from tests.store.builders import HOUR, NOW, SITE, Site, a_span

RELEASED, REJECTED = Decision.RELEASED, Decision.REJECTED
DELETES = [HeldOperation(number, "delete", "booking cancelled") for number in (7, 8, 9)]


def hold(site: Site, agent_id: int = 1, at: int = 0) -> int:
    """An account with three operations that wait, since so many hours after NOW."""
    account_id = site.connect(agent_id)
    replace_held(site.database, account_id, DELETES, NOW + at * HOUR)
    return account_id


def told(site: Site) -> list[tuple[str, int | None, int | None, str | None]]:
    with site.database.read() as connection:
        rows = connection.execute(history.select().order_by(history.c.id)).all()
    return [(row.what, row.agent_id, row.booking_id, row.detail) for row in rows if "plan_" in row.what]


# --- what waits -------------------------------------------------------------------------------


def test_only_what_is_new_is_said_to_be_held(site: Site) -> None:
    account_id = site.connect()
    assert replace_held(site.database, account_id, DELETES[:2], NOW) == DELETES[:2]
    assert replace_held(site.database, account_id, DELETES, NOW) == DELETES[2:]
    assert replace_held(site.database, account_id, DELETES, NOW) == []


def test_how_much_waits_is_told_by_account_with_the_oldest_since_when(site: Site) -> None:
    first, second = hold(site, 1), hold(site, 2, at=2)
    replace_held(site.database, first, [*DELETES, HeldOperation(10, "delete", "x")], NOW + HOUR)
    decide(site.database, SITE, RELEASED, Choice(agent_id=2, booking_id=7), NOW)
    assert count_held(site.database, SITE) == [
        HeldSince(first, 1, 4, NOW),
        HeldSince(second, 2, 2, NOW + 2 * HOUR),
    ]


def test_what_a_disconnected_account_would_have_done_waits_for_nobody(site: Site) -> None:
    account_id = hold(site)
    record_disconnected(site.database, account_id, NOW)
    assert (list_held(site.database, SITE), count_held(site.database, SITE)) == ([], [])
    assert decide(site.database, SITE, RELEASED, Choice(), NOW) == []


# --- what is decided --------------------------------------------------------------------------


def test_a_decision_keeps_what_waits_and_makes_its_account_due(site: Site) -> None:
    account_id, other = hold(site, 1), hold(site, 2)
    for claim in site.claim():
        site.release(claim.account.id)
    assert decide(site.database, SITE, RELEASED, Choice(agent_id=1), NOW + HOUR) == DELETES
    assert set(read_known(site.database, account_id).values()) == {RELEASED}
    assert set(read_known(site.database, other).values()) == {None}
    assert [row.agent_id for row in list_held(site.database, SITE)] == [2, 2, 2]
    assert [row.decided_at for row in list_decided(site.database, SITE)] == [NOW + HOUR] * 3
    assert site.account(account_id).outbound_due_at == NOW + HOUR
    assert site.account(other).outbound_due_at is None


def test_deciding_twice_changes_nothing_more(site: Site) -> None:
    account_id = hold(site)
    decide(site.database, SITE, RELEASED, Choice(), NOW)
    assert decide(site.database, SITE, REJECTED, Choice(), NOW + HOUR) == []
    assert set(read_known(site.database, account_id).values()) == {RELEASED}
    detail = '{"operation": "delete"}'
    assert told(site) == [(What.PLAN_RELEASED, 1, row.booking_id, detail) for row in DELETES]


def test_two_people_who_decide_at_once_decide_each_thing_once(site: Site) -> None:
    account_id = hold(site)
    with ThreadPoolExecutor(2) as people:
        done = [
            people.submit(decide, site.database, SITE, decision, Choice(), NOW)
            for decision in (RELEASED, REJECTED)
        ]
    assert sorted(row for each in done for row in each.result()) == DELETES
    assert None not in read_known(site.database, account_id).values()


@pytest.mark.parametrize(
    ("choice", "bookings"),
    [
        (Choice(booking_id=8), [8]),
        (Choice(operation="delete"), [7, 8, 9]),
        (Choice(operation="update"), []),
        (Choice(reason="booking cancelled"), [7, 8, 9]),
        (Choice(reason="booking removed"), []),
        (Choice(booking_id=8, operation="update"), []),
        (Choice(agent_id=2), []),
        (Choice(held_until=NOW), [7, 8, 9]),
        (Choice(held_until=NOW - timedelta(microseconds=1)), []),
    ],
)
def test_only_what_was_chosen_is_decided(site: Site, choice: Choice, bookings: list[int]) -> None:
    hold(site)
    assert [row.booking_id for row in decide(site.database, SITE, RELEASED, choice, NOW)] == bookings


def test_what_was_held_after_the_page_was_shown_is_not_decided_with_it(site: Site) -> None:
    account_id = hold(site)
    later = HeldOperation(10, "delete", "booking cancelled")
    replace_held(site.database, account_id, [*DELETES, later], NOW + HOUR)
    assert decide(site.database, SITE, RELEASED, Choice(held_until=NOW), NOW + HOUR) == DELETES
    assert [row.booking_id for row in list_held(site.database, SITE)] == [10]


def test_a_decision_outlives_the_plans_that_still_hold_it(site: Site) -> None:
    """A run that planned before the decision writes what it held after it."""
    account_id = hold(site)
    decide(site.database, SITE, RELEASED, Choice(), NOW)
    replace_held(site.database, account_id, DELETES, NOW + HOUR)
    assert set(read_known(site.database, account_id).values()) == {RELEASED}


def test_a_decision_about_what_is_planned_no_more_is_forgotten(site: Site) -> None:
    account_id = hold(site)
    decide(site.database, SITE, RELEASED, Choice(), NOW)
    replace_held(site.database, account_id, [], NOW, decided={DELETES[0]: RELEASED})
    assert read_known(site.database, account_id) == {DELETES[0]: RELEASED}
    forget_held(site.database, account_id, 7)
    assert read_known(site.database, account_id) == {}


def test_a_decision_moves_on_to_what_follows_from_it(site: Site) -> None:
    account_id = site.connect()
    move = HeldOperation(7, "move booking", "moved in the calendar")
    replace_held(site.database, account_id, [move], NOW)
    decide(site.database, SITE, REJECTED, Choice(), NOW)
    back = HeldOperation(7, "update", "edited in the calendar")
    assert replace_held(site.database, account_id, [], NOW, decided={back: RELEASED}) == []
    assert read_known(site.database, account_id) == {back: RELEASED}


def test_history_tells_of_one_booking_which(site: Site) -> None:
    hold(site)
    decide(site.database, SITE, REJECTED, Choice(booking_id=8), NOW)
    assert told(site) == [(What.PLAN_REJECTED, 1, 8, '{"operation": "delete"}')]


# --- what a rejection leaves ------------------------------------------------------------------


def test_an_event_that_was_not_to_be_deleted_is_nobodys_work_any_more(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    with site.database.write() as connection:
        record_retired_undeleted(connection, [mapping_id], NOW)
    (mapping,) = mappings_of_bookings(site.database, account_id, [7]).values()
    assert (mapping.state, mapping.etag) == (MappingState.RETIRED, '"1"')


def test_an_event_that_was_not_to_be_changed_counts_as_written(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    record_seen(
        site.database, mapping_id, etag='"2"', has_agent_notes=False, drift=Drift.EDITED, now=NOW,
        drift_span=a_span(30),
    )  # fmt: skip
    with site.database.write() as connection:
        record_left_as_is(connection, mapping_id, "content-2", "booking-2", NOW)
    (mapping,) = mappings_of_bookings(site.database, account_id, [7]).values()
    assert (mapping.content_hash, mapping.booking_hash) == ("content-2", "booking-2")
    assert (mapping.state, mapping.span, mapping.etag) == (MappingState.LIVE, a_span(), '"2"')
    assert (mapping.drift, mapping.drift_span, mapping.drift_refused) == (None, None, "")


def test_a_new_wording_rewrites_what_is_to_come(site: Site) -> None:
    account_id = site.connect()
    for booking_id, hours in ((7, 24), (8, 48), (9, -48)):
        site.live_mapping(account_id, booking_id, span=a_span(hours))
    with site.database.write() as connection:
        past = [row.id for row in mappings_of_bookings(site.database, account_id, [9]).values()]
        connection.exec_driver_sql(
            f"UPDATE mappings SET ends_at = '2020-01-01 00:00:00' WHERE id = {past[0]}"
        )
    assert count_rewritten(site.database, SITE, NOW) == 2
    record_gone(
        site.database, next(iter(mappings_of_bookings(site.database, account_id, [7]).values())).id, NOW
    )
    assert count_rewritten(site.database, SITE, NOW) == 1


# --- the owner's limits -----------------------------------------------------------------------


def test_limits_are_kept_and_unknown_ones_are_none(site: Site) -> None:
    assert read_safety_limits(site.database, SITE) is None
    write_safety_limits(site.database, SITE, SafetyLimits(0.35, 12), NOW)
    assert read_safety_limits(site.database, SITE) == SafetyLimits(0.35, 12)
    write_setting(site.database, SITE, "safety_limits", "of a newer program")
    assert read_safety_limits(site.database, SITE) is None


# --- what the site says of all bookings at once -----------------------------------------------


def test_another_zone_or_status_makes_everybody_due(site: Site) -> None:
    account_id = site.connect()

    def look(zone: str, *statuses: str) -> bool:
        for claim in site.claim():
            site.release(claim.account.id)
        assert site.account(account_id).outbound_due_at is None
        has_changed = record_site_rules(site.database, SITE, zone, statuses, NOW)
        assert (site.account(account_id).outbound_due_at is not None) is has_changed
        return has_changed

    assert not look("Europe/Berlin", "approved", "pending")
    assert not look("Europe/Berlin", "pending", "approved")
    assert look("Europe/Berlin", "approved")
    assert look("Asia/Tokyo", "approved")
    assert read_site(site.database, SITE).zone == "Asia/Tokyo"


def test_the_zone_before_is_known_while_something_waits_because_of_it(site: Site) -> None:
    for hours, zone in enumerate(("Europe/Berlin", "Europe/Berlin", "Asia/Tokyo", "America/Lima")):
        record_site_rules(site.database, SITE, zone, ["approved"], NOW + hours * HOUR)
    seen = read_zones(site.database, SITE)
    assert [each.zone for each in seen] == ["Europe/Berlin", "Asia/Tokyo", "America/Lima"]
    assert zone_before(seen, NOW + 2 * HOUR) == "Europe/Berlin"
    assert zone_before(seen, NOW + 3 * HOUR) == "Asia/Tokyo"
    assert zone_before(seen[:1], NOW) == zone_before([], NOW) == ""
