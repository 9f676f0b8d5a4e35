"""What was read of calendars: pages, items, busy time, and where the next listing goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from latesync.model import CalendarItem, EventKind
from latesync.store.accounts import choose_calendars, record_disconnected, record_needs_sign_in
from latesync.store.calendars import (
    forget_sync_token,
    read_calendars,
    read_items,
    read_slots,
    record_calendar_problem,
    record_published,
    replace_all_slots,
    start_listing,
)
from latesync.store.drift import record_seen
from latesync.store.mappings import read_mappings
from tests.store.builders import HOUR, NOW, Site, a_slot, a_span, an_item


@pytest.fixture
def ref(site: Site) -> int:
    return site.calendar(site.connect()).id


@pytest.mark.parametrize(
    "item",
    [
        an_item(),
        CalendarItem("all-day", date(2026, 3, 3), date(2026, 3, 5), kind=EventKind.OUT_OF_OFFICE),
        CalendarItem("cancelled", None, None, is_cancelled=True, is_free=True),
        an_item(
            "series",
            zone="Europe/Berlin",
            recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO", "EXDATE;TZID=Europe/Berlin:20260309T100000"),
            is_tentative=True,
            is_declined=True,
            is_unanswered=True,
            kind=EventKind.FROM_MAIL,
        ),
        an_item(
            "series_20260302T090000Z", series_id="series", original_start=datetime(2026, 3, 2, 9, tzinfo=UTC)
        ),
        an_item("day", series_id="series", original_start=date(2026, 3, 2)),
        an_item("microseconds", starts=NOW, ends=NOW + HOUR),
        an_item("x" * 1024, series_id="y" * 1024),
    ],
    ids=lambda item: item.event_id[:20],
)
def test_an_item_comes_back_as_it_was_put(site: Site, ref: int, item: CalendarItem) -> None:
    site.page(ref, item)
    assert read_items(site.database, ref) == {item.event_id: item}


def test_instants_of_another_offset_come_back_in_utc(site: Site, ref: int) -> None:
    starts = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    site.page(ref, an_item(starts=starts, ends=starts + HOUR))
    stored = read_items(site.database, ref)["event-1"].starts
    assert isinstance(stored, datetime)
    assert (stored, stored.utcoffset()) == (NOW, timedelta(0))


def test_event_ids_that_differ_in_capitals_are_different_events(site: Site, ref: int) -> None:
    site.page(ref, an_item("abc"), an_item("ABC", is_free=True))
    assert {key: item.is_free for key, item in read_items(site.database, ref).items()} == {
        "abc": False,
        "ABC": True,
    }
    site.page(ref, drop=["abc"])
    assert read_items(site.database, ref).keys() == {"ABC"}


def test_items_are_found_by_their_id_or_their_series(site: Site, ref: int) -> None:
    exceptions = [an_item(f"series-{n}", series_id="series") for n in range(3)]
    site.page(ref, an_item("series"), an_item("other"), *exceptions)
    assert read_items(site.database, ref, event_ids=["other", "none"]).keys() == {"other"}
    assert read_items(site.database, ref, series_ids=["series"]).keys() == {
        "series-0",
        "series-1",
        "series-2",
    }
    assert len(read_items(site.database, ref, event_ids=["series"], series_ids=["series"])) == 4
    assert read_items(site.database, ref, event_ids=[], series_ids=[]) == {}
    assert len(read_items(site.database, ref)) == 5


def test_a_put_item_replaces_the_one_before_and_of_two_in_a_page_the_later_counts(
    site: Site, ref: int
) -> None:
    site.page(ref, an_item())
    site.page(ref, an_item(is_tentative=True), an_item(is_free=True))
    assert read_items(site.database, ref) == {"event-1": an_item(is_free=True)}


def test_a_dropped_series_takes_its_exceptions_and_all_their_slots(site: Site, ref: int) -> None:
    items = [an_item("series"), an_item("series-1", series_id="series"), an_item("other")]
    slots = (
        a_slot("a" * 32, item_id="series"),
        a_slot("b" * 32, item_id="series-1"),
        a_slot("c" * 32, item_id="other"),
    )
    site.page(ref, *items, slots=slots)
    site.page(ref, drop=["series", "never seen"])
    assert read_items(site.database, ref).keys() == {"other"}
    assert read_slots(site.database, 1).keys() == {"c" * 32}


def test_large_pages_are_kept_whole(site: Site, ref: int) -> None:
    items = [an_item(f"event-{n}") for n in range(1300)]
    slots = tuple(a_slot(f"{n:032x}", item_id=f"event-{n}") for n in range(1300))
    for _ in range(2):
        site.page(ref, *items, slots=slots)
    assert len(read_items(site.database, ref, event_ids=[item.event_id for item in items])) == 1300
    assert len(read_slots(site.database, 1)) == 1300
    site.page(ref, drop=[item.event_id for item in items])
    assert read_items(site.database, ref) == {}
    assert read_slots(site.database, 1) == {}


# --- listings ---------------------------------------------------------------------------------


def test_the_end_of_a_full_listing_drops_what_it_did_not_show(site: Site, ref: int) -> None:
    site.full_listing(
        ref,
        an_item("old"),
        an_item("kept"),
        slots=(a_slot("a" * 32, item_id="old"), a_slot("b" * 32, item_id="kept")),
    )
    site.full_listing(
        ref,
        an_item("kept"),
        an_item("new"),
        slots=(a_slot("b" * 32, item_id="kept"), a_slot("c" * 32, item_id="new")),
    )
    assert read_items(site.database, ref).keys() == {"kept", "new"}
    assert read_slots(site.database, 1).keys() == {"b" * 32, "c" * 32}


def test_until_its_end_a_full_listing_drops_nothing(site: Site, ref: int) -> None:
    site.full_listing(ref, an_item("first"), an_item("second"), slots=(a_slot(item_id="first"),))
    listing = start_listing(site.database, ref)
    site.page(ref, an_item("second"), listing=listing, sync_token=None)
    assert read_items(site.database, ref).keys() == {"first", "second"}
    assert len(read_slots(site.database, 1)) == 1
    site.page(ref, listing=listing, end_of_listing=True)
    assert read_items(site.database, ref).keys() == {"second"}
    assert read_slots(site.database, 1) == {}


def test_slots_of_an_exception_without_its_master_stay(site: Site, ref: int) -> None:
    """An exception may slide in before its master does; its slot is the series'."""
    exception = an_item("series-1", series_id="series")
    site.full_listing(ref, exception, slots=(a_slot(item_id="series"),))
    assert len(read_slots(site.database, 1)) == 1


def test_a_listing_of_one_calendar_leaves_the_others_alone(site: Site) -> None:
    account_id = site.connect()
    choose_calendars(site.database, account_id, "primary", ["primary", "team"], True, NOW)
    primary, team = (row.id for row in read_calendars(site.database, account_id))
    site.full_listing(primary, an_item(), slots=(a_slot("a" * 32),))
    site.full_listing(team, an_item(), slots=(a_slot("b" * 32),))
    site.full_listing(primary)
    assert read_items(site.database, team).keys() == {"event-1"}
    assert read_slots(site.database, 1).keys() == {"b" * 32}


def test_only_the_last_page_moves_the_sync_token(site: Site) -> None:
    account_id = site.connect()
    ref = site.calendar(account_id).id
    site.page(ref, an_item(), sync_token=None)
    calendar = site.calendar(account_id)
    assert (calendar.zone, calendar.sync_token, calendar.good_at) == ("Europe/Berlin", None, None)
    record_calendar_problem(site.database, ref, "unavailable", NOW)
    site.page(ref, sync_token="next", zone=None, now=NOW + HOUR, expanded_for=date(2026, 3, 2))
    calendar = site.calendar(account_id)
    assert (calendar.zone, calendar.sync_token, calendar.sync_token_at) == (
        "Europe/Berlin",
        "next",
        NOW + HOUR,
    )
    assert (calendar.good_at, calendar.problem, calendar.problem_since) == (NOW + HOUR, None, None)
    assert calendar.expanded_for == date(2026, 3, 2)
    forget_sync_token(site.database, ref)
    calendar = site.calendar(account_id)
    assert (calendar.sync_token, calendar.sync_token_at, calendar.good_at) == (None, None, NOW + HOUR)


def test_listings_are_numbered(site: Site, ref: int) -> None:
    assert [start_listing(site.database, ref) for _ in range(3)] == [1, 2, 3]


def test_a_calendars_problem_remembers_since_when_and_keeps_its_busy_time(site: Site) -> None:
    account_id = site.connect()
    ref = site.calendar(account_id).id
    site.page(ref, an_item(), slots=(a_slot(),))
    for hours in range(2):
        record_calendar_problem(site.database, ref, "calendar lost", NOW + hours * HOUR)
    calendar = site.calendar(account_id)
    assert (calendar.problem, calendar.problem_since) == ("calendar lost", NOW)
    assert len(read_slots(site.database, 1)) == 1
    record_calendar_problem(site.database, ref, None, NOW)
    assert site.calendar(account_id).problem_since is None


def test_a_page_and_the_drift_it_showed_are_kept_together_or_not_at_all(site: Site) -> None:
    account_id = site.connect()
    ref = site.calendar(account_id).id
    mapping_id = site.live_mapping(account_id)
    with pytest.raises(ValueError, match="the listing broke off"), site.database.write() as connection:
        _page_that_breaks_off(Site(connection, site.box, site.client_ref), ref, mapping_id)  # type: ignore[arg-type]
    assert read_items(site.database, ref) == {}
    assert read_mappings(site.database, account_id)[0].etag == '"1"'


def _page_that_breaks_off(site: Site, ref: int, mapping_id: int) -> None:
    site.page(ref, an_item())
    record_seen(site.database, mapping_id, etag='"2"', has_agent_notes=True, drift=None, now=NOW)
    raise ValueError("the listing broke off")


# --- busy time --------------------------------------------------------------------------------


def test_busy_time_is_of_all_calendars_read_for_an_agent(site: Site) -> None:
    first, second, other = site.connect(1), site.connect(1, provider="microsoft"), site.connect(2)
    for number, (account_id, agent_id) in enumerate([(first, 1), (second, 1), (other, 2)]):
        slot = a_slot(f"{number:032x}", agent_id=agent_id, span=a_span(number))
        site.page(site.calendar(account_id).id, an_item(), slots=(slot,))
    assert read_slots(site.database, 1) == {f"{number:032x}": a_span(number) for number in (0, 1)}
    record_needs_sign_in(site.database, first, "revoked", NOW)
    assert len(read_slots(site.database, 1)) == 2
    record_disconnected(site.database, first, NOW)
    assert read_slots(site.database, 1).keys() == {f"{1:032x}"}


def test_two_accounts_that_read_the_same_calendar_share_its_slots(site: Site) -> None:
    first, second = site.connect(), site.connect(provider="microsoft")
    for account_id in (first, second):
        site.page(site.calendar(account_id).id, an_item(), slots=(a_slot(),))
    assert len(read_slots(site.database, 1)) == 1
    record_disconnected(site.database, first, NOW)
    assert len(read_slots(site.database, 1)) == 1


def test_new_slots_of_an_item_replace_its_old_ones(site: Site, ref: int) -> None:
    site.page(ref, an_item("one"), slots=(a_slot("a" * 32, item_id="one"), a_slot("b" * 32, item_id="one")))
    site.page(ref, an_item("two"), slots=(a_slot("c" * 32, item_id="two"),))
    site.page(ref, an_item("one"), slots=(a_slot("b" * 32, item_id="one", span=a_span(30)),))
    assert read_slots(site.database, 1) == {"b" * 32: a_span(30), "c" * 32: a_span()}


def test_an_occurrence_that_changes_its_item_keeps_one_slot(site: Site, ref: int) -> None:
    site.page(ref, an_item("series-1"), slots=(a_slot(item_id="series-1"),))
    site.page(ref, an_item("series"), slots=(a_slot(item_id="series", span=a_span(48)),))
    assert read_slots(site.database, 1) == {"a" * 32: a_span(48)}


def test_busy_time_computed_anew_replaces_all_and_prunes_what_is_past(site: Site) -> None:
    account_id = site.connect()
    ref = site.calendar(account_id).id
    site.page(
        ref,
        an_item("past"),
        an_item("series"),
        slots=(
            a_slot("a" * 32, item_id="past"),
            a_slot("b" * 32, item_id="series"),
            a_slot("c" * 32, item_id="series"),
        ),
    )
    moved = a_slot("c" * 32, item_id="series", span=a_span(50))
    added = a_slot("d" * 32, item_id="series", span=a_span(60))
    kept = a_slot("b" * 32, item_id="series")

    replace_all_slots(site.database, ref, [kept, moved, added], date(2026, 3, 3), prune=["past"])

    assert read_slots(site.database, 1) == {slot.id: slot.span for slot in (kept, moved, added)}
    assert read_items(site.database, ref).keys() == {"series"}
    assert site.calendar(account_id).expanded_for == date(2026, 3, 3)


def test_pages_of_many_calendars_are_kept_at_the_same_time(site: Site) -> None:
    refs = {agent_id: site.calendar(site.connect(agent_id)).id for agent_id in range(1, 9)}

    def list_often(agent_id: int, ref: int) -> None:
        for number in range(5):
            slot = replace(a_slot(f"{agent_id:016x}{number:016x}"), agent_id=agent_id, item_id=f"e{number}")
            site.full_listing(ref, an_item(f"e{number}"), slots=(slot,))

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(list_often, agent_id, ref) for agent_id, ref in refs.items()]:
            future.result()
    assert all(len(read_slots(site.database, agent_id)) == 1 for agent_id in refs)


def test_the_site_has_to_be_told_what_changed_until_it_was(site: Site) -> None:
    account_id = site.connect()
    ref = site.calendar(account_id).id
    for change in (
        lambda: site.page(ref, an_item(), slots=(a_slot(),)),
        lambda: site.full_listing(ref),
        lambda: replace_all_slots(site.database, ref, [], date(2026, 3, 3)),
        lambda: choose_calendars(site.database, account_id, "primary", ["primary"], False, NOW),
    ):
        change()
        assert site.calendar(account_id).is_unpublished
        record_published(site.database, account_id)
        assert not site.calendar(account_id).is_unpublished
    site.page(ref, sync_token="next")
    assert not site.calendar(account_id).is_unpublished
