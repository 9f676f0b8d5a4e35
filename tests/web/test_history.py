""" "What did it do, and why?" for any event, in two clicks; and why a booking is not in the calendar."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from latesync.model import Booking
from latesync.store.accounts import record_needs_sign_in
from latesync.store.explaining import mappings_of_booking
from latesync.store.history import Entry, Wanted, What, Who, read_history, record_history
from latesync.store.mappings import record_set_aside
from latesync.store.trust_schema import pauses
from latesync.sync.now import sync_now
from tests.web.salon import ANNA, DANA, NOW, Salon, post

HOUR = timedelta(hours=1)


@pytest.fixture
def synced(salon: Salon) -> Salon:
    """Dana is connected, and her bookings stand in her calendar."""
    salon.upload()
    salon.connect()
    sync(salon)
    return salon


def sync(salon: Salon) -> None:
    account = salon.account()
    assert account is not None
    sync_now(salon.services.sync_parts(), "test", [account])


def bookings(salon: Salon, agent_id: int = DANA) -> list[Booking]:
    snapshot = salon.services.site.read_snapshot(agent_id)
    wanted = [each for each in snapshot.bookings.values() if each.status in snapshot.wanted_statuses]
    return sorted((each for each in wanted if each.span.end > NOW), key=lambda each: each.span)


def change_on_site(salon: Salon, statement: str, *values: Any) -> None:
    with sqlite3.connect(salon.services.config.home.parent / "site.db") as site:
        site.execute(statement, values)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main", 1)[-1])).replace(" .", ".")


def whats(salon: Salon, **wanted: Any) -> list[What]:
    return [
        row.what for row in read_history(salon.services.database, salon.services.site_id, Wanted(**wanted))
    ]


# --- what runs write down ---------------------------------------------------------------------


def test_each_write_of_a_run_is_kept_with_its_reason_and_its_run(synced: Salon) -> None:
    """users-ask.md U10."""
    rows = read_history(synced.services.database, synced.services.site_id, Wanted(what=What.EVENT_CREATED))
    assert {row.booking_id for row in rows} == {each.id for each in bookings(synced)}
    assert {(row.who, row.why, row.result, row.agent_id) for row in rows} == {
        (Who.LATESYNC, "new booking", "", DANA)
    }
    (run,) = {row.run for row in rows}
    assert run is not None
    assert re.fullmatch("[0-9a-f]{32}", run)


def test_cancelling_and_what_the_agent_does_is_kept_in_order(synced: Salon) -> None:
    """users-ask.md U37: from the history a deletion can be told, and undone."""
    booking = bookings(synced)[0]
    change_on_site(synced, "UPDATE wp_latepoint_bookings SET status = 'cancelled' WHERE id = ?", booking.id)
    synced.clock.advance(HOUR)
    sync(synced)
    assert whats(synced, booking_id=booking.id) == [What.EVENT_DELETED, What.EVENT_CREATED]
    row = read_history(synced.services.database, synced.services.site_id, Wanted(booking_id=booking.id))[0]
    assert row.why == "booking cancelled"
    assert row.detail["starts_at"] == booking.span.start.isoformat()


def test_what_the_agent_did_to_the_event_and_what_followed_is_kept(synced: Salon) -> None:
    """users-ask.md U24."""
    booking = bookings(synced)[0]
    (mapping,) = mappings_of_booking(synced.services.database, synced.services.site_id, booking.id)
    later = {"dateTime": (booking.span.start + HOUR).isoformat()}
    end = {"dateTime": (booking.span.end + HOUR).isoformat()}
    synced.google.patch_event("dana@example.com", mapping.event_id, {"start": later, "end": end})
    sync(synced)
    rows = read_history(synced.services.database, synced.services.site_id, Wanted(booking_id=booking.id))
    assert [(row.who, row.what, row.why) for row in rows] == [
        (Who.LATESYNC, What.EVENT_UPDATED, "edited in the calendar"),
        (Who.AGENT, What.DRIFT_SEEN, "edited"),
        (Who.LATESYNC, What.EVENT_CREATED, "new booking"),
    ]
    assert rows[0].run == rows[1].run
    assert "The event was moved in the calendar, from" in why(synced, booking.id)


def test_busy_time_that_reaches_the_form_is_counted(synced: Salon) -> None:
    times = {"start": {"date": "2026-11-29"}, "end": {"date": "2026-11-30"}}
    synced.google.put_event("dana@example.com", {"summary": "x"} | times)
    sync(synced)
    (row,) = read_history(synced.services.database, synced.services.site_id, Wanted(what=What.BUSY_CHANGED))
    assert row.detail == {"added": 1, "removed": 0}


def test_idle_look_writes_nothing_down(synced: Salon) -> None:
    before = len(whats(synced))
    synced.clock.advance(HOUR)
    sync(synced)
    assert len(whats(synced)) == before


# --- two clicks -------------------------------------------------------------------------------


def test_two_clicks_from_the_dashboard_tell_what_was_done_with_a_booking_and_why(synced: Salon) -> None:
    owner, booking = synced.owner(), bookings(synced)[0]
    first = re.search(rf'href="(/agents/{DANA})"', owner.get("/").text)
    assert first
    agent_page = owner.get(first[1]).text
    second = re.search(rf'href="(/bookings/{booking.id})"', agent_page)
    assert second
    page = text_of(owner.get(second[1]).text)
    assert "It is in Dana Reyes’s calendar, as it should be." in page
    assert "Written into the calendar" in page
    assert "the booking is new" in page


def test_run_on_the_agents_page_leads_to_what_it_did(synced: Salon) -> None:
    owner = synced.owner()
    link = re.search(r'href="(/history\?run=[0-9a-f]{32})"', owner.get(f"/agents/{DANA}").text)
    assert link
    page = owner.get(link[1]).text
    assert page.count("Written into the calendar") == len(bookings(synced))


# --- the history's page -----------------------------------------------------------------------


def test_history_is_found_by_a_bookings_code(synced: Salon) -> None:
    booking, other = bookings(synced)[:2]
    page = synced.owner().get(f"/history?text={booking.code.lower()}").text
    assert f'href="/bookings/{booking.id}"' in page
    assert f'href="/bookings/{other.id}"' not in page


def test_code_nobody_has_says_so_and_shows_nothing(synced: Salon) -> None:
    page = text_of(synced.owner().get("/history?text=NOSUCH").text)
    assert "The site has no booking with the code “NOSUCH”" in page
    assert "Written into the calendar" not in page


@pytest.mark.parametrize("number", ["9" * 9, "9" * 5000])
def test_number_no_table_can_hold_is_no_error(salon: Salon, number: str) -> None:
    owner = salon.owner()
    assert (
        owner.get("/history", query_string={"text": number, "agent": number, "before": number}).status_code
        == 200
    )
    assert owner.get(f"/bookings/{number[:30]}").status_code == 404


def fill(salon: Salon, count: int, **changes: Any) -> None:
    entries = [
        Entry(at=NOW, who=Who.LATESYNC, what=What.EVENT_CREATED, booking_id=1000 + number, **changes)
        for number in range(count)
    ]
    record_history(salon.services.database, salon.services.site_id, entries)


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<a href="/bookings/(\d+)">Booking', page)]


def test_long_history_comes_page_by_page_with_the_filter_kept(salon: Salon) -> None:
    fill(salon, 120, agent_id=DANA)
    owner, seen = salon.owner(), []
    address: str | None = f"/history?agent={DANA}"
    while address:
        page = owner.get(address).text
        seen += shown(page)
        older = re.search(r'href="(/history\?[^"]*before=\d+[^"]*)"', page)
        address = older[1].replace("&amp;", "&") if older else None
        assert address is None or f"agent={DANA}" in address
    assert seen == list(range(1119, 999, -1))


def test_csv_has_every_entry_that_matches_in_the_sites_time(salon: Salon) -> None:
    fill(salon, 70, agent_id=DANA, why="new booking")
    fill(salon, 3, agent_id=ANNA)
    answer = salon.owner().get(f"/history.csv?agent={DANA}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 70
    assert rows[0]["when (Europe/Berlin)"] == "2026-11-20 14:05:00"
    assert (rows[0]["booking"], rows[0]["why"]) == ("1069", "new booking")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_csv_holds_no_formula_whatever_a_provider_sent(salon: Salon) -> None:
    for reason in ('=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\tx"):
        fill(salon, 1, result=reason)
    cells = [cell for row in csv.reader(io.StringIO(salon.owner().get("/history.csv").text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert "'+1" in cells


def test_json_is_one_array_with_instants_in_utc(salon: Salon) -> None:
    fill(salon, 2, detail={"starts_at": NOW.isoformat()})
    first, second = json.loads(salon.owner().get("/history.json").text)
    assert (first["booking"], second["booking"]) == (1001, 1000)
    assert first["when"] == NOW.isoformat()
    assert first["detail"] == {"starts_at": NOW.isoformat()}


def test_empty_history_is_an_empty_array(salon: Salon) -> None:
    assert json.loads(salon.owner().get("/history.json?booking=5").text) == []


def test_export_of_what_cannot_be_understood_leads_to_the_page_that_says_so(salon: Salon) -> None:
    answer = salon.owner().get("/history.csv?since=soon")
    assert answer.status_code == 302
    assert "The day cannot be read" in salon.owner().get(answer.location).text


# --- why is this booking (not) there? ---------------------------------------------------------


def why(salon: Salon, booking_id: int, *, status: int = 200) -> str:
    answer = salon.owner().get(f"/bookings/{booking_id}")
    assert answer.status_code == status
    return text_of(answer.text)


def test_booking_that_waits_says_what_for_and_when(salon: Salon) -> None:
    """users-ask.md U12."""
    salon.upload()
    salon.connect()
    page = why(salon, bookings(salon)[0].id)
    assert "It is not in Dana Reyes’s calendar yet: LateSync is about to write it." in page
    assert "It is due now" in page


def test_signed_out_agents_booking_says_whose_turn_it_is(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account = salon.account()
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", NOW)
    page = why(salon, bookings(salon)[0].id)
    assert "Google has signed Dana Reyes out." in page
    assert "It is due now" not in page


def test_paused_agents_booking_says_since_when(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    with salon.services.database.write() as connection:
        connection.execute(insert(pauses).values(site_id=salon.services.site_id, agent_id=DANA, since=NOW))
    assert "Dana Reyes is paused since Fri 20 Nov, 14:05" in why(salon, bookings(salon)[0].id)


def test_booking_of_an_agent_without_a_calendar_says_so(salon: Salon) -> None:
    assert "Anna Berg has not connected a calendar." in why(salon, bookings(salon, ANNA)[0].id)


def test_cancelled_booking_says_that_its_status_is_why(synced: Salon) -> None:
    booking = bookings(synced)[0]
    change_on_site(synced, "UPDATE wp_latepoint_bookings SET status = 'cancelled' WHERE id = ?", booking.id)
    sync(synced)
    page = why(synced, booking.id)
    assert "its status is “cancelled”" in page
    assert "Taken out of the calendar" in page


def test_number_of_no_booking_is_not_found_and_says_so(synced: Salon) -> None:
    assert "The site has no booking 99999." in why(synced, 99999, status=404)


def test_vanished_booking_is_told_from_the_history(synced: Salon) -> None:
    booking = bookings(synced)[0]
    change_on_site(synced, "DELETE FROM wp_latepoint_bookings WHERE id = ?", booking.id)
    sync(synced)
    page = why(synced, booking.id)
    assert f"The site has no booking {booking.id}." in page
    assert "the booking was removed from the site" in page


def test_page_works_while_the_site_is_away(synced: Salon) -> None:
    booking = bookings(synced)[0]
    (synced.services.config.home.parent / "site.db").rename(synced.services.config.home / "away.db")
    synced.services.site.doubt()
    synced.services.site_engine.dispose()
    page = why(synced, booking.id)
    assert "The booking site cannot be read now" in page
    assert "Written into the calendar" in page


def refuse(salon: Salon, booking: Booking) -> None:
    account = salon.account()
    assert account is not None
    record_set_aside(
        salon.services.database,
        account.id,
        booking.id,
        content_hash=content_hash_of(salon, booking),
        span=booking.span,
        problem="invalid",
        now=NOW,
    )


def content_hash_of(salon: Salon, booking: Booking) -> str:
    (mapping,) = mappings_of_booking(salon.services.database, salon.services.site_id, booking.id)
    return mapping.content_hash


def test_refused_event_says_why_and_is_tried_again_at_a_click(synced: Salon) -> None:
    """users-ask.md U12, U13; odoo-calendar-sync.md §4."""
    booking = bookings(synced)[0]
    refuse(synced, booking)
    assert "Google did not accept one of its times or texts" in why(synced, booking.id)
    owner = synced.owner()
    answer = post(owner, f"/bookings/{booking.id}/retry", page=f"/bookings/{booking.id}")
    assert answer.status_code == 302
    sync(synced)
    assert "It is in Dana Reyes’s calendar, as it should be." in why(synced, booking.id)
    assert What.EVENT_RETRIED in whats(synced, booking_id=booking.id)


def test_retry_of_what_is_fine_says_that_there_is_nothing_to_try(synced: Salon) -> None:
    booking = bookings(synced)[0]
    refuse(synced, booking)
    owner = synced.owner()
    token = re.search(r'name="csrf_token" value="([^"]+)"', owner.get("/settings").text)
    assert token
    other = bookings(synced)[1]
    owner.post(f"/bookings/{other.id}/retry", data={"csrf_token": token[1]})
    assert "nothing to try again" in owner.get(f"/bookings/{other.id}").text
