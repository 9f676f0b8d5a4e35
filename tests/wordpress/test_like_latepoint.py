"""Where the real LatePoint is less kind than hoped for: its pages' boxes, hidden notices, strict saves."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.wordpress.days import A_DAY, utc
from tests.wordpress.site import WordPress

MARKED = ".latepoint-show-notice"


def open_latepoint(page: Page, site: WordPress, user: str, route: str = "dashboard__index") -> None:
    # Not through the sign-in form: its script moves the focus by a timer, and may catch what is being typed.
    cookies = site.login(user).cookies
    page.context.add_cookies(
        [{"name": cookie.name, "value": cookie.value or "", "url": site.url} for cookie in cookies]
    )
    page.goto(f"{site.url}/wp-admin/admin.php?page=latepoint&route_name={route}&date={A_DAY}&agent_id=1")


def place_of(shown: Locator) -> FloatRect:
    box = shown.bounding_box()
    assert box is not None
    return box


@pytest.mark.parametrize("route", ["calendars__day", "dashboard__index"])
def test_busy_time_is_seen_where_it_is(every_latepoint: WordPress, page: Page, route: str) -> None:
    every_latepoint.activate()
    zone = "America/New_York"
    # A third of the nine hours of work, from the second third on.
    every_latepoint.fill_busy((1, utc(A_DAY, "11:00", zone), utc(A_DAY, "14:00", zone)))
    open_latepoint(page, every_latepoint, "admin", route)
    busy, hours = place_of(page.locator(".latesync-busy")), place_of(page.locator(".periods"))
    if route == "calendars__day":
        assert busy["y"] - hours["y"] == pytest.approx(hours["height"] / 3, abs=1)
        assert busy["height"] == pytest.approx(hours["height"] / 3, abs=1)
        assert busy["width"] == pytest.approx(hours["width"], abs=1)
    else:
        assert busy["x"] - hours["x"] == pytest.approx(hours["width"] / 3, abs=1)
        assert busy["width"] == pytest.approx(hours["width"] / 3, abs=1)
        row = place_of(page.locator(".agent-row"))
        assert busy["height"] >= 15
        assert busy["y"] + busy["height"] / 2 == pytest.approx(row["y"] + row["height"] / 2, abs=1)


def test_a_calendar_that_waits_for_its_agent_is_marked_in_latepoint_s_menu(
    bridge: WordPress, page: Page
) -> None:
    bridge.php(
        "LateSync_Bridge_Settings::set( array("
        " 'address' => 'http://127.0.0.1:9', 'secret' => 'both know it', 'site' => 'aaaaaaaaaaaa' ) );"
    )
    table = bridge.table("latesync_accounts")
    bridge.run(
        f"INSERT INTO {table} (agent_id, provider, state, message, updated_at)"
        " VALUES (1, 'google', 'connected', '', UTC_TIMESTAMP())"
    )
    open_latepoint(page, bridge, "anna")
    expect(page.get_by_role("link", name="My calendar")).to_be_visible()
    expect(page.locator(MARKED)).to_have_count(0)

    bridge.run(f"UPDATE {table} SET state = 'needs_sign_in'")
    page.reload()
    expect(page.locator(MARKED)).to_have_text("My calendar")
    page.click(MARKED)
    expect(page.get_by_role("button", name="Sign in again")).to_be_visible()

    assert MARKED[1:] in bridge.bookings.dashboard(A_DAY)
    assert "must sign in again" in bridge.get("wp-admin/profile.php", bridge.login("anna")).text


def test_a_booking_another_program_made_without_an_order_can_be_cancelled(bridge: WordPress) -> None:
    booking = bridge.bookings.book(A_DAY, 600).booking_id
    bridge.run("UPDATE wp_latepoint_bookings SET order_item_id = NULL WHERE id = :id", id=booking)
    assert not bridge.php(f"return ( new OsBookingModel( {booking} ) )->save();")
    status, body = bridge.php(
        f"$row = LateSync_Bridge_Booking_Row::read( {booking} );"
        f"return LateSync_Bridge_Write_Back::cancel( {booking}, $row );"
    )
    assert (status, body["result"]) == (200, "applied")
    assert bridge.bookings.row(booking)["status"] == "cancelled"
