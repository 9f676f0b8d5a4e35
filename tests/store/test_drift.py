"""Where agents moved our events, what the site did not take over, and the owner's policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from latesync.model import EARLIER, OTHER_CALENDAR, UNANSWERED, UNWITNESSED, Drift, Mapping, MappingState
from latesync.options import DriftPolicy
from latesync.store.choices import read_drift_policy, write_drift_policy
from latesync.store.drift import (
    list_drifted,
    record_drift_refused,
    record_seen,
    record_unanswered,
    withdraw_unanswered,
)
from latesync.store.mappings import read_mappings, record_gone, record_intents, record_retired, record_written
from latesync.store.refusals import forget_refusals, list_refusals, prune_refusals, record_refusal
from latesync.store.sites import write_setting
from latesync.store.wishes import count_wishes_granted, record_wish_granted
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site, a_span, an_intent


def only(site: Site, account_id: int) -> Mapping:
    (mapping,) = read_mappings(site.database, account_id)
    return mapping


def seen(site: Site, mapping_id: int, drift: Drift | None = Drift.EDITED, **changes: Any) -> None:
    values: dict[str, Any] = {"etag": '"2"', "has_agent_notes": False, "now": NOW, **changes}
    record_seen(site.database, mapping_id, drift=drift, **values)


def test_where_an_event_was_moved_to_is_kept(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    seen(site, mapping_id, drift_span=a_span(30))
    assert only(site, account_id).drift_span == a_span(30)
    seen(site, mapping_id, Drift.DELETED)
    assert only(site, account_id).drift_span is None


@pytest.mark.parametrize(("told", "kept"), [("AAMk1", "AAMk1"), ("", "ls7g0")])
def test_an_event_that_stands_again_may_tell_its_own_id(site: Site, told: str, kept: str) -> None:
    """microsoft-graph.md E10: only the key it was asked for under was known."""
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    record_gone(site.database, mapping_id, NOW)
    seen(site, mapping_id, stands_again=True, event_id=told)
    assert (only(site, account_id).event_id, only(site, account_id).state) == (kept, MappingState.LIVE)


def test_another_drift_is_another_wish(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    seen(site, mapping_id, drift_span=a_span(30))
    record_drift_refused(site.database, mapping_id, "not_bookable", NOW)
    assert only(site, account_id).drift_refused == "not_bookable"
    seen(site, mapping_id, drift_span=a_span(60))
    assert only(site, account_id).drift_refused == ""


def test_what_is_seen_before_an_answer_may_be_our_own_doing(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    for drift in (Drift.EDITED, Drift.DELETED):
        record_unanswered(site.database, [mapping_id], NOW)
        seen(site, mapping_id, drift, refused=UNWITNESSED)
        assert only(site, account_id).drift_refused == UNANSWERED
    seen(site, mapping_id, None, refused=UNWITNESSED)
    assert only(site, account_id).drift_refused == ""


def test_a_write_that_was_never_tried_leaves_everything_as_it_was(site: Site) -> None:
    account_id = site.connect()
    first, second, third = (site.live_mapping(account_id, booking_id=number) for number in (1, 2, 3))
    record_drift_refused(site.database, second, "not_bookable", NOW)
    record_unanswered(site.database, [first, second, third], NOW)
    withdraw_unanswered(site.database, {first: "", second: "not_bookable"}, NOW)
    refused = {mapping.id: mapping.drift_refused for mapping in read_mappings(site.database, account_id)}
    assert refused == {first: "", second: "not_bookable", third: UNANSWERED}


def test_a_choice_of_apply_makes_no_wish_of_what_differs_already(site: Site) -> None:
    account_id = site.connect()
    first, second = (site.live_mapping(account_id, booking_id=number) for number in (1, 2))
    write_drift_policy(site.database, SITE, DriftPolicy.LEAVE, NOW)
    seen(site, first)
    write_drift_policy(site.database, SITE, DriftPolicy.APPLY, NOW)
    seen(site, second)
    write_drift_policy(site.database, SITE, DriftPolicy.APPLY, NOW)  # saved once more
    refused = {mapping.id: mapping.drift_refused for mapping in read_mappings(site.database, account_id)}
    assert refused == {first: EARLIER, second: ""}


def test_bookings_that_followed_are_counted_for_a_while(site: Site) -> None:
    account_id, other = site.connect(), 99
    for hours in (0, 1, 7):
        since = NOW + HOUR * (hours - 6)
        record_wish_granted(site.database, SITE, account_id, NOW + HOUR * hours, since=since)
    assert count_wishes_granted(site.database, SITE, account_id, NOW + HOUR) == 2
    assert count_wishes_granted(site.database, SITE, account_id, NOW - HOUR) == 2  # the first is forgotten
    assert count_wishes_granted(site.database, SITE, other, NOW - HOUR) == 0


@pytest.mark.parametrize("is_seen_there_first", [True, False])
def test_an_event_in_another_calendar_is_no_deletion_whichever_is_seen_first(
    site: Site, is_seen_there_first: bool
) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    if is_seen_there_first:
        record_drift_refused(site.database, mapping_id, OTHER_CALENDAR, NOW)
        seen(site, mapping_id, Drift.DELETED)
    else:
        seen(site, mapping_id, Drift.DELETED)
        record_drift_refused(site.database, mapping_id, OTHER_CALENDAR, NOW)
    assert only(site, account_id).drift_refused == OTHER_CALENDAR
    seen(site, mapping_id, None)
    assert only(site, account_id).drift_refused == ""


@pytest.mark.parametrize("what", ["written", "gone", "intended anew"])
def test_what_is_written_anew_has_not_drifted(site: Site, what: str) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    seen(site, mapping_id, drift_span=a_span(30))
    record_drift_refused(site.database, mapping_id, "past", NOW)
    if what == "written":
        record_written(
            site.database, mapping_id, state=MappingState.LIVE, etag='"3"', content_hash="h", echo_hash="h",
            has_agent_notes=False, span=a_span(), now=NOW,
        )  # fmt: skip
    elif what == "gone":
        record_gone(site.database, mapping_id, NOW)
    else:
        record_intents(site.database, [an_intent(account_id, generation=1)], NOW)
    mapping = only(site, account_id)
    assert (mapping.drift, mapping.drift_span, mapping.drift_refused) == (None, None, "")


def test_drifted_events_are_listed_while_they_are_in_force(site: Site) -> None:
    account_id = site.connect()
    first, second = site.live_mapping(account_id, 9), site.live_mapping(account_id, 8)
    site.live_mapping(account_id, 7)
    seen(site, first, drift_span=a_span(30))
    seen(site, second, Drift.DELETED)
    assert [mapping.booking_id for mapping in list_drifted(site.database, SITE)] == [8, 9]
    record_retired(site.database, [first], NOW)
    assert [mapping.booking_id for mapping in list_drifted(site.database, SITE)] == [8]
    assert list_drifted(site.database, "another site") == []


def test_refusals_are_listed_newest_first_and_pruned(site: Site) -> None:
    for number in range(1, 14):
        record_refusal(
            site.database, SITE, 1, number, wish="move", reason="past", now=NOW + number * SECOND,
            wanted_starts_at=NOW + HOUR,
        )  # fmt: skip
    record_refusal(site.database, SITE, 2, 99, wish="cancel", reason="past", now=NOW)
    rows = list_refusals(site.database, SITE, 1, NOW)
    assert [row.booking_id for row in rows] == list(range(13, 3, -1))
    assert rows[0].wanted_starts_at == NOW + HOUR
    assert [row.booking_id for row in list_refusals(site.database, SITE, 1, NOW + 12 * SECOND)] == [13, 12]
    assert prune_refusals(site.database, NOW + 13 * SECOND) == 13
    assert [row.booking_id for row in list_refusals(site.database, SITE, 1, NOW)] == [13]


def test_a_refusal_names_its_booking_and_is_forgotten_with_it(site: Site) -> None:
    for booking_id in (41, 41, 42):
        record_refusal(
            site.database, SITE, 1, booking_id, wish="move", reason="past", now=NOW, wanted_starts_at=NOW,
            booking_code="JBJPLLW", starts_at=NOW + HOUR,
        )  # fmt: skip
    record_refusal(site.database, SITE, 1, 43, wish="cancel", reason="past", now=NOW)
    forget_refusals(site.database, "another site", 42)
    forget_refusals(site.database, SITE, 41)
    rows = list_refusals(site.database, SITE, 1, NOW)
    assert [(row.booking_id, row.booking_code, row.starts_at) for row in rows] == [
        (43, "", None),
        (42, "JBJPLLW", NOW + HOUR),
    ]


def test_drift_is_put_back_until_the_owner_chooses_otherwise(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    site.release(account_id)
    assert read_drift_policy(site.database, SITE) is DriftPolicy.RESTORE
    later = NOW + timedelta(minutes=5)
    write_drift_policy(site.database, SITE, DriftPolicy.APPLY, later)
    assert read_drift_policy(site.database, SITE) is DriftPolicy.APPLY
    assert site.account(account_id).outbound_due_at == later


def test_a_policy_of_a_newer_program_means_putting_back(site: Site) -> None:
    write_setting(site.database, SITE, "drift_policy", "ask")
    assert read_drift_policy(site.database, SITE) is DriftPolicy.RESTORE
