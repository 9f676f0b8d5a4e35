"""After Google's return: what the page says was done, and what a second return is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.sentences.sign_in_sentences import sign_in_refused
from latesync.store.mappings import read_mappings
from tests.web.mail_links import RENEW, google_return, mail_link, reader, run_now, sign_out, signed_out
from tests.web.salon import BEN, DANA, Salon, post

DONE = "/connect/done"
DANAS = "dana@example.com"
REFRESH = '<meta http-equiv="refresh"'


# --- what is being written --------------------------------------------------------------------


def test_page_says_how_many_bookings_are_being_written_and_looks_again(salon: Salon) -> None:
    salon.upload()
    client = reader(salon)
    page = client.get(google_return(salon, client), follow_redirects=True)
    assert page.request.path == DONE
    assert "Your calendar is connected" in page.text
    assert "Signed in. 3 bookings are being written …" in page.text
    assert REFRESH in page.text


def test_page_says_what_was_written_and_rests(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    run_now(salon)
    page = client.get(DONE).text
    assert "Done: 3 bookings written, 0 changed, 0 removed; your busy times are up to date." in page
    assert REFRESH not in page
    assert 'href="/connect"' in page


def test_script_is_told_the_same(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    busy = client.get(f"{DONE}.json").json
    run_now(salon)
    rested = client.get(f"{DONE}.json").json
    assert busy == {
        "is_over": False,
        "text": "Signed in. 3 bookings are being written …",
        "waiting": 3,
        "written": 0,
        "changed": 0,
        "removed": 0,
    }
    assert rested is not None
    assert (rested["is_over"], rested["written"], rested["waiting"]) == (True, 3, 0)


def change_bookings(salon: Salon, *statements: str) -> None:
    with salon.services.site_engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def danas_bookings(salon: Salon) -> list[int]:
    """Of the events in her calendar, the soonest first."""
    account = salon.account()
    assert account is not None
    mappings = read_mappings(salon.services.database, account.id)
    return [mapping.booking_id for mapping in sorted(mappings, key=lambda mapping: mapping.span.start)]


def test_what_waited_while_signed_out_is_counted_by_kind(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    run_now(salon)
    changed, removed, _ = danas_bookings(salon)
    sign_out(salon)
    change_bookings(
        salon,
        f"UPDATE wp_latepoint_bookings SET start_time = 900, end_time = 960 WHERE id = {changed}",
        f"UPDATE wp_latepoint_bookings SET status = 'cancelled' WHERE id = {removed}",
        f"UPDATE wp_latepoint_bookings SET status = 'approved' WHERE agent_id = {DANA} AND id != {removed}",
    )
    salon.clock.advance(timedelta(minutes=1))
    client = reader(salon)
    page = client.get(google_return(salon, client), follow_redirects=True)
    assert "Signed in. 3 bookings are being written …" in page.text
    run_now(salon)
    assert "Done: 1 booking written, 1 changed, 1 removed;" in client.get(DONE).text


def test_renewal_in_time_finds_nothing_to_write(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    run_now(salon)
    salon.clock.advance(timedelta(days=5))
    client = reader(salon)
    client.get(google_return(salon, client))
    run_now(salon)
    assert "your calendar held every booking already" in client.get(DONE).text


def test_soonest_booking_is_written_first(salon: Salon) -> None:
    salon.upload()
    with salon.services.site_engine.connect() as connection:
        query = f"SELECT id FROM wp_latepoint_bookings WHERE agent_id = {DANA} ORDER BY id"
        ids = list(connection.exec_driver_sql(query).scalars())
    moved = "UPDATE wp_latepoint_bookings SET start_date = '{0}', end_date = '{0}' WHERE id = {1}"
    # So that neither numbers nor rows are in the order of time.
    change_bookings(salon, moved.format("2026-12-20", ids[0]), moved.format("2026-11-21", ids[-1]))
    salon.connect()
    run_now(salon)
    calendar = salon.google.calendar(DANAS)
    written = [calendar.events[event_id].start_ts for event_id, _ in calendar.changes.since(0)]
    assert len(written) == 3
    assert written == sorted(written)


def test_problem_after_the_return_is_said_in_plain_words(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    salon.google.add_fault("status", path="/calendar", status=503, reason="backendError", times=None)
    run_now(salon)
    page = client.get(DONE).text
    assert "Google does not answer at the moment. LateSync tries again by itself." in page
    assert REFRESH in page


def test_after_two_minutes_the_page_says_that_it_goes_on_by_itself(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    salon.clock.advance(timedelta(minutes=2))
    page = client.get(DONE).text
    assert "It goes on by itself, and you can close this page." in page
    assert REFRESH not in page


def test_an_hour_later_the_page_is_the_agents_own(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    salon.clock.advance(timedelta(hours=1))
    assert client.get(DONE).location == "/connect"
    assert client.get(f"{DONE}.json").json == {"is_over": True}


def test_page_is_the_agents_own_where_nothing_is_connected(salon: Salon) -> None:
    assert salon.agent().get(DONE).location == "/connect"


def test_held_changes_are_said_to_wait_for_the_owner(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    sessions = range(10, 24)
    rows = "SELECT * FROM wp_latepoint_bookings WHERE agent_id = 3 AND status = 'approved' LIMIT 1"
    with salon.services.site_engine.connect() as connection:
        (row,) = connection.exec_driver_sql(rows).mappings().all()
        names = [name for name in row if name not in ("id", "booking_code")]
        for number in sessions:
            values = {**row, "start_date": f"2026-12-{number}", "end_date": f"2026-12-{number}"}
            columns = ", ".join(names)
            marks = ", ".join("?" for _ in names)
            connection.exec_driver_sql(
                f"INSERT INTO wp_latepoint_bookings ({columns}) VALUES ({marks})",
                tuple(values[name] for name in names),
            )
        connection.commit()
    run_now(salon)
    change_bookings(
        salon, "UPDATE wp_latepoint_bookings SET start_time = 480, end_time = 540 WHERE agent_id = 3"
    )
    salon.clock.advance(timedelta(minutes=1))
    client = salon.connect()
    run_now(salon)
    page = client.get(DONE).text
    assert "Done:" in page
    assert "changes wait for the site’s owner" in page


# --- a second return --------------------------------------------------------------------------


def tokens_given(salon: Salon) -> int:
    return len(salon.google.refresh_tokens)


@pytest.mark.parametrize("email", [DANAS, "ben@example.com"])
def test_second_of_two_tabs_is_told_that_it_is_done(salon: Salon, email: str) -> None:
    client = reader(salon, signed_out(salon))
    first = google_return(salon, client)
    second = google_return(salon, client, email)
    salon.clock.advance(timedelta(seconds=20))
    assert client.get(first).location == DONE
    given, before = tokens_given(salon), salon.account()

    answer = client.get(second)

    assert answer.status_code == 200
    assert "You have signed in already" in answer.text
    assert 'href="/connect"' in answer.text
    assert salon.account() == before
    assert tokens_given(salon) == given  # Google was not asked for another one


def test_second_tab_that_cancels_is_told_that_it_is_done(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    first = google_return(salon, client)
    salon.google.change_user(DANAS, declines=True)
    second = google_return(salon, client)
    salon.clock.advance(timedelta(seconds=20))
    client.get(first)
    assert "You have signed in already" in client.get(second).text


def test_second_device_that_returns_late_is_told_that_it_is_done(salon: Salon) -> None:
    link = signed_out(salon)
    phone, desk = reader(salon, link), reader(salon, link)
    late = google_return(salon, desk)
    salon.clock.advance(timedelta(seconds=20))
    phone.get(google_return(salon, phone))
    answer = desk.get(late)
    assert "You have signed in already" in answer.text
    assert RENEW not in answer.text  # there is nothing left to press
    assert desk.get("/connect").location == RENEW, "its session is still the link's"


def test_double_click_on_the_button_does_no_harm(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    first, second = google_return(salon, client), google_return(salon, client)
    salon.clock.advance(timedelta(seconds=5))
    assert client.get(second).location == DONE
    assert "You have signed in already" in client.get(first).text


def test_return_opened_twice_is_told_so(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    address = google_return(salon, client)
    client.get(address)
    answer = client.get(address)
    assert sign_in_refused("state_used", provider="google").title in answer.text
    assert 'href="/connect"' in answer.text


def test_back_button_to_the_mails_page_shows_how_it_stands(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    client.get(google_return(salon, client))
    assert client.get(RENEW).location == DONE
    salon.clock.advance(timedelta(hours=2))
    assert "Please choose the account" in client.get(RENEW).text


def test_return_in_another_browser_names_the_way_on(salon: Salon) -> None:
    link = signed_out(salon)
    address = google_return(salon, reader(salon, link))
    answer = reader(salon, link).get(address)
    assert sign_in_refused("other_browser", provider="google").title in answer.text
    assert "Open in browser" in answer.text
    assert f'action="{RENEW}"' in answer.text


def test_sign_in_left_open_for_hours_has_expired_and_offers_the_button(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    address = google_return(salon, client)
    salon.clock.advance(timedelta(hours=2))
    answer = client.get(address)
    assert sign_in_refused("state_expired", provider="google").title in answer.text
    assert f'action="{RENEW}"' in answer.text


def test_sign_in_ends_with_the_session_that_began_it(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    address = google_return(salon, client)
    salon.clock.advance(timedelta(minutes=1))
    client.get(salon.personal_link(BEN))
    before = salon.account()
    answer = client.get(address)
    assert sign_in_refused("other_browser", provider="google").title in answer.text
    assert salon.account() == before


def test_shared_google_account_is_pointed_out(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA, DANAS)
    client = salon.connect(BEN, DANAS)
    assert "Another agent uses the same Google account" in client.get(DONE).text
    assert "Another agent uses" not in client.get("/connect").text


def test_signing_in_again_from_the_own_page_is_reported_too(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    run_now(salon)
    salon.clock.advance(timedelta(days=3))
    assert salon.sign_in(client).location == DONE
    assert client.get(mail_link(salon)).location == RENEW
    assert post(client, "/connect/google", page="/connect").status_code == 302
